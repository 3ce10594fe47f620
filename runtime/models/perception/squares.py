"""What a network looks at of a picture, a turned square or a box, and the way back."""

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
Bounds = tuple[float, float, float, float]  # px: left, top, right, bottom

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

    @property
    def bounds(self) -> Bounds:
        """How far it may reach, however it is turned."""
        reach = self.side / math.sqrt(2)
        return self.x - reach, self.y - reach, self.x + reach, self.y + reach

    @classmethod
    def around(cls, picture: Pixels) -> Square:
        """Return the smallest upright square that holds a whole picture."""
        height, width = picture.shape[:2]
        return cls(width / 2, height / 2, max(height, width))


@dataclass(frozen=True, slots=True)
class Box:
    """An upright part of a picture, in px, that is stretched to be as wide as high."""

    left: float
    top: float
    right: float
    bottom: float

    def matrix(self, side: int) -> Matrix:
        """Return what takes points of the box stretched to side × side to the picture's."""
        across, down = (self.right - self.left) / side, (self.bottom - self.top) / side
        return np.array([[across, 0, self.left], [0, down, self.top]], np.float64)

    @property
    def bounds(self) -> Bounds:
        """How far it reaches."""
        return self.left, self.top, self.right, self.bottom

    def grown(self, across: float, down: float) -> Box:
        """Return the box that reaches so many px further to both sides, and up and down."""
        return Box(self.left - across, self.top - down, self.right + across, self.bottom + down)

    def framed(self, share: float) -> Box:
        """Return the box with so much of its sides around it."""
        return self.grown(share * (self.right - self.left), share * (self.bottom - self.top))

    def evened(self, least: float) -> Box:
        """Return the box with each side at least ``least`` of the other, wherever that reaches."""
        across, down = self.right - self.left, self.bottom - self.top
        return self.grown(max(0.0, least * down - across) / 2, max(0.0, least * across - down) / 2)

    def within(self, width: int, height: int, least: float) -> Box:
        """Return the part that lies in a picture, of sides at least 1 px long.

        One side is at least ``least`` of the other, as far as the picture is: what is narrower
        is widened, so that nothing is stretched further.
        """
        x0, x1 = (min(max(each, 0.0), float(width)) for each in (self.left, self.right))
        y0, y1 = (min(max(each, 0.0), float(height)) for each in (self.top, self.bottom))
        x0, x1 = _widened(x0, x1, max(1.0, least * (y1 - y0)), width)
        y0, y1 = _widened(y0, y1, max(1.0, least * (x1 - x0)), height)
        return Box(x0, y0, x1, y1)


def _widened(start: float, end: float, least: float, most: int) -> tuple[float, float]:
    """Return a stretch at least so long about the same middle, moved to where it is within."""
    length = min(max(end - start, least), float(most))
    start = min(max((start + end - length) / 2, 0.0), most - length)
    return start, start + length


def cut(picture: Pixels, area: Square | Box, side: int, beyond: int = 0) -> Floats:
    """Return what an area holds, (side, side, 3) in 0..1; where the picture ends it is grey.

    ``beyond``, 0..255, says how light that is: black, unless a network knows better.
    What is shrunk is averaged first: thin lines and patterns would else come and go.
    """
    matrix = area.matrix(side)
    left, top, part = _near(picture, area)
    matrix[:, 2] -= left, top
    shrinks = np.hypot(*matrix[:, :2])  # of the area's own sides; those of a square are equal
    if shrinks.max() > _SHRINK and min(part.shape[:2]) > 1:
        sizes = zip(part.shape[1::-1], shrinks, strict=True)
        width, height = (max(1, round(n / each)) if each > _SHRINK else n for n, each in sizes)
        scale = np.array([[width / part.shape[1]], [height / part.shape[0]]])
        small = cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA)
        part, matrix = small.astype(np.uint8, copy=False), matrix * scale
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    # OpenCV counts from the pixels' centres, points here from their corners.
    matrix[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    held = cv2.warpAffine(
        part, matrix, (side, side), flags=flags, borderValue=(beyond, beyond, beyond)
    ).astype(np.float32)
    held /= 255
    return held


def moved(points: NDArray[np.floating[Any]], matrix: Matrix) -> Points:
    """Return where a matrix takes points, (n, 2)."""
    return (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)


def _near(picture: Pixels, area: Square | Box) -> tuple[int, int, Pixels]:
    """Return the part of a picture that an area may touch, RGB, with its left and top."""
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = area.bounds
    left, right = _within(x0 - 2, width), _within(x1 + 2, width)
    top, bottom = _within(y0 - 2, height), _within(y1 + 2, height)
    left, top = min(left, width - 1), min(top, height - 1)
    return left, top, picture[top : max(bottom, top + 1), left : max(right, left + 1), :3]


def _within(place: float, end: int) -> int:
    return int(min(max(place, 0), end))
