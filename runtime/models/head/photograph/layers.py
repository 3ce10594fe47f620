"""What terms of motion do to the pixels of a portrait: two fields, one for each side of the lips.

The upper one moves all but lower lip, chin and jaw, which the other moves: they part at the lips.
Fields are thin-plate splines of the points' displacements, at the nodes of a coarse grid, and
linear in the terms; a frame's are sums of what is computed here once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...base import Pixels
from ...perception.contours import (
    CHIN,
    FOREHEAD,
    LEFT_CHEEK,
    LOWER_LIP,
    LOWER_LIP_INNER,
    OVAL,
    RIGHT_CHEEK,
    UPPER_LIP,
    UPPER_LIP_INNER,
)
from ...perception.mesh import Mesh
from ...splines import spline
from ..expression import SIZE
from .motion import TERMS, Frame, Moves, displacements
from .points import CHINS, FACE, LEFT_BROW_EDGES, RIGHT_BROW_EDGES

Floats = NDArray[np.floating[Any]]

STEP = 8  # px from node to node
_NODES = SIZE // STEP + 2  # on each side one beyond the frame
_INVERSIONS = 3  # fixed-point iterations; fields are smooth, and soon found
_FAR = 1.55  # of the way from a face's middle to its edge: from there on speech moves nothing
_PIVOT = 0.35  # faces' heights: how far before the neck's axis the face's edge turns

_BROWS = (*(i for line in RIGHT_BROW_EDGES + LEFT_BROW_EDGES for i in line),)
_ABOVE = (*FACE, *_BROWS, *UPPER_LIP, *UPPER_LIP_INNER[1:-1], UPPER_LIP_INNER[0])
_ABOVE = (*_ABOVE, UPPER_LIP_INNER[-1])
_BELOW = (*FACE, *_BROWS, *LOWER_LIP, *LOWER_LIP_INNER, *CHINS)


def nodes() -> Floats:
    """Return the places of the grid's nodes, (n, n, 2), px.

    They lie so that enlarging the grid by `STEP` puts each pixel where it belongs.
    """
    at = np.arange(_NODES, dtype=np.float32) * STEP - (STEP + 1) / 2
    return np.stack(np.meshgrid(at, at), axis=-1).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Fields:
    """What terms do: to the grid's nodes above and below the lips, and to the lips' inner edges."""

    above: Floats  # (terms, n * n * 2), px
    below: Floats
    lips: Floats  # (terms, 22 * 2): the upper edge's points, then the lower's

    @classmethod
    def of(cls, mesh: Mesh) -> Fields:
        """Compute those of a face."""
        face = Frame.of(mesh.points)
        moves = displacements(face)
        turning = Turning(mesh, face)
        lips = [*UPPER_LIP_INNER, *LOWER_LIP_INNER]
        at_lips = np.stack([moves[name][lips] for name in TERMS if name in moves])
        turned = turning(face.points[lips])
        return cls(
            _field(face, moves, turning, list(_ABOVE)),
            _field(face, moves, turning, list(_BELOW)),
            np.concatenate([at_lips, turned]).reshape(len(TERMS), -1).astype(np.float32),
        )

    @property
    def nbytes(self) -> int:
        """The bytes that they take."""
        return self.above.nbytes + self.below.nbytes + self.lips.nbytes


def _field(face: Frame, moves: dict[str, Moves], turning: Turning, points: list[int]) -> Floats:
    grid = nodes().reshape(-1, 2).astype(np.float64)
    far = _far(face)
    skin = [moves[name][points] for name in TERMS if name in moves]
    columns = np.concatenate(skin, axis=1)
    wanted = np.concatenate([columns, np.zeros((len(far), columns.shape[1]))])
    places = np.concatenate([face.points[points], far])
    made = spline(places.astype(np.float32), wanted.astype(np.float32))(grid.astype(np.float32))
    moved = made.reshape(len(grid), -1, 2).transpose(1, 0, 2)
    return np.concatenate([moved, turning(grid)]).reshape(len(TERMS), -1).astype(np.float32)


def _far(face: Frame) -> Moves:
    """Return points around a face that stay, and the frame's edges."""
    oval = face.points[list(OVAL)]
    middle = oval.mean(axis=0)
    ends = np.linspace(0, SIZE - 1, 3)
    edges = [(x, y) for x in ends for y in ends if (x, y) != (ends[1], ends[1])]
    return np.concatenate([middle + (oval[::2] - middle) * _FAR, edges])


class Turning:
    """How turning, leaning and shifting the head moves places, (5, n, 2), by the last terms."""

    def __init__(self, mesh: Mesh, face: Frame) -> None:
        p = face.points
        self._face = face
        self._tall = float(np.linalg.norm(p[CHIN] - p[FOREHEAD]))
        self._middle = p[list(OVAL)].mean(axis=0)
        self._neck = p[CHIN] + 0.25 * self._tall * face.down
        edge = float(mesh.depth[[RIGHT_CHEEK, LEFT_CHEEK]].mean())
        known = list(dict.fromkeys((*FACE, CHIN)))
        near = np.clip(edge - mesh.depth[known], -0.1 * self._tall, 0.7 * self._tall)
        far = _far(face)
        places = np.concatenate([p[known], far]).astype(np.float32)
        values = np.concatenate([near, np.zeros(len(far))])[:, None].astype(np.float32)
        self._depth = spline(places, values)

    def __call__(self, points: Moves) -> Moves:
        """Return what one radian, or one px, does to each of some points."""
        near = self._depth(points.astype(np.float32))[:, 0].astype(np.float64)
        near = np.clip(near, -0.1 * self._tall, 0.7 * self._tall)
        below = (points - self._face.points[CHIN]) @ self._face.down / self._tall
        head = 1 - _smooth((below - 0.02) / 0.75)  # the neck bends, shoulders stay
        away = points - self._neck
        lever = near + _PIVOT * self._tall
        zero = np.zeros(len(points))
        moved = [
            np.stack([lever, zero], axis=1),
            np.stack([zero, 0.8 * lever], axis=1),
            np.stack([-away[:, 1], away[:, 0]], axis=1),
        ]
        body = 0.35 + 0.65 * head  # who breathes lifts the shoulders, too
        turned = [each * head[:, None] for each in moved]
        shifted = [np.outer(body, unit) for unit in ((1.0, 0.0), (0.0, 1.0))]
        return np.stack([*turned, *shifted])


def _smooth(value: Moves) -> Moves:
    held = np.clip(value, 0, 1)
    return held * held * (3 - 2 * held)


def warped(picture: Floats | Pixels, maps: Floats) -> NDArray[Any]:
    """Return a picture, (H, W) or (H, W, any), with each pixel from its place in (h, w, 2)."""
    return cv2.remap(picture, maps, _NONE, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def sources(field: Floats) -> Floats:
    """Return where each pixel comes from, (SIZE, SIZE, 2), for `cv2.remap`.

    ``field``, (n * n * 2,), says where nodes go; its inverse is found by iteration.
    """
    going = field.reshape(_NODES, _NODES, 2)
    coming: Floats = going
    for _ in range(_INVERSIONS):
        at = _AT - coming * np.float32(1 / STEP)
        coming = warped(going, at)
    wide = cv2.resize(_PLACES - coming, (_NODES * STEP, _NODES * STEP))
    return np.asarray(wide, np.float32)[STEP : STEP + SIZE, STEP : STEP + SIZE]


_NONE: Any = None  # OpenCV takes both places from one map, which its types do not say
_PLACES = nodes()
_AT = ((_PLACES - _PLACES[0, 0]) / STEP).astype(np.float32)  # the nodes' numbers
