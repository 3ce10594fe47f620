"""Lines of a pattern: smooth between corners, in px of a 768 px picture, x from its middle."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Point = tuple[float, float]
Segment = Sequence[Point]

_STEPS = 24  # of a curve between two of its points


def curve(points: Segment) -> Floats:
    """Return a Catmull-Rom curve (n, 2) through points; two make a straight line."""
    at = np.array(points, np.float32)
    if len(at) == 2:
        return at
    ends = np.concatenate([[2 * at[0] - at[1]], at, [2 * at[-1] - at[-2]]])
    t = np.linspace(0, 1, _STEPS, endpoint=False, dtype=np.float32)[:, None]
    pieces = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        pieces.append(
            b
            + 0.5 * t * (c - a)
            + t**2 * (a - 2.5 * b + 2 * c - 0.5 * d)
            + 0.5 * t**3 * (3 * b - a - 3 * c + d)
        )
    return np.asarray(np.concatenate([*pieces, at[-1:]]), np.float32)


def path(*segments: Segment) -> Floats:
    """Return a line of curves that meet in corners; each begins where the one before ends."""
    whole = [curve(segments[0])]
    for before, segment in pairwise(segments):
        whole.append(curve([before[-1], *segment])[1:])
    return np.concatenate(whole)


def flipped(line: Floats) -> Floats:
    """Return a line on the other side of the middle."""
    return np.asarray(line * [-1, 1], np.float32)


def both_sides(right: Floats) -> Floats:
    """Return a closed line whose right half goes from the top's middle to the bottom's."""
    return np.concatenate([right, flipped(right)[::-1]])


def beside(line: Floats, off: float) -> Floats:
    """Return a line that runs at a distance to the right of its direction, px."""
    along = np.gradient(line, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    return np.asarray(line + off * np.stack([-along[:, 1], along[:, 0]], -1), np.float32)


def resampled(line: Floats, step: float) -> Floats:
    """Return points of a line at equal distances of about `step` px."""
    lengths = np.linalg.norm(np.diff(line, axis=0), axis=1)
    along = np.concatenate([[0], np.cumsum(lengths)])
    at = np.linspace(0, along[-1], max(2, round(float(along[-1]) / step)))
    return np.stack([np.interp(at, along, line[:, i]) for i in (0, 1)], -1).astype(np.float32)
