"""How a person moved from one frame to the next, by the pixels themselves.

Joints are guessed anew in each frame, and tremble by some px; pixels that are found again say to a
tenth of one where a body went. Lucas and Kanade, "An Iterative Image Registration Technique with an
Application to Stereo Vision", IJCAI 1981, in pyramids (Bouguet 2001).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..base import Pixels
from .joints import FACE, TORSO
from .pose import Pose
from .squares import Matrix

_SIDE = 256  # px, the longest of what is looked at
_MOST, _LEAST = 80, 10  # spots that are found again
_SURE = 0.5  # of those: so many must have moved as one
_APART, _WINDOW = 5, 15  # px between spots, and around each
_OFF = 1.0  # px that a spot may be off the motion of all


class Motion:
    """Finds spots of a person's head and torso in the next frame."""

    def __init__(self) -> None:
        self._before: Pixels | None = None  # (h, w), grey and small
        self._spots: NDArray[np.float32] | None = None  # (n, 1, 2) of it
        self._shrunk = 1.0  # how many px of a frame one of it is

    def since(self, picture: Pixels) -> Matrix | None:
        """Return the turn, growth and shift (2, 3) since the frame before, in px; None: untold.

        ``picture`` is (H, W, 3 | 4), as large as the one before.
        """
        self._shrunk = max(1.0, max(picture.shape[:2]) / _SIDE)
        grey = _grey(picture, self._shrunk)
        before, spots = self._before, self._spots
        self._before, self._spots = grey, None
        if before is None or spots is None or before.shape != grey.shape:
            return None
        window = (_WINDOW, _WINDOW)
        found, status, _ = cv2.calcOpticalFlowPyrLK(
            before, grey, spots, spots.copy(), winSize=window
        )
        kept = np.asarray(status).ravel() > 0
        if kept.sum() < _LEAST:
            return None
        matrix, fits = cv2.estimateAffinePartial2D(
            spots[kept], np.asarray(found)[kept], ransacReprojThreshold=_OFF
        )
        # Where too few spots agree nothing is told: a wrong motion is worse than none.
        if matrix is None or np.count_nonzero(fits) < max(_LEAST, _SURE * len(spots)):
            return None
        moved = np.asarray(matrix, np.float64)
        moved[:, 2] *= self._shrunk
        return moved

    def watch(self, pose: Pose) -> None:
        """Choose spots of who stands so in the newest frame."""
        if self._before is None:
            return
        mask = np.zeros(self._before.shape, np.uint8)
        corners = pose.points[[*FACE, *TORSO]] / np.float32(self._shrunk)
        cv2.fillConvexPoly(mask, cv2.convexHull(corners.round().astype(np.int32)), 255)
        spots = cv2.goodFeaturesToTrack(self._before, _MOST, 0.01, _APART, mask=mask)
        enough = spots is not None and len(spots) >= _LEAST
        self._spots = np.asarray(spots, np.float32) if enough else None

    def forget(self) -> None:
        """Know of no frame before."""
        self._before = self._spots = None


def _grey(picture: Pixels, shrunk: float) -> Pixels:
    size = tuple(max(1, round(side / shrunk)) for side in picture.shape[1::-1])
    small = cv2.resize(picture[..., :3], size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
