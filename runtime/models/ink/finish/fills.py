"""Fills of a large picture with clean edges: two colours meet in the middle of the line between.

The decoder's edges are those of 256 px, seen closer: soft, with a halo. Which shape a pixel belongs
to is known better from the lines, so near an edge between two shapes it takes its own shape's
colour from further in. A line with the same shape on both sides, a whisker, is left alone.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..colour import Floats
from ..layout import SIZE

INKED = 0.5  # coverage from which a pixel parts two shapes
COVERED = 0.6  # of a shape's pixels
HALO = 3.0  # px of 256 beside a line that the decoder's edge is soft over
WIDEST = 6.0  # px of 256 from the middle of a line: further in, black is a shape and no line
STEPLESS = np.array([0.14, 0.72, 0.14], np.float32)  # mixes a cut's pixels, as coverage would

Labels = NDArray[np.int32]


def with_clean_edges(picture: Floats, lines: Floats) -> None:
    """Clean a picture's edges, (4, S, S), straight in 0..1, along its lines (S, S), in place."""
    unit = len(lines) / SIZE
    inked = lines > INKED
    free = ~inked & (picture[3] > COVERED)
    if not inked.any() or not free.any():
        return
    shape = _nearest(free, cv2.DIST_LABEL_CCOMP)
    edge = np.zeros(free.shape, np.uint8)
    edge[:, 1:] |= shape[:, 1:] != shape[:, :-1]
    edge[1:] |= shape[1:] != shape[:-1]
    edge &= inked
    inner = free & ~_grown(inked.astype(np.uint8), HALO * unit)
    soft = np.flatnonzero(_grown(edge, WIDEST * unit) & (picture[3] > 0) & ~inner)
    own = shape.ravel()[soft]
    colours = _means(picture, shape, free)[:, own]
    planes = picture[:3].reshape(3, -1)
    if inner.any():
        place = _nearest(inner, cv2.DIST_LABEL_PIXEL)
        at = np.zeros(int(place.max()) + 1, np.intp)
        at[place[inner]] = np.flatnonzero(inner)
        found = at[place.ravel()[soft]]
        same = shape.ravel()[found] == own
        colours[:, same] = planes[:, found[same]]
    cut = cv2.dilate(edge, np.ones((3, 3), np.uint8)) > 0
    for plane, colour in zip(picture[:3], colours, strict=True):
        plane.ravel()[soft] = colour
        plane[cut] = cv2.sepFilter2D(plane, -1, STEPLESS, STEPLESS)[cut]


def _nearest(mask: NDArray[np.bool_], kind: int) -> Labels:
    """Return which piece or pixel of a mask is nearest to each pixel."""
    _, labels = cv2.distanceTransformWithLabels(
        (~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=kind
    )
    return np.asarray(labels, np.int32)


def _grown(mask: NDArray[np.uint8], by: float) -> NDArray[np.bool_]:
    away = cv2.distanceTransform((mask == 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3)
    grown: NDArray[np.bool_] = away <= by
    return grown


def _means(picture: Floats, shape: Labels, free: NDArray[np.bool_]) -> Floats:
    """Return the mean colour of each shape, (3, N), of every other pixel."""
    some = free[::2, ::2]
    labels, count = shape[::2, ::2][some], int(shape.max()) + 1
    size = np.maximum(np.bincount(labels, minlength=count), 1)
    sums = [np.bincount(labels, plane[::2, ::2][some], count) / size for plane in picture[:3]]
    return np.stack(sums).astype(np.float32)
