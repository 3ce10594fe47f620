"""Surfaces of a drawing: regions that differ by light alone are one.

Emoji art is shaded by gradients, or by more shapes: a darker crescent along an edge, a light spot.
The line art of an SVG outlines those shapes as it does real parts, so within the regions of its
lines such art is flat. Regions that touch and have one hue are taken together here, and the
lines between them are none.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.ink.colour import srgb_to_oklab

INKED, SOLID = 25, 229  # of 255: coverage above which a pixel is a line, and a picture's inside
LEAST = 60  # px of a region, or of a surface, that counts
HUE, GREY = 0.9, 0.045  # cosine of hues from which they are one; chroma below which there is none
LIGHTER = 0.3  # of OKLab's lightness, how far regions of one surface may be apart

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Surfaces:
    """Which surface each pixel (256, 256) belongs to, 0 for none."""

    labels: NDArray[np.intp]
    count: int  # labels, 0 included
    ink: NDArray[np.bool_]  # lines that part surfaces, or draw something on one

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Where a surface is seen that counts."""
        area = np.bincount(self.labels.ravel(), minlength=self.count)
        found: NDArray[np.bool_] = (self.labels > 0) & ~self.ink & (area[self.labels] >= LEAST)
        return found

    def means(self, rgb: Floats) -> Floats:
        """Return the mean colour (256, 256, 3) of each pixel's surface, its lines left out."""
        seen = (self.labels > 0) & ~self.ink
        found = means(rgb, np.where(seen, self.labels, 0), self.count)
        found[0] = 0
        return found[self.labels]


def means(rgb: Floats, labels: NDArray[np.intp], count: int) -> Floats:
    """Return the mean colours (count, 3) of labelled pixels."""
    area = np.maximum(np.bincount(labels.ravel(), minlength=count), 1)
    sums = [np.bincount(labels.ravel(), rgb[..., k].ravel(), count) for k in range(3)]
    return (np.stack(sums, 1) / area[:, None]).astype(np.float32)


def surfaces(picture: Pixels, lines: Pixels, apart: bool = False) -> Surfaces:
    """Find the surfaces of a straight picture (256, 256, 4) under line art (256, 256).

    `apart` leaves each region that lines enclose a surface by itself.
    """
    solid, inked = picture[..., 3] > SOLID, lines > INKED
    count, found = cv2.connectedComponents((solid & ~inked).astype(np.uint8), connectivity=4)
    rgb = np.asarray(picture[..., :3] / np.float32(255), np.float32)
    regions = np.asarray(found, np.intp)
    area = np.bincount(regions.ravel(), minlength=count)
    large = area >= LEAST // 4
    large[0] = False
    if not large.any():
        return Surfaces(np.zeros_like(regions), 1, inked)
    spread = _spread(regions, large[regions])
    pairs = _touching(spread, solid)[: 0 if apart else None]
    joined = _joined(pairs, srgb_to_oklab(means(rgb, regions, count)))
    labels = np.where(solid, joined[spread] + 1, 0)
    parting = inked if apart else inked & _parting(labels)
    return Surfaces(labels, int(joined.max()) + 2, parting)


def nearest(known: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return for each pixel (H, W) the place of the nearest one that is known, of H * W."""
    _, labels = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3, labelType=cv2.DIST_LABEL_PIXEL
    )
    places = np.asarray(labels, np.intp)
    owner = np.zeros(int(places.max()) + 1, np.intp)
    owner[places[known]] = np.flatnonzero(known)
    return np.asarray(owner[places], np.intp)


def _spread(labels: NDArray[np.intp], known: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Give each pixel the label of the nearest one that is known."""
    return np.asarray(labels.ravel()[nearest(known)], np.intp)


def _touching(labels: NDArray[np.intp], solid: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the pairs (N, 2) of labels that meet inside of a picture."""
    sides = (
        (labels[:, 1:], labels[:, :-1], solid[:, 1:] & solid[:, :-1]),
        (labels[1:], labels[:-1], solid[1:] & solid[:-1]),
    )
    pairs = [np.stack([a[both & (a != b)], b[both & (a != b)]], 1) for a, b, both in sides]
    found: NDArray[np.intp] = np.unique(np.sort(np.concatenate(pairs), 1), axis=0)
    return found


def _joined(pairs: NDArray[np.intp], lab: Floats) -> NDArray[np.intp]:
    """Number regions anew, so that pairs which differ by light alone have one number."""
    owner = np.arange(len(lab))
    for a, b in pairs:
        if _differ_by_light(lab[a], lab[b]):
            owner[owner == owner[a]] = owner[b]
    return np.asarray(np.unique(owner, return_inverse=True)[1], np.intp)


def _differ_by_light(a: Floats, b: Floats) -> bool:
    if abs(a[0] - b[0]) > LIGHTER:
        return False
    chroma = float(np.hypot(*a[1:])), float(np.hypot(*b[1:]))
    if min(chroma) < GREY:
        return float(np.hypot(*(a - b)[1:])) < GREY
    return float(a[1:] @ b[1:]) > HUE * chroma[0] * chroma[1]


def _parting(labels: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return what is near another surface, or near the outside."""
    padded = np.pad(labels, 1).astype(np.float32)
    window = np.ones((9, 9), np.uint8)
    most, least = cv2.dilate(padded, window), cv2.erode(padded, window)
    return np.asarray((most != least)[1:-1, 1:-1])
