"""Draws the example sketches: pen strokes through a few points each, black on transparent.

Run it to write the PNG files beside it.
"""

from __future__ import annotations

from math import cos, pi, sin
from pathlib import Path

from PIL import Image, ImageDraw

Stroke = list[tuple[float, float]]  # points in 0..100, x to the right and y down

SIZE, PEN, FINE = 512, 1.7, 4  # px; width of the pen in 0..100; oversampling


def ring(x: float, y: float, rx: float, ry: float, start: float = 0, turn: float = 1) -> Stroke:
    """Return an ellipse, or the part of it from ``start`` on, in turns."""
    angles = [2 * pi * (start + turn * i / 24) for i in range(25)]
    return [(x + rx * cos(a), y + ry * sin(a)) for a in angles]


SKETCHES: dict[str, list[Stroke]] = {
    "cat": [
        [(24, 44), (22, 16), (25, 13), (40, 26), (50, 25), (60, 26), (75, 13), (78, 16), (76, 44)],
        [(24, 44), (20, 56), (24, 72), (38, 83), (50, 85), (62, 83), (76, 72), (80, 56), (76, 44)],
        ring(38, 51, 3.5, 5),
        ring(62, 51, 3.5, 5),
        [(46, 63), (54, 63), (50, 67.5), (46, 63)],
        [(50, 67.5), (48, 73), (42, 73.5), (39, 70)],
        [(50, 67.5), (52, 73), (58, 73.5), (61, 70)],
        [(30, 64), (10, 60)],
        [(30, 68), (11, 71)],
        [(70, 64), (90, 60)],
        [(70, 68), (89, 71)],
    ],
    "apple": [
        [(50, 30), (40, 25), (26, 29), (18, 46), (22, 68), (35, 86), (46, 87), (50, 85)],
        [(50, 85), (54, 87), (65, 86), (78, 68), (82, 46), (74, 29), (60, 25), (50, 30)],
        [(50, 30), (50, 22), (54, 12)],
        [(53, 20), (60, 10), (73, 9), (70, 18), (60, 22), (53, 20)],
    ],
    "fish": [
        [(72, 50), (62, 34), (44, 28), (24, 34), (10, 50), (24, 66), (44, 72), (62, 66), (72, 50)],
        [(71, 50), (80, 40), (92, 30), (88, 50), (92, 70), (80, 60), (71, 50)],
        ring(24, 46, 3.5, 3.5),
        [(34, 36), (40, 50), (34, 64)],
        [(38, 29), (46, 17), (60, 22), (60, 33)],
        [(46, 52), (58, 49), (54, 60), (46, 52)],
        [(12, 54), (18, 57), (22, 55)],
    ],
    "mushroom": [
        [(12, 54), (14, 32), (32, 15), (50, 12), (68, 15), (86, 32), (88, 54), (70, 60), (50, 62)],
        [(50, 62), (30, 60), (12, 54)],
        [(37, 61), (39, 74), (34, 86), (42, 91), (58, 91), (66, 86), (61, 74), (63, 61)],
        ring(36, 34, 7, 7),
        ring(62, 28, 6, 5),
        ring(68, 46, 7, 6),
        ring(46, 50, 4, 4),
    ],
    "rocket": [
        [(50, 6), (37, 22), (33, 44), (36, 70), (64, 70), (67, 44), (63, 22), (50, 6)],
        ring(50, 36, 8, 8),
        [(34, 48), (20, 62), (18, 80), (36, 68)],
        [(66, 48), (80, 62), (82, 80), (64, 68)],
        [(41, 71), (40, 82), (46, 80), (50, 94), (54, 80), (60, 82), (59, 71)],
    ],
    "cup": [
        [(20, 38), (23, 62), (30, 80), (40, 84), (56, 84), (66, 80), (73, 62), (76, 38)],
        ring(48, 38, 28, 7),
        [(75, 46), (88, 46), (90, 58), (82, 66), (72, 66)],
        [(36, 26), (33, 20), (39, 15), (36, 8)],
        [(48, 26), (45, 20), (51, 15), (48, 8)],
        [(60, 26), (57, 20), (63, 15), (60, 8)],
    ],
}


def smooth(stroke: Stroke) -> Stroke:
    """Return a Catmull-Rom curve through the points."""
    points = [stroke[0], *stroke, stroke[-1]]
    curve: Stroke = []
    for p0, p1, p2, p3 in zip(points, points[1:], points[2:], points[3:], strict=False):
        for t in (i / 16 for i in range(17)):
            x, y = (
                b + t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))) / 2
                for a, b, c, d in zip(p0, p1, p2, p3, strict=True)
            )
            curve.append((x, y))
    return curve


def draw(strokes: list[Stroke], size: int = SIZE) -> Image.Image:
    """Return a sketch, RGBA of size × size px."""
    scale = size * FINE / 100
    ink = Image.new("L", (size * FINE, size * FINE))
    pen = ImageDraw.Draw(ink)
    for stroke in strokes:
        points = [(x * scale, y * scale) for x, y in smooth(stroke)]
        pen.line(points, 255, round(PEN * scale))
        for point in points:  # round ends, and no gaps at the bends
            pen.circle(point, PEN * scale / 2, 255)
    sketch = Image.new("RGBA", (size, size), (20, 20, 24, 255))
    sketch.putalpha(ink.resize((size, size), Image.Resampling.BOX))
    return sketch


if __name__ == "__main__":
    for name, strokes in SKETCHES.items():
        draw(strokes).save(Path(__file__).with_name(f"{name}.png"), optimize=True)
