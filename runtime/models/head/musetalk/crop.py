"""The square of a frame that is painted anew, and how it is put back without a seam."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...base import Pixels
from ...perception.contours import NOSE, OVAL

SIDE = 256  # px, of a crop as the UNet was taught
_BRIDGE = NOSE[3]  # low on it
_FEATHER = 0.1  # of a crop's side, over which new and old go into each other

Points = NDArray[np.float32]  # (n, 2), px of a frame: x, y


@dataclass(frozen=True, slots=True)
class Crop:
    """Where a crop lies in a frame, and how much of each of its pixels is new."""

    left: int
    top: int
    width: int
    height: int
    new: NDArray[np.float32]  # (height, width, 1), 0..1

    def cut(self, frame: Pixels) -> Pixels:
        """Return the crop as the UNet takes it, (256, 256, 3)."""
        found = frame[self.top : self.top + self.height, self.left : self.left + self.width]
        return np.asarray(cv2.resize(found, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)

    def put(self, frame: Pixels, painted: Pixels) -> Pixels:
        """Return a copy of a frame with the crop painted anew."""
        size = (self.width, self.height)
        new = cv2.resize(painted, size, interpolation=cv2.INTER_CUBIC).astype(np.float32)
        found = frame.copy()
        there = found[self.top : self.top + self.height, self.left : self.left + self.width]
        there[:] = np.rint(there + (new - there) * self.new).astype(np.uint8)
        return found


def around(face: Points, width: int, height: int, margin: float) -> Crop:
    """Return the crop of a face, by FaceMesh's points, within a frame of that size.

    The bridge of the nose lies in its middle, the chin at its lower edge, but for a ``margin`` of
    its side; what is painted anew is the face below the middle.
    """
    outline = face[list(OVAL)]
    middle, chin = float(face[_BRIDGE, 1]), float(outline[:, 1].max())
    half = chin - middle
    left, right = (int(edge) for edge in (outline[:, 0].min(), outline[:, 0].max()))
    top, bottom = int(middle - half), int(chin + 2 * half * margin)
    left, right = max(left, 0), min(right, width)
    top, bottom = max(top, 0), min(bottom, height)
    mask = np.zeros((bottom - top, right - left), np.uint8)
    cv2.fillPoly(mask, [np.rint(outline - (left, top)).astype(np.int32)], 255)
    mask[: int(middle) - top] = 0
    _keep_off_the_edges(mask)
    kernel = 2 * int(_FEATHER * mask.shape[1] / 2) + 1
    soft = np.asarray(cv2.GaussianBlur(mask, (kernel, kernel), 0), np.float32) / np.float32(255)
    return Crop(left, top, right - left, bottom - top, soft[..., None])


def _keep_off_the_edges(mask: NDArray[np.uint8]) -> None:
    """Leave as much at the sides and below as is feathered: nothing ends at a crop's edge."""
    width = int(_FEATHER * mask.shape[1] / 2) + 1
    mask[:, :width] = mask[:, -width:] = 0
    mask[len(mask) - width :] = 0
