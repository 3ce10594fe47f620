"""A garment's layers: sleeves and legs apart from the body, overlapping where they meet."""

from __future__ import annotations

import cv2
import numpy as np

from ..cutting.morphology import grown, softened
from ..garment import Floats, Mask

_OVERLAP = 9.0  # px at 512, to both sides of the cut, that the body goes on below a limb
_RIM = 4.0  # px at 512 of soft rim that belongs to the limb beside it


def limb_mask(shape: tuple[int, ...], outer: Floats) -> Mask:
    """Return what a limb's closed line (n, 2) px encloses."""
    inside = np.zeros(shape, np.uint8)
    cv2.fillPoly(inside, [np.round(outer * 8).astype(np.int32)], (1,), shift=3)
    return inside.astype(bool)


def split(alpha: Floats, limb: Mask, cut: Floats) -> tuple[Floats, Floats]:
    """Return a limb's alpha, and how much (0..1) of the rest stays the body's.

    `cut` (n, 2) px is the line along which both meet.
    """
    scale = max(alpha.shape) / 512
    zone = grown(limb, _RIM * scale)
    meets = _along(alpha.shape, cut, _OVERLAP * scale)
    body = softened(~zone | meets, scale)
    thin = _along(alpha.shape, cut, 2 * scale)
    # Beyond the cut the limb's own rim would be the body's cloth.
    other_side = zone & ~limb & _along(alpha.shape, cut, (_RIM + 2) * scale) & ~thin
    own = softened(zone & ~other_side | thin, scale)
    return alpha * own, body


def _along(shape: tuple[int, ...], cut: Floats, reach: float) -> Mask:
    drawn = np.zeros(shape, np.uint8)
    points = [np.round(cut * 8).astype(np.int32)]
    cv2.polylines(drawn, points, False, (1,), thickness=max(1, round(2 * reach)), shift=3)
    return drawn.astype(bool)
