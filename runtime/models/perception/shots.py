"""What the single-shot detectors share: views of a picture, anchors, and who is told apart.

Both answer as BlazeFace does (Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection
on Mobile GPUs", 2019): of each anchor a box, some marks, and how likely something is there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..base import Pixels
from ..onnx import Floats, Graph
from .squares import Matrix, Points, Square, cut, moved

LEAST_SCORE = 0.5
_SAME = 0.3  # overlap of two boxes from which they are of one (intersection over union)
_LONG = 2.5  # sides of a picture: longer ones are looked at piece by piece, too
_MOST_PIECES = 16


@dataclass(frozen=True, slots=True)
class View:
    """A square that is looked at, and where in it boxes are taken from: pieces overlap."""

    square: Square
    low: tuple[float, float] = (-math.inf, -math.inf)  # px, x and y
    high: tuple[float, float] = (math.inf, math.inf)


@dataclass(frozen=True, slots=True, eq=False)
class Shots:
    """What was found in a picture, the surest first; each once."""

    boxes: NDArray[np.float32]  # (n, 2, 2), px: upper left and lower right
    marks: NDArray[np.float32]  # (n, marks, 2), px
    scores: Floats  # (n,), 0..1


class Detector:
    """A network that looks at squares of ``side`` px, with its anchors."""

    def __init__(self, network: Graph, side: int, strides: tuple[tuple[int, int], ...]) -> None:
        self._network, self._side, self._anchors = network, side, _anchors(side, strides)

    def found(self, picture: Pixels, views: Sequence[View], power: float = 1.0) -> Shots:
        """Return what is likely in any view; colours, 0..1, are raised to a power first."""
        looks = [self._looked(picture, view, power) for view in views]
        boxes, marks, scores = (np.concatenate(each) for each in zip(*looks, strict=True))
        kept = _told_apart(boxes, scores)
        return Shots(boxes[kept], marks[kept], scores[kept])

    def _looked(
        self, picture: Pixels, view: View, power: float
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], Floats]:
        given = cut(picture, view.square, self._side)[None] ** power * 2 - 1
        boxes, logits = self._network.run_all(["boxes", "scores"], picture=given)
        scores = sigmoid(logits[0, :, 0])
        likely = np.nonzero(scores > LEAST_SCORE)[0]
        raw, anchors = boxes[0, likely], self._anchors[likely]
        matrix = view.square.matrix(self._side)
        middle, half = raw[:, :2] + anchors, np.abs(raw[:, 2:4]) / 2
        placed = _placed(np.stack([middle - half, middle + half], axis=1), matrix)
        marks = raw[:, 4:].reshape(len(raw), (boxes.shape[2] - 4) // 2, 2) + anchors[:, None]
        place = placed.mean(axis=1)
        inside = ((view.low <= place) & (place < view.high)).all(axis=1)
        return placed[inside], _placed(marks, matrix)[inside], scores[likely][inside]


def views(picture: Pixels) -> list[View]:
    """Return the whole of a picture, and of one much longer than wide square pieces, too.

    In the whole of it what is looked for would be too small.
    """
    height, width = picture.shape[:2]
    short, long = sorted((height, width))
    found = [View(Square.around(picture))]
    if long > _LONG * short:
        count = min(_MOST_PIECES, math.ceil(2 * long / short) - 1)
        side = max(short, 2 * long / (count + 1))  # each half is in the next piece, too
        across, down = (count, 1) if width == long else (1, count)
        found += _grid(picture, side, across, down)
    return found


def pieces(picture: Pixels, parts: int) -> list[View]:
    """Return squares of a part of a picture's longer side, each half in the next one, too."""
    side = max(picture.shape[:2]) / parts
    down, across = (math.ceil(2 * length / side) - 1 for length in picture.shape[:2])
    return _grid(picture, side, max(across, 1), max(down, 1))


def sigmoid(logits: Floats) -> Floats:
    """Return 1 / (1 + exp(-x)), for any x."""
    return (0.5 + 0.5 * np.tanh(logits / 2)).astype(np.float32)


def _grid(picture: Pixels, side: float, across: int, down: int) -> list[View]:
    """Return so many squares in each direction, each as far from the next."""
    height, width = picture.shape[:2]
    return [
        View(Square(x, y, side), (left, top), (right, bottom))
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


def _placed(points: NDArray[np.float32], matrix: Matrix) -> NDArray[np.float32]:
    return moved(points.reshape(-1, 2), matrix).reshape(points.shape)


def _told_apart(boxes: NDArray[np.float32], scores: Floats) -> list[int]:
    """Return the surest of each box, the surest first: non-maximum suppression."""
    kept: list[int] = []
    for i in np.argsort(-scores, kind="stable"):
        if all(_overlap(boxes[i], boxes[k]) < _SAME for k in kept):
            kept.append(int(i))
    return kept


def _overlap(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return the intersection over the union of two boxes, (2, 2)."""
    shared = np.prod(np.maximum(np.minimum(one[1], other[1]) - np.maximum(one[0], other[0]), 0))
    both = np.prod(one[1] - one[0]) + np.prod(other[1] - other[0])
    return float(shared / max(both - shared, 1e-9))


@cache
def _anchors(side: int, strides: tuple[tuple[int, int], ...]) -> Points:
    """Return the places that answers are told from, (n, 2), px.

    ``strides`` are px from anchor to anchor, and how many lie at each place.
    """
    found = []
    for stride, times in strides:
        at = (np.arange(side // stride, dtype=np.float32) + 0.5) * stride
        places = np.stack(np.meshgrid(at, at), axis=-1).reshape(-1, 2)
        found.append(np.repeat(places, times, axis=0))
    return np.concatenate(found)
