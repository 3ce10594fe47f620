"""Calm between frames: what was shown is carried along with what moves, and only then renewed.

A net draws each frame by itself, so that strokes change with the camera's noise. The last frame
shown is moved by the flow of what was seen (DIS; Kroeger et al., 2016) and blended in, wherever
that explains what is seen now; where nothing does, at cuts and behind what moved away, the new
frame stands as it is. So it does where what was shown is another on the whole than what was made:
strokes reach beyond what they are of, and their ghosts would stay behind what left.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...models.base import Pixels

KEPT = 0.7  # share of what was shown, where it explains what is seen
_APART = 10.0  # levels of 255, of what is seen, at which a third of that is left
_STILL = 4.0  # levels below which nothing moves, and no flow is asked for
_BETTER = 0.7  # of the difference without flow, that flow leaves where it is believed
_GHOST = 24.0  # levels, of what is shown and made, at which a third of what is kept is left; in
_COARSE = 8  # px a side: strokes that change from frame to frame are none of it in the mean
_NOWHERE = 99.0  # levels: what comes from outside the frame explains nothing

_ALONE: Any = None  # one map of both x and y, which OpenCV takes, and its types do not know

Floats = NDArray[np.float32]


class Steady:
    """One session's: what was seen and shown last."""

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._seen: Pixels | None = None  # at half the size
        self._shown: Pixels | None = None
        self._look: object = None

    def steadied(self, frame: Pixels, made: Pixels, look: object) -> Pixels:
        """Return what is shown of what was made of a frame, both (H, W, 3).

        ``look`` is how it was made: where that is another than before, nothing is kept.
        """
        high, wide = frame.shape[:2]
        size = (max(8, wide // 2), max(8, high // 2))
        seen = np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)
        shown = made
        last = self._seen, self._shown
        if last[0] is not None and last[1] is not None:
            if last[1].shape == made.shape and look == self._look:
                shown = self._blended(seen, made, last[0], last[1])
        self._seen, self._shown, self._look = seen, shown, look
        return shown

    def _blended(self, seen: Pixels, made: Pixels, before: Pixels, shown: Pixels) -> Pixels:
        apart = _difference(seen, before)
        if apart.max() > _STILL:
            shown, apart = self._carried(seen, before, shown, apart)
        high, wide = made.shape[:2]
        kept = KEPT * np.exp(-((apart / _APART) ** 2)) * _alike(made, shown, apart.shape)
        kept = cv2.resize(kept, (wide, high), interpolation=cv2.INTER_LINEAR)
        blend = cv2.blendLinear(shown, np.ascontiguousarray(made), kept, 1 - kept)
        return np.asarray(blend, np.uint8)

    def _carried(
        self, seen: Pixels, before: Pixels, shown: Pixels, apart: Floats
    ) -> tuple[Pixels, Floats]:
        """Return what was shown, moved, and by how much it fails to explain what is seen."""
        now, then = (cv2.cvtColor(one, cv2.COLOR_RGB2GRAY) for one in (seen, before))
        down, across = seen.shape[:2]
        flow = self._flow.calc(now, then, np.zeros((down, across, 2), np.float32))
        grid = _grid(down, across)
        flown = np.asarray(cv2.add(grid, flow), np.float32)
        moved = _difference(seen, _at(before, flown))
        believed = cv2.blur((moved < _BETTER * apart - 0.5).astype(np.float32), (5, 5))
        apart = np.where(believed > 0.5, moved, apart)
        places = cv2.add(grid, cv2.multiply(flow, cv2.merge((believed, believed))))
        apart[cv2.inRange(places, (0, 0), (across - 1, down - 1)) == 0] = _NOWHERE
        high, wide = shown.shape[:2]
        scale = np.array([wide / across, high / down], np.float32)
        fine = cv2.resize((places + 0.5) * scale - 0.5, (wide, high))
        return _at(shown, np.asarray(fine, np.float32)), np.asarray(apart, np.float32)


def _difference(one: Pixels, other: Pixels) -> Floats:
    """Return how many levels pixels are apart, in the channel that differs most, smoothed."""
    red, green, blue = cv2.split(cv2.absdiff(one, other))
    return np.asarray(cv2.blur(cv2.max(cv2.max(red, green), blue), (5, 5)), np.float32)


def _alike(made: Pixels, shown: Pixels, shape: tuple[int, ...]) -> Floats:
    """Return, from 0 to 1 and of a shape, how far two pictures are the same on the whole."""
    high, wide = made.shape[:2]
    size = (max(1, wide // _COARSE), max(1, high // _COARSE))
    one, other = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (made, shown))
    apart = np.abs(cv2.blur(cv2.subtract(one, other, dtype=cv2.CV_32F), (3, 3))).max(2)
    alike = np.exp(-((apart / _GHOST) ** 2))
    return np.asarray(cv2.resize(alike, shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _at(picture: Pixels, places: Floats) -> Pixels:
    flags = cv2.INTER_LINEAR
    taken = cv2.remap(picture, places, _ALONE, flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(taken, np.uint8)


@lru_cache(8)
def _grid(down: int, across: int) -> Floats:
    """Return where each pixel is, (down, across, 2): x and y."""
    rows, columns = np.mgrid[:down, :across].astype(np.float32)
    grid = np.dstack([columns, rows])
    grid.flags.writeable = False
    return grid
