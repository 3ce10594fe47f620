"""How strong an edge a print's stripes and checks make: such lines go on where no neckline is."""

from __future__ import annotations

import numpy as np

from ..garment import Floats
from .edges import edges

# Neck widths, from the middle of the neck's corners: x to the right, y down.
_STEP = 0.02
_ACROSS = np.arange(-0.9, 0.91, _STEP, dtype=np.float32)
_DOWN = np.arange(0.0, 1.9, _STEP, dtype=np.float32)
_BELOW = np.arange(1.75, 2.7, _STEP, dtype=np.float32)  # deeper than necklines
_BESIDE = np.concatenate([np.arange(-1.3, -0.6, _STEP), np.arange(0.6, 1.3, _STEP)]).astype(
    np.float32
)
_SHARP = 1.6  # crossed at a slant, an edge is as strong as straight across, so far
_GAPS = 0.3  # of a line that may be missing, as cloth is folded
_NEAR = 5  # steps by which a line may be off where it goes on: it is not quite straight


class Stripes:
    """What lines of a print go through each place, as slopes of Lab over two steps."""

    def __init__(self, lab: Floats, place: Floats) -> None:
        """Look at smoothed Lab (H, W, 3); ``place`` (2, 3) takes neck widths to px."""
        self._upright = _lines(lab, place, _ACROSS, _BELOW)
        flat = place[:, [1, 0, 2]]
        self._level = _lines(lab, flat, _DOWN, _BESIDE)

    def across(self, at: Floats, normals: Floats) -> Floats:
        """Return how strong a print's edge is across ``normals`` (..., 2) at places (..., 2)."""
        upright = np.interp(at[..., 0], _ACROSS, self._upright)
        level = np.interp(at[..., 1], _DOWN, self._level)
        x, y = np.moveaxis(np.minimum(1, _SHARP * np.abs(normals)), -1, 0)
        return np.asarray(np.maximum(upright * x, level * y), np.float32)


def _lines(lab: Floats, place: Floats, over: Floats, along: Floats) -> Floats:
    """Return the edge at each of ``over`` that goes on along the other direction."""
    return np.asarray(np.quantile(edges(lab, place, over, along, _NEAR), _GAPS, axis=0), np.float32)
