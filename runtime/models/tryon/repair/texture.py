"""The fine detail of a background, carried on where it was hidden: sand, leaves, grain."""

from __future__ import annotations

import cv2
import numpy as np

from ..arrays import Floats, Mask, Pixels, smoothed

_MOST = 40.0  # levels: what is stronger is a thing's edge, and there would be a second thing


def detail(image: Pixels, known: Mask, sigma: float) -> Floats:
    """Return detail finer than sigma, px, for what is unknown of a picture: (H, W, 3) levels.

    It is the mirrored detail of the other side of the nearest border, so that it joins there.
    Known pixels have none.
    """
    if known.all() or not known.any():
        return np.zeros(image.shape, np.float32)
    share = known.astype(np.float32)
    colour = image.astype(np.float32)
    mean = smoothed(colour * share[..., None], sigma)
    mean /= np.maximum(smoothed(share, sigma), 1e-3)[..., None]
    fine = np.clip(colour - mean, -_MOST, _MOST) * share[..., None]
    unknown = (~known).astype(np.uint8)
    _, found = cv2.distanceTransformWithLabels(
        unknown, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    labels = np.asarray(found, np.intp)
    y, x = np.nonzero(known)
    nearest = np.zeros((int(labels.max()) + 1, 2), np.intp)
    nearest[labels[y, x]] = np.stack([y, x], 1)
    at = np.stack(np.nonzero(~known), 1)
    height, width = known.shape
    mirrored = np.clip(2 * nearest[labels[at[:, 0], at[:, 1]]] - at, 0, (height - 1, width - 1))
    result = np.zeros(image.shape, np.float32)
    result[at[:, 0], at[:, 1]] = fine[mirrored[:, 0], mirrored[:, 1]]
    return result
