"""Where people are: BlazePose's detector, with several people told apart.

It finds faces and, for each, the middle of the hips and how far the body reaches from there
(Bazarevsky et al., "BlazePose: On-device Real-time Body Pose tracking", 2020).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..base import Pixels
from .networks import PoseNetworks
from .shots import Detector, pieces, views
from .squares import Points, Square

SIDE = 224  # px, what the network looks at
MOST_PEOPLE = 16
_ROOM = 1.25  # how much wider the square is than the body reaches
_NEAR = 0.15  # of a square's side, within which two bodies are one
_SMALL = 0.5  # of a picture's longer side: how large a body is at most that pieces are needed for
_LIFT = 0.4  # the power of colours, 0..1, that makes a tenth of white two fifths
_STRIDES = ((8, 2), (16, 2), (32, 6))


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
    looks = pieces(picture, 2) if closely else views(picture)
    detector = Detector(networks.detection, SIDE, _STRIDES)
    shots = detector.found(picture, looks, _LIFT if lifted else 1.0)
    people: list[Region] = []
    for marks, score in zip(shots.marks, shots.scores, strict=True):
        region = Region(square_of(*marks[:2]), float(score))
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


def _same(one: Square, other: Square) -> bool:
    """Say whether two squares are of one body, of which a piece may have held no face."""
    apart = math.hypot(one.x - other.x, one.y - other.y)
    return apart < _NEAR * max(one.side, other.side)
