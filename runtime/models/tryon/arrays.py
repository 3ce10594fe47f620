"""Types and small sums of arrays that all rooms of try-on share."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

# All are float32; to type checkers a product with a plain number is of any precision.
Floats = NDArray[np.floating[Any]]
Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Vector = NDArray[np.floating[Any]]  # (2,), x and y in px
Points = NDArray[np.floating[Any]]  # (n, 2)
Box = tuple[int, int, int, int]  # x0, y0, x1, y1 in px; the last are outside


def vector(x: float, y: float) -> Vector:
    """Return a point or a direction."""
    return np.array([x, y], np.float32)


def length(of: Vector) -> float:
    """Return how long a vector is."""
    return float(np.hypot(of[0], of[1]))


def unit(of: Vector) -> Vector:
    """Return a vector's direction; one of no length points nowhere."""
    return of / np.float32(length(of) + 1e-6)


def between(one: Points, other: Points, share: float = 0.5) -> Points:
    """Return the point this far on the way from one to another."""
    return np.asarray(one + (other - one) * np.float32(share), np.float32)


def planes(image: Floats | Pixels) -> list[Floats]:
    """Return the channels of an image (H, W, C), each a plane (H, W) of its own."""
    return [np.asarray(plane, np.float32) for plane in cv2.split(image)]


def times(image: Floats, plane: Floats) -> Floats:
    """Return an image (H, W, C) multiplied by a plane (H, W).

    NumPy walks a plane that is broadcast over three channels in runs of three: repeated, it takes
    a third of the time.
    """
    made: Floats = image * cv2.merge([plane] * image.shape[2])
    return made


def mixed(under: Floats, over: Floats, share: Floats) -> Floats:
    """Return one picture (H, W, 3) over another, by a plane (H, W) of how much it covers."""
    made = times(over - under, share)
    made += under
    return np.asarray(made, np.float32)


def painted(picture: Pixels, box: Box, colours: Floats, where: Mask) -> Pixels:
    """Return a copy of a picture (H, W, 3) with colours (h, w, 3) in a box, where a mask says."""
    x0, y0, x1, y1 = box
    made = picture.copy()
    part = picture[y0:y1, x0:x1].copy()  # one as wide as the picture would be painted on itself
    cv2.copyTo(np.clip(colours + 0.5, 0, 255).astype(np.uint8), where.astype(np.uint8), part)
    made[y0:y1, x0:x1] = part
    return made


def smoothed(plane: Floats, sigma: float) -> Floats:
    """Return a plane blurred by a Gaussian, sigma in px; wide ones at a fraction of the size."""
    if sigma < 0.2:
        return plane
    by = max(1, int(sigma / 2))  # at two px a Gaussian is still well sampled
    height, width = plane.shape[:2]
    if by == 1 or min(height, width) < 4 * by:
        return cv2.GaussianBlur(plane, (0, 0), sigma).astype(np.float32, copy=False)
    small = cv2.resize(plane, (-(-width // by), -(-height // by)), interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), sigma / by)
    return enlarged(np.asarray(blurred, np.float32), width, height)


def enlarged(plane: Floats, width: int, height: int) -> Floats:
    """Return a plane resized to this size, linearly."""
    made = cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR)
    return made.astype(np.float32, copy=False)


def grown(plane: Floats | Mask, px: float) -> Floats:
    """Return a plane of 0..1 whose bright parts reach this much further.

    It is done in bytes, which take a quarter of the time: of a plane to 1/255.
    """
    side = 2 * round(px) + 1
    if side < 3:
        return plane.astype(np.float32, copy=False)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return from_bytes(np.asarray(cv2.dilate(in_bytes(plane), disc), np.uint8))


def shrunk(plane: Floats | Mask, px: float) -> Floats:
    """Return a plane of 0..1 whose bright parts reach this much less far, as `grown` has it."""
    side = 2 * round(px) + 1
    if side < 3:
        return plane.astype(np.float32, copy=False)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return from_bytes(np.asarray(cv2.erode(in_bytes(plane), disc), np.uint8))


def in_bytes(plane: Floats | Mask) -> Pixels:
    """Return a plane of 0..1 as 0..255; a mask is 0 or 255."""
    if plane.dtype == bool:
        return plane.view(np.uint8) * np.uint8(255)
    levels: Floats = np.clip(plane, 0, 1).astype(np.float32, copy=False)
    return (levels * 255 + 0.5).astype(np.uint8)


def from_bytes(plane: Pixels) -> Floats:
    """Return a plane of 0..255 as 0..1."""
    return np.multiply(plane, np.float32(1 / 255), dtype=np.float32)


def filled(image: Floats, known: Floats) -> Floats:
    """Return an image (H, W, C) whose unknown pixels are made of the known around them.

    ``known`` is (H, W), 0..1. Pull-push (Gortler et al., *The Lumigraph*, 1996): averages of what
    is known, coarser and coarser, shine through where nothing is. Where all is unknown: zeros.
    """
    height, width = known.shape
    if min(height, width) <= 2:
        total = float(known.sum())
        mean = times(image, known).sum((0, 1)) / max(total, 1e-6)
        return np.broadcast_to(mean, image.shape).astype(np.float32)
    seen = times(image, known)
    weighted = np.dstack([seen, known])
    half = cv2.resize(weighted, ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_AREA)
    mean = half[..., :-1] / np.maximum(half[..., -1:], 1e-4)
    coarse = filled(mean.astype(np.float32), np.minimum(half[..., -1] * 2, 1).astype(np.float32))
    wide = enlarged(coarse, width, height).reshape(image.shape)
    return seen + times(wide, 1 - known)
