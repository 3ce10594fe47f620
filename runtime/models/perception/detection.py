"""Where people are: BlazePose's detector, with several people told apart.

It finds faces and, for each, the middle of the hips and how far the body reaches from there
(Bazarevsky et al., "BlazePose: On-device Real-time Body Pose tracking", 2020).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..base import Pixels
from ..onnx import Floats
from .networks import PoseNetworks
from .squares import Matrix, Points, Square, cut, moved

SIDE = 224  # px, what the network looks at
LEAST_SCORE = 0.5
MOST_PEOPLE = 16
_SAME = 0.3  # overlap of two faces from which they are one (intersection over union)
_ROOM = 1.25  # how much wider the square is than the body reaches
_NEAR = 0.15  # of a square's side, within which two bodies are one
_SMALL = 0.5  # of a picture's longer side: how large a body is at most that pieces are needed for
_LIFT = 0.4  # the power of colours, 0..1, that makes a tenth of white two fifths
_LONG = 2.5  # sides of a picture: longer ones are looked at piece by piece, too
_MOST_PIECES = 16
_STRIDES = ((8, 2), (16, 2), (32, 6))  # px from anchor to anchor, and how many lie at each place


@dataclass(frozen=True, slots=True)
class _View:
    """A square that is looked at, and where in it faces are taken from: pieces overlap."""

    square: Square
    low: tuple[float, float] = (-math.inf, -math.inf)  # px, x and y
    high: tuple[float, float] = (math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Region:
    """Where a person is: a square around all of the body, upright with it, and how surely."""

    square: Square
    score: float

    def box(self, width: int, height: int) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom in a picture of that size, in 0..1 of it."""
        reach = self.square.side / 2 / _ROOM
        x, y = self.square.x, self.square.y
        across = ((x - reach) / width, (x + reach) / width)
        down = ((y - reach) / height, (y + reach) / height)
        (left, right), (top, bottom) = (np.clip(each, 0, 1) for each in (across, down))
        return float(left), float(top), float(right), float(bottom)


def everybody(picture: Pixels, networks: PoseNetworks) -> list[Region]:
    """Return the people in a still, the surest first, also those whose faces are dark in it.

    Those are looked for where nobody else is: it takes as long again.
    """
    return detect(picture, networks) or detect(picture, networks, lifted=True)


def detect(
    picture: Pixels, networks: PoseNetworks, closely: bool = False, lifted: bool = False
) -> list[Region]:
    """Return the people in a picture, (H, W, 3 | 4), the surest first; none is no error.

    A picture that is much longer than wide is also looked at in square pieces: in the whole,
    people would be too small. ``closely`` looks at pieces of half the size alone, for people who
    are small in any picture; it takes about nine times as long. ``lifted`` shows the network
    shadows as if they were lit: in very deep skin before a bright wall it sees no face else.
    """
    views = _halves(picture) if closely else _views(picture)
    found = [_looked(picture, view, networks, _LIFT if lifted else 1.0) for view in views]
    faces = np.concatenate([each[0] for each in found])
    marks = np.concatenate([each[1] for each in found])
    scores = np.concatenate([each[2] for each in found])
    people: list[Region] = []
    for i in _told_apart(faces, scores):
        region = Region(square_of(*marks[i, :2]), float(scores[i]))
        if closely and region.square.side > _SMALL * max(picture.shape[:2]):
            continue  # so large a person would have been seen in the whole: it is none
        if not any(_same(region.square, other.square) for other in people):
            people.append(region)
    return people[:MOST_PEOPLE]


def square_of(hips: Points, reach: Points) -> Square:
    """Return the square around a body, from the middle of its hips to as far as it reaches."""
    across, down = (float(each) for each in reach - hips)
    side = 2 * math.hypot(across, down) * _ROOM
    return Square(float(hips[0]), float(hips[1]), side, math.atan2(down, across) + math.pi / 2)


def _views(picture: Pixels) -> list[_View]:
    height, width = picture.shape[:2]
    short, long = sorted((height, width))
    views = [_View(Square.around(picture))]
    if long > _LONG * short:
        pieces = min(_MOST_PIECES, math.ceil(2 * long / short) - 1)
        side = max(short, 2 * long / (pieces + 1))  # each half is in the next piece, too
        across, down = (pieces, 1) if width == long else (1, pieces)
        views += _grid(picture, side, across, down)
    return views


