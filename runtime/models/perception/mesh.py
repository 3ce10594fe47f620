"""A face's 468 points with their depth: FaceMesh, within the square where a face was found.

Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs", 2019.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ..base import Pixels
from ..onnx import Floats
from .contours import (
    CHIN,
    EYE_CORNERS,
    FOREHEAD,
    LEFT_CHEEK,
    LEFT_LOWER_LID,
    LEFT_UPPER_LID,
    LOWER_LIP_INNER,
    POINTS,
    RIGHT_CHEEK,
    RIGHT_LOWER_LID,
    RIGHT_UPPER_LID,
    UPPER_LIP,
    UPPER_LIP_INNER,
)
from .faces import ROOM, FaceRegion, detect
from .networks import FaceNetworks
from .shots import sigmoid
from .squares import Points, Square, cut, moved

SIDE = 192  # px, what the network looks at
LEAST_PRESENCE = 0.5  # below it there is no face, and the points mean nothing
_SEARCHES = ((1, False), (1, True), (2, False), (4, False))  # parts of a still, shadows lit?
_LOOKS = 3  # at a still: each from the square that the one before says


class Turn(NamedTuple):
    """How a head is turned, rad; all 0 where it looks at us. Rough, from the mesh's depth."""

    yaw: float  # to the picture's right
    pitch: float  # down; what is level differs from face to face by some .1
    roll: float  # clockwise in the picture


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """A face's points, see ``contours``."""

    points: Points  # (468, 2), px
    depth: Floats  # (468,), px behind the face's middle (negative: nearer)
    presence: float = 1.0  # how surely there is a face, 0..1

    @property
    def region(self) -> FaceRegion:
        """Where to look for the same face next."""
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        x, y = (float(each) for each in (low + high) / 2)
        square = Square(x, y, ROOM * float((high - low).max()), self._slant)
        return FaceRegion(square, self.presence)

    @property
    def scale(self) -> float:
        """How large the face is: the root mean square reach of its points, px."""
        apart = self.points - self.points.mean(axis=0)
        return max(1.0, float(np.sqrt(np.square(apart).sum(axis=1).mean())))

    @property
    def turn(self) -> Turn:
        """How the head is turned."""
        solid = np.column_stack([self.points, self.depth]).astype(np.float64)
        across, down = solid[LEFT_CHEEK] - solid[RIGHT_CHEEK], solid[CHIN] - solid[FOREHEAD]
        yaw = math.atan2(across[2], math.hypot(across[0], across[1]))
        pitch = math.atan2(down[2], math.hypot(down[0], down[1]))
        return Turn(yaw, pitch, self._slant)

    @property
    def lips_apart(self) -> float:
        """The gap of the lips in the middle, in widths of the mouth."""
        upper, lower = (line[len(line) // 2] for line in (UPPER_LIP_INNER, LOWER_LIP_INNER))
        return self._between(upper, lower) / max(1e-6, self._between(UPPER_LIP[0], UPPER_LIP[-1]))

    @property
    def lids_apart(self) -> tuple[float, float]:
        """How far the right and the left eye are open, in widths of the eye."""
        right, left = (RIGHT_UPPER_LID, RIGHT_LOWER_LID), (LEFT_UPPER_LID, LEFT_LOWER_LID)
        return self._opened(*right), self._opened(*left)

    def moved(self, points: Points) -> Mesh:
        """Return the same face with its points at other places."""
        return replace(self, points=points)

    @property
    def _slant(self) -> float:
        one, other = self.points[list(EYE_CORNERS)].astype(np.float64)
        return math.atan2(*(other - one)[::-1])

    def _opened(self, upper: tuple[int, ...], lower: tuple[int, ...]) -> float:
        middle = len(upper) // 2
        wide = max(1e-6, self._between(upper[0], upper[-1]))
        return self._between(upper[middle], lower[middle]) / wide

    def _between(self, one: int, other: int) -> float:
        return float(np.linalg.norm(self.points[one] - self.points[other]))


def meshes(picture: Pixels, networks: FaceNetworks) -> list[Mesh]:
    """Return the faces in a still, (H, W, 3 | 4), the surest first; none is no error.

    Where none is seen at once it is looked for with shadows lit, then in pieces; to say that there
    is none takes some sixty times as long as to find one.
    """
    for parts, lifted in _SEARCHES:
        regions = detect(picture, networks, parts, lifted)
        looks = [still_mesh(picture, region, networks) for region in regions]
        found = [each for each in looks if each.presence >= LEAST_PRESENCE]
        if found:
            return found
    return []


def mesh(picture: Pixels, region: FaceRegion, networks: FaceNetworks) -> Mesh:
    """Return the mesh of the face in a region of a picture, (H, W, 3 | 4), from one look.

    Where its ``presence`` is below ``LEAST_PRESENCE`` there is no face there.
    """
    given = cut(picture, region.square, SIDE)[None]
    raw, face = networks.mesh.run_all(["mesh", "face"], picture=given)
    marks = raw.reshape(POINTS, 3)
    matrix = region.square.matrix(SIDE)
    depth = marks[:, 2] * np.float32(np.hypot(*matrix[:, 0]))
    presence = float(sigmoid(face).reshape(()))
    return Mesh(moved(marks[:, :2], matrix), depth.astype(np.float32), presence)


def still_mesh(picture: Pixels, region: FaceRegion, networks: FaceNetworks) -> Mesh:
    """Return the same of a still: looked at again where the look before says that the face is."""
    found = mesh(picture, region, networks)
    for _ in range(_LOOKS - 1):
        if found.presence < LEAST_PRESENCE:
            break
        found = mesh(picture, found.region, networks)
    return found
