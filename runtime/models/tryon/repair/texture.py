"""The fine detail of a background, carried on where it was hidden: sand, leaves, grain."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats, Mask, Pixels, smoothed, times

_MOST = 40.0  # levels: what is stronger is a thing's edge, and there would be a second thing
_USUAL = 2.2  # times what detail is usual around a place: the same
_AROUND = 5.0  # sigmas


def detail(image: Pixels, known: Mask, sigma: float, wanted: Mask | None = None) -> Floats:
    """Return detail finer than sigma, px, for what is unknown of a picture: (H, W, 3) levels.

    It is the mirrored detail of the other side of the nearest border, so that it joins there.
    Known pixels have none, nor, where that is given, have those that are not wanted.
    """
    if known.all() or not known.any():
        return np.zeros(image.shape, np.float32)
    share = known.astype(np.float32)
    colour = image.astype(np.float32)
    mean = smoothed(times(colour, share), sigma)
    mean /= cv2.merge([np.maximum(smoothed(share, sigma), np.float32(1e-3))] * 3)
    fine = times(colour - mean, share)
    usual = np.minimum(_USUAL * _usual(fine, share, sigma), _MOST).astype(np.float32)
    most = np.asarray(cv2.merge([usual] * 3), np.float32)
    fine = np.clip(fine, -most, most)
    unknown = (~known).astype(np.uint8)
    _, found = cv2.distanceTransformWithLabels(
        unknown, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    at = np.flatnonzero(~known if wanted is None else ~known & wanted)
    nearest = _labelled(np.asarray(found).ravel(), np.flatnonzero(known), at)
    height, width = known.shape
    rows = [places // width for places in (nearest, at)]
    columns = [places - row * width for places, row in zip((nearest, at), rows, strict=True)]
    y = np.clip(2 * rows[0] - rows[1], 0, height - 1)
    x = np.clip(2 * columns[0] - columns[1], 0, width - 1)
    result = np.zeros(image.shape, np.float32)
    result.reshape(-1, 3)[at] = np.take(fine.reshape(-1, 3), y * width + x, axis=0)
    return result


def _labelled(
    labels: NDArray[Any], known: NDArray[np.intp], unknown: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return the known places (flat) that have the labels of unknown ones."""
    places = np.zeros(int(labels.max()) + 1, np.intp)
    places[labels[known]] = known
    found: NDArray[np.intp] = places[labels[unknown]]
    return found


def _usual(fine: Floats, share: Floats, sigma: float) -> Floats:
    """Return how strong detail is around each place, levels: a rod on a plain wall is an exception.

    Means of roots heed exceptions little.
    """
    roots = np.sqrt(np.abs(fine).mean(-1))
    near = smoothed(np.asarray(roots * share, np.float32), _AROUND * sigma)
    return np.asarray((near / np.maximum(smoothed(share, _AROUND * sigma), 1e-3)) ** 2, np.float32)
