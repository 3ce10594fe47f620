"""Where a front is closed: a zip, a placket or buttons down its middle, which begin at the neck."""

from __future__ import annotations

import cv2
import numpy as np

from ..garment import Floats

# Neck widths, from the middle of the neck's corners.
_ACROSS = np.arange(-0.6, 0.61, 0.02, dtype=np.float32)
_DOWN = np.arange(0.1, 2.6, 0.03, dtype=np.float32)
_MIDDLE, _BESIDE = 0.09, (0.2, 0.5)
_RUN, _LONG = 12, 20  # rows: of a line, and of all that must go on
_DEEPEST = 1.7
_GAPS = 0.25  # of a line that may be missing
_FAINT = 0.4  # smoothed Lab a step: grain


def closed_from(lab: Floats, place: Floats) -> tuple[float, float]:
    """Return from where on a front is closed, neck widths down, and how plainly, 0..1.

    ``lab`` (H, W, 3) is smoothed, ``place`` takes neck widths to px. A closure is a line down the
    middle which goes on for long, and of which there is nothing above it.
    """
    x, y = np.meshgrid(_ACROSS, _DOWN)
    at = np.stack([x, y], -1) @ place[:, :2].T + place[:, 2]
    xs, ys = (np.ascontiguousarray(at[..., i], np.float32) for i in (0, 1))
    seen = np.asarray(cv2.remap(lab, xs, ys, cv2.INTER_LINEAR), np.float32)
    slope = np.zeros(x.shape, np.float32)
    slope[:, 1:-1] = np.linalg.norm(seen[:, 2:] - seen[:, :-2], axis=-1)
    near = np.asarray(cv2.dilate(slope, np.ones((1, 3), np.uint8)), np.float32)
    runs = np.lib.stride_tricks.sliding_window_view(near, _RUN, axis=0)
    lines = np.quantile(runs, _GAPS, axis=-1)
    middle = lines[:, np.abs(_ACROSS) < _MIDDLE].max(1)
    aside = (np.abs(_ACROSS) > _BESIDE[0]) & (np.abs(_ACROSS) < _BESIDE[1])
    print_ = np.quantile(lines[:, aside], 0.75, axis=1)
    best, begins = 0.0, 0.0
    for row in range(3, len(middle) - _LONG):
        if _DOWN[row] > _DEEPEST:
            break
        below = float(np.quantile(middle[row : row + _LONG], 0.2))
        above = float(np.quantile(middle[:row], 0.8))
        beside = float(np.median(print_[row : row + _LONG]))
        ratio = below / (max(above, 0.6 * beside, _FAINT) + 0.3)
        if ratio > best * 1.02:
            best, begins = ratio, float(_DOWN[row])
    return begins, float(np.clip((best - 1.1) / 0.4, 0, 1))
