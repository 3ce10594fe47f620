"""A rim that has the cloth's own colour: no grey of the ground at hems and cuffs."""

from __future__ import annotations

import cv2
import numpy as np

from ...arrays import enlarged, times
from ..garment import Floats, Mask, Pixels
from .morphology import blurred, shrunk, softened

_PHOTOGRAPHED = 2.0  # px at 512 that a lens and JPEG mix cloth with ground
_MIXED = 1.0  # of a rim that was cut so, or that a picture brings, px at 512


def soft_rim(mask: Mask) -> Floats:
    """Return a photographed mask as alpha, with what its rim mixes with the ground cut off."""
    scale = max(mask.shape) / 512
    return softened(shrunk(mask, _PHOTOGRAPHED * scale), scale)


def cloth_beyond(colour: Pixels, alpha: Floats) -> Pixels:
    """Return a picture whose cloth goes on where it is mixed with the ground, and beyond."""
    scale = max(alpha.shape) / 512
    solid = alpha > 0.97 * max(float(alpha.max()), 1e-3)
    pure = shrunk(np.pad(solid, 1), _MIXED * scale)[1:-1, 1:-1]
    if not pure.any():
        pure = solid
    weight = pure.astype(np.float32)
    spread = _pulled(colour.astype(np.float32), weight)
    weight = blurred(weight, 0.7 * scale) * weight
    mixture = spread + times(colour - spread, weight)
    return np.clip(mixture + 0.5, 0, 255).astype(np.uint8)


def _pulled(colour: Floats, weight: Floats) -> Floats:
    """Fill what has no weight from what has, from coarse to fine (push-pull, Gortler et al. 1996).

    Colours are (H, W, 3); weights (H, W) 0..1.
    """
    height, width = weight.shape
    known = times(colour, weight)
    if min(height, width) <= 2:
        mean = known.sum((0, 1)) / max(float(weight.sum()), 1e-6)
        return np.broadcast_to(mean, colour.shape).astype(np.float32)
    half = (width + 1) // 2, (height + 1) // 2
    less = np.asarray(cv2.resize(weight, half, interpolation=cv2.INTER_AREA), np.float32)
    coarse = np.asarray(cv2.resize(known, half, interpolation=cv2.INTER_AREA), np.float32)
    coarse /= cv2.merge([np.maximum(less, np.float32(1e-4))] * 3)
    below = _pulled(coarse, np.minimum(less * 2, 1))
    rest = enlarged(below, width, height)
    return np.asarray(known + times(rest, 1 - weight), np.float32)
