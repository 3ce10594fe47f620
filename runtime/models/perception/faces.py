"""Where faces are: BlazeFace's short-range detector, asked more closely where it sees none.

Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..base import Pixels
from ..onnx import Floats
from .networks import FaceNetworks
from .shots import Detector, pieces, views
from .squares import Points, Square

SIDE = 128  # px, what the network looks at
MOST_FACES = 16
ROOM = 1.5  # how much wider the square is than the box around a face
_STRIDES = ((8, 2), (16, 6))
_LIFT = 0.4  # the power of colours that lights shadows, see ``detection``
_EYES = (0, 1)  # marks: the person's right one, then the left


@dataclass(frozen=True, slots=True)
class FaceRegion:
    """Where a face is: a square around it, upright with its eyes, and how surely."""

    square: Square
    score: float


def detect(
    picture: Pixels, networks: FaceNetworks, parts: int = 1, lifted: bool = False
) -> list[FaceRegion]:
    """Return the faces in a picture, (H, W, 3 | 4), the surest first; none is no error.

    It sees those that take an eighth of what is looked at. ``parts`` above 1 has it look at pieces
    of such a part of the picture's side, ``lifted`` at shadows as if they were lit.
    """
    looks = views(picture) if parts == 1 else pieces(picture, parts)
    detector = Detector(networks.detection, SIDE, _STRIDES)
    shots = detector.found(picture, looks, _LIFT if lifted else 1.0)
    faces = [
        FaceRegion(_square(box, marks), float(score))
        for box, marks, score in zip(shots.boxes, shots.marks, shots.scores, strict=True)
    ]
    return faces[:MOST_FACES]


def _square(box: Floats, marks: Points) -> Square:
    x, y = (float(each) for each in box.mean(axis=0))
    across, down = (float(each) for each in np.subtract(marks[_EYES[1]], marks[_EYES[0]]))
    return Square(x, y, ROOM * float((box[1] - box[0]).max()), math.atan2(down, across))
