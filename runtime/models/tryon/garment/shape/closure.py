"""Where a front is closed: a zip, a placket or buttons down its middle, which begin at the neck."""

from __future__ import annotations

import numpy as np

from ..garment import Floats
from .edges import edges

# Neck widths, from the middle of the neck's corners.
_ACROSS = np.arange(-0.6, 0.61, 0.02, dtype=np.float32)
_DOWN = np.arange(0.1, 2.6, 0.03, dtype=np.float32)
_MIDDLE, _BESIDE = 0.09, (0.2, 0.5)
_RUN, _LONG = 12, 20  # rows: of a line, and of all that must go on
_DEEPEST = 1.7
_GAPS = 0.25  # of a line that may be missing
_NEAR = 3  # steps by which a line may be off from row to row
_FAINT = 0.4  # smoothed Lab a step: grain


def closed_from(lab: Floats, place: Floats) -> tuple[float, float]:
    """Return from where on a front is closed, neck widths down, and how plainly, 0..1.

    ``lab`` (H, W, 3) is smoothed, ``place`` takes neck widths to px. A closure is a line down the
    middle which goes on for long, and of which there is nothing above it.
    """
    near = edges(lab, place, _ACROSS, _DOWN, _NEAR)
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
