"""How bright a picture is: networks see a dark one brightened, and no cloth shines in it."""

from __future__ import annotations

import cv2
import numpy as np

from .arrays import Pixels

DARK = 0.4  # of the usual brightness: below it much of a person is not told from what is around
_USUAL = 160.0  # 0..255: in any photograph of daylight or a lit room some things are as bright
_BRIGHTEST = 0.99  # of the pixels: what is brighter may be a lamp
_STEP = 8  # px from one that counts to the next
_MOST_GAIN = 12.0  # beyond it there is but noise


def exposure(image: Pixels) -> float:
    """Return how bright the brightest hundredth of a picture (H, W, 3) is, 1: as usual, or more."""
    red, green, blue = (image[::_STEP, ::_STEP, channel] for channel in range(3))
    brightest = np.maximum(np.maximum(red, green), blue).ravel()
    # What `np.percentile` says, in a tenth of its time, which every frame of a camera takes: bytes
    # are sorted by their digits.
    values = np.sort(brightest, kind="stable").astype(np.float64)
    at = _BRIGHTEST * (len(values) - 1)
    low = int(at)
    high = min(low + 1, len(values) - 1)
    level = float(values[low] + (values[high] - values[low]) * (at - low))
    return min(1.0, (level + 1) / _USUAL)


def brightened(image: Pixels) -> Pixels:
    """Return a picture as networks are to see it: a dark one as bright as others are.

    By steps, so that frames of one scene are brightened alike.
    """
    gain = min(_MOST_GAIN, 2 ** (round(-2 * np.log2(exposure(image))) / 2))
    return image if gain <= 1 else np.asarray(cv2.convertScaleAbs(image, alpha=gain), np.uint8)
