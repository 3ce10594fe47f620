"""What a person's pixels are: hair, skin, face, clothes and the rest, within a square."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property

import cv2
import numpy as np

from ..base import Pixels
from ..onnx import Floats, Graph
from .joints import ARMS, HIPS, SHOULDERS
from .pose import Pose
from .squares import Matrix, Square, cut

SIDE = 256  # px, what the network looks at
# Of its labels. Its surest answers are .917 and five times .017: 1 - .1 + .1 / 6, and .1 / 6.
_SMOOTHED = 0.1
_MARGIN = 0.35  # around what is looked at, of the torso's length


class Part(IntEnum):
    """What a pixel may be."""

    BACKGROUND = 0
    HAIR = 1
    SKIN = 2  # of the body
    FACE = 3  # its skin
    CLOTHES = 4
    OTHER = 5  # worn or held: bags, glasses, jewellery

    @property
    def label(self) -> str:
        """Its name on the wire: ``clothes``."""
        return self.name.lower()


@dataclass(frozen=True, eq=False)
class Parse:
    """How likely each pixel of a picture is what; beyond the square all is background."""

    classes: Floats  # (SIDE, SIDE, 6), of the square's own pixels; each pixel's sum is 1
    matrix: Matrix  # (2, 3), from those to the picture's
    size: tuple[int, int]  # of the picture, px: width and height

    @cached_property
    def probabilities(self) -> Floats:
        """All of them, (H, W, 6)."""
        return np.dstack([self.of(part) for part in Part])

    def of(self, *parts: Part) -> Floats:
        """Return how likely each pixel is any of some parts, (H, W) in 0..1."""
        chosen = self.classes[..., list(parts)].sum(axis=-1)
        beyond = float(Part.BACKGROUND in parts)
        placed = self.matrix.copy()
        placed[:, 2] += placed[:, :2] @ (0.5, 0.5) - 0.5  # OpenCV counts from pixels' centres
        found = cv2.warpAffine(
            chosen, placed, self.size, flags=cv2.INTER_LINEAR, borderValue=beyond
        )
        return found.astype(np.float32, copy=False)

    def moved(self, matrix: Matrix) -> Parse:
        """Return the same, moved with the person by a matrix from the picture to the picture.

        See ``pose.similarity``; it costs nothing until pixels are asked for.
        """
        whole = matrix[:, :2] @ self.matrix
        whole[:, 2] += matrix[:, 2]
        return replace(self, matrix=whole)


def parse(picture: Pixels, square: Square, network: Graph) -> Parse:
    """Return what the pixels of a picture, (H, W, 3 | 4), are within a square."""
    logits = network.run(picture=cut(picture, square, SIDE)[None] * 2 - 1)[0]
    height, width = picture.shape[:2]
    return Parse(_likely(logits), square.matrix(SIDE), (width, height))


def _likely(logits: Floats) -> Floats:
    """Return probabilities: the softmax, without the smoothing of the labels in training."""
    likely = np.exp(logits - logits.max(axis=-1, keepdims=True))
    likely /= likely.sum(axis=-1, keepdims=True)
    likely = np.clip((likely - _SMOOTHED / len(Part)) / (1 - _SMOOTHED), 0, None)
    sure: Floats = likely / likely.sum(axis=-1, keepdims=True)
    return sure


def upper_body(pose: Pose) -> Square:
    """Return the square around head, torso and arms."""
    middle = pose.points[[*SHOULDERS, *HIPS]].mean(axis=0)
    length = _torso(pose)
    reach = 0.6 * float(np.ptp(pose.points[list(ARMS), 0])) + _MARGIN * length
    return Square(float(middle[0]), float(middle[1]) - 0.18 * length, 2 * max(1.15 * length, reach))


def whole_body(pose: Pose) -> Square:
    """Return the square around a person from head to feet, as far as they are in the picture."""
    there = pose.points[pose.presence > 0.5]
    points = there if len(there) > 2 else pose.points
    low, high = points.min(axis=0), points.max(axis=0)
    length = _torso(pose)
    top = float(low[1]) - _MARGIN * length  # joints end at the eyes: hair is above
    side = max(float(high[0] - low[0]), float(high[1]) - top) + 2 * _MARGIN * length
    return Square(float(low[0] + high[0]) / 2, (top + float(high[1])) / 2, side)


def _torso(pose: Pose) -> float:
    """Return the length from shoulders to hips, px; shoulders' width counts where one leans."""
    shoulders, hips = (pose.points[list(each)] for each in (SHOULDERS, HIPS))
    down = float(np.linalg.norm(hips.mean(axis=0) - shoulders.mean(axis=0)))
    return max(1.0, down, float(np.linalg.norm(shoulders[0] - shoulders[1])))
