"""The same drawing in every benchmark: scripted strokes, as points and as encoded pictures."""

from __future__ import annotations

import io
import math
from itertools import pairwise

from PIL import Image, ImageDraw

Point = tuple[float, float]  # 0..1 of the paper


def strokes() -> list[list[Point]]:
    """Return a cat's head in seven strokes of 24 points each."""
    return [
        _arc((0.5, 0.55), 0.32, 0.28, -0.4, 2 * math.pi - 0.4),  # head
        _line((0.24, 0.40), (0.22, 0.14)) + _line((0.22, 0.14), (0.42, 0.29)),  # ears
        _line((0.58, 0.29), (0.78, 0.14)) + _line((0.78, 0.14), (0.76, 0.40)),
        _arc((0.39, 0.50), 0.04, 0.05, 0, 2 * math.pi),  # eyes
        _arc((0.61, 0.50), 0.04, 0.05, 0, 2 * math.pi),
        _arc((0.45, 0.64), 0.05, 0.04, 0, math.pi),  # mouth
        _arc((0.55, 0.64), 0.05, 0.04, 0, math.pi),
    ]


def jpegs(size: int, count: int = 8) -> list[bytes]:
    """Return the drawing as it grows: ``count`` JPEGs of size × size px, black on white."""
    lines = [pair for path in strokes() for pair in pairwise(path)]
    encoded = []
    for n in range(1, count + 1):
        paper = Image.new("RGB", (size, size), "white")
        pen = ImageDraw.Draw(paper)
        for a, b in lines[: len(lines) * n // count]:
            ends = [(x * size, y * size) for x, y in (a, b)]
            pen.line(ends, fill="black", width=max(1, size // 64))
        out = io.BytesIO()
        paper.save(out, "JPEG", quality=80)
        encoded.append(out.getvalue())
    return encoded


def _arc(centre: Point, width: float, height: float, start: float, end: float) -> list[Point]:
    angles = [start + (end - start) * n / 23 for n in range(24)]
    return [(centre[0] + width * math.cos(a), centre[1] + height * math.sin(a)) for a in angles]


def _line(a: Point, b: Point) -> list[Point]:
    return [(a[0] + (b[0] - a[0]) * n / 11, a[1] + (b[1] - a[1]) * n / 11) for n in range(12)]
