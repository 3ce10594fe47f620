"""From the decoder to pixels: closer looks, clean edges, kept lines on top."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..base import Pixels, to_pixels
from .colour import Floats

TONE = 0.25  # of kept lines: how light, against the colour beneath
AROUND, SPREAD = 64, 1.2  # px: the map of the colours around lines, and how far they are mixed
FEW = np.float32(0.02)  # coverage nearby below which the whole picture's colour counts, too
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


def under_lines(picture: Floats, ink: Floats, darkness: float) -> Pixels:
    """Keep ink (H, W) in 0..1 on a straight picture, in a dark tone of the colours around it.

    A line has one tone across its width, whatever lies below it, and is as opaque outside of what
    is painted as within: so a contour has neither a seam nor a light edge. `darkness` 0 leaves the
    picture alone, from .5 on lines are opaque, and darker up to 1.
    """
    drawn = ink > 0
    if darkness > 0 and drawn.any():
        tone = _around(picture, drawn) * np.float32(1 - darkness * (1 - TONE))
        strength = ink[drawn, None] * np.float32(min(1.0, 2 * darkness))
        below = picture[drawn, 3:] * (1 - strength)
        covered = strength + below
        mixed = (tone * strength + picture[drawn, :3] * below) / covered
        picture[drawn] = np.concatenate([mixed, covered], 1)
    pixels = to_pixels(picture)
    pixels[pixels[..., 3] == 0] = 0
    return pixels


def _around(picture: Floats, drawn: NDArray[np.bool_]) -> Floats:
    """Return the colours (N, 3) around some pixels; far from any, the picture's mean colour."""
    painted = np.concatenate([picture[..., :3] * picture[..., 3:], picture[..., 3:]], 2)
    small = cv2.resize(painted, (AROUND, AROUND), interpolation=cv2.INTER_AREA)
    whole = small.mean((0, 1))
    mean = whole[:3] / max(float(whole[3]), 1e-3)
    small = cv2.GaussianBlur(small, (0, 0), SPREAD)
    colour = (small[..., :3] + FEW * mean) / (small[..., 3:] + FEW)
    side = (picture.shape[1], picture.shape[0])
    return np.asarray(cv2.resize(colour, side, interpolation=cv2.INTER_LINEAR)[drawn], np.float32)


def _clean(alpha: Floats) -> Floats:
    return (alpha - FAINT) / (1 - 2 * FAINT)
