"""Masks that grow, shrink and fill: OpenCV's, by radius in px, on masks of booleans."""

from __future__ import annotations

import cv2
import numpy as np

from ..garment import Floats, Mask


def disc(radius: float) -> Mask:
    """Return a filled circle as a structuring element."""
    side = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), bool)


def _applied(mask: Mask, radius: float, operation: int) -> Mask:
    bytes_ = mask.astype(np.uint8)
    if operation in (cv2.MORPH_CLOSE, cv2.MORPH_DILATE):
        # What lies beyond the picture is ground, and a close must not be stopped by its edge.
        edge = round(radius) + 1
        bytes_ = np.pad(bytes_, edge)
        done = cv2.morphologyEx(bytes_, operation, disc(radius).astype(np.uint8))
        return np.asarray(done[edge:-edge, edge:-edge], bool)
    return np.asarray(cv2.morphologyEx(bytes_, operation, disc(radius).astype(np.uint8)), bool)


def grown(mask: Mask, radius: float) -> Mask:
    """Return a mask with what lies within `radius` of it."""
    return _applied(mask, radius, cv2.MORPH_DILATE)


def shrunk(mask: Mask, radius: float) -> Mask:
    """Return a mask without what lies within `radius` of its rim; the picture's edge is no rim."""
    return _applied(mask, radius, cv2.MORPH_ERODE)


def opened(mask: Mask, radius: float) -> Mask:
    """Return a mask without what is thinner than a disc."""
    return _applied(mask, radius, cv2.MORPH_OPEN)


def closed(mask: Mask, radius: float) -> Mask:
    """Return a mask with gaps filled that a disc does not fit through."""
    return _applied(mask, radius, cv2.MORPH_CLOSE)


def filled(mask: Mask) -> Mask:
    """Return a mask with its holes: all that the picture's edge is not joined to."""
    ground = np.pad(~mask, 1, constant_values=True).astype(np.uint8)
    _, labels = cv2.connectedComponents(ground, connectivity=4)
    return np.asarray(labels != labels[0, 0], bool)[1:-1, 1:-1]


def parts(mask: Mask) -> list[Mask]:
    """Return a mask's connected parts, the largest first."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    order = sorted(range(1, count), key=lambda i: -int(stats[i, cv2.CC_STAT_AREA]))
    return [np.asarray(labels == i, bool) for i in order[:8]]


def blurred(values: Floats, sigma: float) -> Floats:
    """Return values smoothed by a Gaussian of `sigma` px."""
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), np.float32)


def softened(mask: Mask, sigma: float) -> Floats:
    """Return a mask with a soft rim, in 0..1; a Gaussian's rounding goes beyond that by a hair."""
    return np.clip(blurred(mask.astype(np.float32), sigma), 0, 1)


def steepness(lab: Floats, sigma: float) -> Floats:
    """Return how steep the lightness of (H, W, 3) CIELAB is, as Sobel's sum: 8 × its slope a px."""
    light = blurred(np.ascontiguousarray(lab[..., 0]), sigma)
    across = cv2.Sobel(light, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(light, cv2.CV_32F, 0, 1)
    return np.asarray(cv2.magnitude(across, down), np.float32)
