"""From the decoder to pixels: planes, closer looks, kept lines on top.

A picture is painted by planes, (4, S, S): red, green, blue and coverage, straight, in 0..1. What
is done to a pixel is done to many at a time so, and they lie side by side.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...base import Pixels, must_be_finite
from ..colour import Floats

TONE = 0.25  # of kept lines: how light, against the colour beneath
AROUND, SPREAD = 64, 1.2  # px: the map of the colours around lines, and how far they are mixed
FEW = np.float32(0.02)  # coverage nearby below which the whole picture's colour counts, too
FAINT = 0.04  # coverage that counts as none; what misses full coverage by it counts as full


def side_by_side(cells: Floats) -> Floats:
    """Lay the pixels of cells out: (4, h, w, 2, 2, 2, 2) -> (4, 4h, 4w), see `nets.decoder`."""
    planes, height, width = cells.shape[:3]
    pairs = np.ascontiguousarray(cells).view(np.uint64)[..., 0]  # two pixels at once
    laid = np.empty((planes, height, 2, 2, width, 2), np.uint64)
    for half in (0, 1):
        for row in (0, 1):
            laid[:, :, half, row] = pairs[:, :, :, half, :, row]
    return laid.view(np.float32).reshape(planes, height * 4, width * 4)


def coarse(cells: Floats) -> Floats:
    """Return a painted picture, as `side_by_side` takes it, as the latent of one twice as large.

    A latent is (1, 4, 2h, 2w) in -1..1, premultiplied, and has a cell for 4x4 pixels.
    """
    premultiplied = cells.copy()
    premultiplied[:3] *= cells[3]
    means = premultiplied.mean((5, 6)).transpose(0, 1, 3, 2, 4) * 2 - 1
    planes, height, _, width, _ = means.shape
    latent: Floats = means.reshape(1, planes, height * 2, width * 2)
    return latent


def without_faint(coverage: Floats) -> None:
    """Let faint coverage be none, and all but full coverage full, in place."""
    coverage -= np.float32(FAINT)
    coverage *= np.float32(1 / (1 - 2 * FAINT))
    np.clip(coverage, 0, 1, out=coverage)


def enlarged(maps: Floats, side: int) -> Floats:
    """Return soft maps (1, C, h, w) with another side."""
    grown = cv2.resize(maps[0].transpose(1, 2, 0), (side, side), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(grown.transpose(2, 0, 1)[None], np.float32)


def under_lines(picture: Floats, ink: Floats, darkness: float) -> Pixels:
    """Keep ink (S, S) in 0..1 on a picture (4, S, S), in a dark tone of the colours around it.

    Returns pixels (S, S, 4). A line has one tone across its width, whatever lies below it, and is
    as opaque outside of what is painted as within: so a contour has neither a seam nor a light
    edge. `darkness` 0 leaves the picture alone, from .5 on lines are opaque, and darker up to 1.
    """
    drawn = np.flatnonzero(ink)
    if darkness > 0 and len(drawn):
        tone = _around(picture, drawn) * np.float32(1 - darkness * (1 - TONE))
        flat = picture.reshape(4, -1)
        strength = ink.ravel()[drawn] * np.float32(min(1.0, 2 * darkness))
        below = flat[3, drawn] * (1 - strength)
        covered = strength + below
        for plane, toned in zip(flat[:3], tone, strict=True):
            plane[drawn] = (toned * strength + plane[drawn] * below) / covered
        flat[3, drawn] = covered
    return to_pixels(picture)


def to_pixels(picture: Floats) -> Pixels:
    """Return a picture (4, S, S) as pixels (S, S, 4), black where they are transparent."""
    must_be_finite(picture)
    rounded = np.asarray(cv2.convertScaleAbs(picture.reshape(4, -1), alpha=255), np.uint8)
    rounded[:3] *= rounded[3] > 0
    return np.asarray(cv2.merge(list(rounded.reshape(picture.shape))), np.uint8)


def _around(picture: Floats, drawn: NDArray[np.intp]) -> Floats:
    """Return the colours (3, N) around some pixels; far from any, the picture's mean colour."""
    painted = [plane * picture[3] for plane in picture[:3]]
    small = np.stack([_shrunk(plane) for plane in (*painted, picture[3])], 2)
    whole = small.mean((0, 1))
    mean = whole[:3] / max(float(whole[3]), 1e-3)
    small = np.asarray(cv2.GaussianBlur(small, (0, 0), SPREAD), np.float32)
    colours = (small[..., :3] + FEW * mean) / (small[..., 3:] + FEW)
    side = picture.shape[1:][::-1]
    return np.stack(
        [
            cv2.resize(np.ascontiguousarray(plane), side).ravel()[drawn]
            for plane in colours.transpose(2, 0, 1)
        ]
    )


def _shrunk(plane: Floats) -> Floats:
    return np.asarray(cv2.resize(plane, (AROUND, AROUND), interpolation=cv2.INTER_AREA))