def _halves(picture: Pixels) -> list[_View]:
    side = max(picture.shape[:2]) / 2
    down, across = (math.ceil(2 * length / side) - 1 for length in picture.shape[:2])
    return _grid(picture, side, max(across, 1), max(down, 1))


def _grid(picture: Pixels, side: float, across: int, down: int) -> list[_View]:
    """Return so many squares in each direction, each as far from the next."""
    height, width = picture.shape[:2]
    return [
        _View(Square(x, y, side), (left, top), (right, bottom))
        for y, top, bottom in _line(height, side, down)
        for x, left, right in _line(width, side, across)
    ]


def _line(length: int, side: float, count: int) -> list[tuple[float, float, float]]:
    """Return middles along one direction, and from where to where each counts, px."""
    if count == 1:
        return [(length / 2, -math.inf, math.inf)]
    step = (length - side) / (count - 1)
    middles = [side / 2 + number * step for number in range(count)]
    ends = [-math.inf, *(middle + step / 2 for middle in middles[:-1]), math.inf]
    return list(zip(middles, ends[:-1], ends[1:], strict=True))


def _looked(
    picture: Pixels, view: _View, networks: PoseNetworks, power: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], Floats]:
    """Return faces (n, 2, 2), marks (n, 4, 2) and scores (n,) of what is likely in a view."""
    given = cut(picture, view.square, SIDE)[None] ** power * 2 - 1
    boxes, logits = networks.detection.run_all(["boxes", "scores"], picture=given)
    scores = sigmoid(logits[0, :, 0])
    likely = np.nonzero(scores > LEAST_SCORE)[0]
    raw, anchors, matrix = boxes[0, likely], _ANCHORS[likely], view.square.matrix(SIDE)
    middle, half = raw[:, :2] + anchors, np.abs(raw[:, 2:4]) / 2
    faces = _placed(np.stack([middle - half, middle + half], axis=1), matrix)
    marks = _placed(raw[:, 4:].reshape(-1, 4, 2) + anchors[:, None], matrix)
    place = faces.mean(axis=1)
    inside = ((view.low <= place) & (place < view.high)).all(axis=1)
    return faces[inside], marks[inside], scores[likely][inside]


def _placed(points: NDArray[np.float32], matrix: Matrix) -> NDArray[np.float32]:
    return moved(points.reshape(-1, 2), matrix).reshape(points.shape)


def _told_apart(faces: NDArray[np.float32], scores: Floats) -> list[int]:
    """Return the surest of each face, the surest first: non-maximum suppression."""
    kept: list[int] = []
    for i in np.argsort(-scores, kind="stable"):
        if all(_overlap(faces[i], faces[k]) < _SAME for k in kept):
            kept.append(int(i))
    return kept


def _same(one: Square, other: Square) -> bool:
    """Say whether two squares are of one body, of which a piece may have held no face."""
    apart = math.hypot(one.x - other.x, one.y - other.y)
    return apart < _NEAR * max(one.side, other.side)


def _overlap(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return the intersection over the union of two boxes, (2, 2)."""
    shared = np.prod(np.maximum(np.minimum(one[1], other[1]) - np.maximum(one[0], other[0]), 0))
    both = np.prod(one[1] - one[0]) + np.prod(other[1] - other[0])
    return float(shared / max(both - shared, 1e-9))


def sigmoid(logits: Floats) -> Floats:
    """Return 1 / (1 + exp(-x)), for any x."""
    return (0.5 + 0.5 * np.tanh(logits / 2)).astype(np.float32)


def _anchors() -> Points:
    """Return the places that the network's answers are told from, (2254, 2), px."""
    found = []
    for stride, times in _STRIDES:
        at = (np.arange(SIDE // stride, dtype=np.float32) + 0.5) * stride
        places = np.stack(np.meshgrid(at, at), axis=-1).reshape(-1, 2)
        found.append(np.repeat(places, times, axis=0))
    return np.concatenate(found)


_ANCHORS = _anchors()
