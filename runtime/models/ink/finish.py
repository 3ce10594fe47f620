"""From the decoder to pixels: closer looks, clean edges, kept lines on top."""

from __future__ import annotations

import cv2
import numpy as np

from ..base import Pixels, to_pixels
from .colour import Floats

TONE = 0.25  # of kept lines: how light, against the colour beneath
FAINT = 0.04  # coverage that counts as none; what misses full coverage by it counts as full


def side_by_side(cells: Floats) -> Floats:
    """Lay the four pixels of each cell out: (h, w, 2, 2, C) -> (2h, 2w, C)."""
    height, width, _, _, channels = cells.shape
    return cells.transpose(0, 2, 1, 3, 4).reshape(height * 2, width * 2, channels)


def straight(premultiplied: Floats) -> Floats:
    """Return (H, W, 4) in 0..1 with straight colours, faint coverage gone."""
    alpha = premultiplied[..., 3:]
    result = np.asarray(premultiplied / np.maximum(alpha, 0.02), np.float32)
    result[..., 3:] = _clean(alpha)
    return np.clip(result, 0, 1, out=result)


def coarse(cells: Floats) -> Floats:
    """Return a painted picture, (h, w, 2, 2, 4) in 0..1, as the latent of one twice as large.

    A latent is (1, 4, h, w) in -1..1, and has a cell for 4x4 pixels.
    """
    return np.ascontiguousarray(cells.mean((2, 3)).transpose(2, 0, 1)[None] * 2 - 1)


def enlarged(maps: Floats, side: int) -> Floats:
    """Return soft maps (1, C, h, w) with another side."""
    grown = cv2.resize(maps[0].transpose(1, 2, 0), (side, side), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(grown.transpose(2, 0, 1)[None], np.float32)


def under_lines(picture: Floats, ink: Floats) -> Pixels:
    """Keep ink (H, W) in 0..1 on a straight picture, in a dark tone of what it covers."""
    inked = ink > 0
    if inked.any():
        strength, alpha = ink[inked, None], picture[inked, 3:]
        below = alpha * (1 - strength)
        covered = strength + below
        tone = picture[inked, :3] * (TONE * strength + below) / covered
        picture[inked] = np.concatenate([tone * (alpha > 0), covered], 1)
    pixels = to_pixels(picture)
    pixels[pixels[..., 3] == 0] = 0
    return pixels


def _clean(alpha: Floats) -> Floats:
    return (alpha - FAINT) / (1 - 2 * FAINT)
