"""Wobbly drawings with strokes that enclose nothing, and what is painted beside them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.ink.drawing.regions import inked
from livedraft.runtime.models.ink.drawing.stray import outside

from .cases import Case, Painter

FEW = 0.01  # share of a drawing that may be painted beside it


def stray_shares(painter: Painter, cases: Sequence[Case]) -> dict[str, float]:
    """Return how much is painted outside of what drawings with open strokes enclose.

    What counts is painted area that a drawing without the strokes has not, as a share of it.
    """
    shares = []
    for index, case in enumerate(cases):
        opened = with_open_lines(case.sketch, np.random.default_rng(index))
        before = painter.draw(case)[..., 3] > 127
        after = painter.draw(case, sketch=opened)[..., 3] > 127
        stray = after & ~before & _beside(opened)
        shares.append(stray.sum() / max(before.sum(), 1))
    return {
        "drawings": len(shares),
        "within_1_percent": round(float(np.mean(np.array(shares) <= FEW)), 3),
        "largest": round(float(np.max(shares)), 3),
    }


def with_open_lines(sketch: Pixels, rng: np.random.Generator) -> Pixels:
    """Add a ground line, a wisp above and a whisker, by seed, to a drawing (256, 256, 4)."""
    ys, xs = np.nonzero(sketch[..., 3] > 60)
    left, right, top, bottom = xs.min(), xs.max(), ys.min(), ys.max()
    x = np.linspace(max(left - 30, 4), min(right + 30, 251), 24)
    ground = np.stack([x, min(bottom + 6, 250) + rng.normal(0, 1.2, 24)], 1)
    y = np.linspace(max(top - 4, 30), max(top - 34, 4), 12)
    middle = rng.uniform(left + 10, max(right - 10, left + 11))
    wisp = np.stack([middle + 4 * np.sin(np.arange(12) * 0.9), y], 1)
    height = rng.uniform(top + 10, max(bottom - 10, top + 11)) + rng.normal(0, 1, 10)
    whisker = np.stack([np.linspace(right - 2, min(right + 34, 251), 10), height], 1)
    opened = sketch.copy()
    ink = np.ascontiguousarray(opened[..., 3])
    for stroke in (ground, wisp, whisker):
        points = np.rint(stroke * 8).astype(np.int32)
        cv2.polylines(ink, [points], False, 255, 4, cv2.LINE_AA, shift=3)
    opened[..., 3] = ink
    return opened


def _beside(sketch: Pixels) -> NDArray[np.bool_]:
    """Return what is neither ink nor enclosed by it, (256, 256)."""
    drawn = cv2.dilate((sketch[..., 3] > 60).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    out = outside(inked(np.asarray(sketch[..., 3] / np.float32(255), np.float32)))
    return np.asarray(cv2.resize(out.astype(np.uint8), (256, 256)) > 0) & ~drawn
