"""Whether anything moves, told cheaply: the mean of what changed, and the most, on a small picture.

The mean alone would miss a caret that blinks, the most alone would take noise for movement. Each
cell of the small picture is the mean of some hundred pixels: noise is gone, a few pixels are not.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...models.base import Pixels

_CELLS = 48  # along the width, of
_LEAST = 10  # px or more a side: noise is gone in the mean of a hundred
_MEAN = 1.2  # levels of 255 that cells may be apart, on the whole: they are whole numbers
_MOST = 3.0  # and at most; a hundredth of a cell from black to white is 2.5
_AT_LEAST_EACH = 15  # frames, one is made anew: what changes slowly is seen, too


class Still:
    """One session's: what the last frame looked like that was made anew."""

    def __init__(self) -> None:
        self._seen: NDArray[np.float32] | None = None
        self._size: tuple[int, ...] = ()
        self._skipped = 0

    def moves(self, frame: Pixels) -> bool:
        """Return whether a frame, (H, W, 3 | 4), is to be made anew, for later ones to be like."""
        small = _small(frame)
        if self._seen is not None and frame.shape == self._size and self._skipped < _AT_LEAST_EACH:
            apart = np.abs(small - self._seen).max(2)
            if apart.mean() < _MEAN and apart.max() < _MOST:
                self._skipped += 1
                return False
        self.anew(frame, small)
        return True

    def anew(self, frame: Pixels, small: NDArray[np.float32] | None = None) -> None:
        """Take a frame that is made anew whatever it shows."""
        self._seen = _small(frame) if small is None else small
        self._size, self._skipped = frame.shape, 0


def _small(frame: Pixels) -> NDArray[np.float32]:
    high, wide = frame.shape[:2]
    side = max(_LEAST, wide / _CELLS)
    size = (max(1, round(wide / side)), max(1, round(high / side)))
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.float32)
