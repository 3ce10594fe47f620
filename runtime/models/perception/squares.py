"""Squares of a picture: what a network looks at, turned upright, and the way back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..base import Pixels
from ..onnx import Floats

Points = NDArray[np.float32]  # (n, 2), px, x then y
Matrix = NDArray[np.float64]  # (2, 3), from points to points

_SHRINK = 1.5  # times as large as it is wanted, from where a picture is averaged, not sampled


@dataclass(frozen=True, slots=True)
class Square:
    """A square of a picture, in px; ``angle`` turns it clockwise, in radians."""

    x: float  # of its centre
    y: float
    side: float
    angle: float = 0.0

    def matrix(self, side: int) -> Matrix:
        """Return what takes points of the square's own pixels, side × side, to the picture's."""
        scale = self.side / side
        cos, sin = math.cos(self.angle) * scale, math.sin(self.angle) * scale
        turned = np.array([[cos, -sin], [sin, cos]])
        corner = np.array([self.x, self.y]) - turned @ np.full(2, side / 2)
        return np.concatenate([turned, corner[:, None]], axis=1)

    @classmethod
    def around(cls, picture: Pixels) -> Square:
        """Return the smallest upright square that holds a whole picture."""
        height, width = picture.shape[:2]
        return cls(width / 2, height / 2, max(height, width))


def cut(picture: Pixels, square: Square, side: int) -> Floats:
    """Return what a square holds, (side, side, 3) in 0..1; black where the picture ends.

    What is shrunk is averaged first: thin lines and patterns would else come and go.
    """
    matrix = square.matrix(side)
    left, top, part = _near(picture, square)
    matrix[:, 2] -= left, top
    shrink = square.side / side
    if shrink > _SHRINK and min(part.shape[:2]) > 1:
        width, height = (max(1, round(n / shrink)) for n in (part.shape[1], part.shape[0]))
        scale = np.array([[width / part.shape[1]], [height / part.shape[0]]])
        small = cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA)
        part, matrix = small.astype(np.uint8, copy=False), matrix * scale
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    # OpenCV counts from the pixels' centres, points here from their corners.
    matrix[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    held = cv2.warpAffine(part, matrix, (side, side), flags=flags).astype(np.float32)
    held /= 255
    return held


def moved(points: NDArray[np.floating[Any]], matrix: Matrix) -> Points:
    """Return where a matrix takes points, (n, 2)."""
    return (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)


def _near(picture: Pixels, square: Square) -> tuple[int, int, Pixels]:
    """Return the part of a picture that a square may touch, RGB, with its left and top."""
    height, width = picture.shape[:2]
    reach = square.side / math.sqrt(2) + 2
    left, right = (_within(square.x + each, width) for each in (-reach, reach))
    top, bottom = (_within(square.y + each, height) for each in (-reach, reach))
    left, top = min(left, width - 1), min(top, height - 1)
    return left, top, picture[top : max(bottom, top + 1), left : max(right, left + 1), :3]


def _within(place: float, end: int) -> int:
    return int(min(max(place, 0), end))
