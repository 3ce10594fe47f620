"""What a person's pixels are: hair, skin, face, clothes and the rest, within a box."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property

import cv2
import numpy as np

from ..base import Pixels
from ..onnx import Floats, Graph
from .joints import BONES, HIPS, SHOULDERS, TORSO, Joint
from .pose import Pose
from .squares import Box, Matrix, cut, moved

SIDE = 256  # px, what the network looks at
# Of its labels. Its surest answers are .917 and five times .017: 1 - .1 + .1 / 6, and .1 / 6.
_SMOOTHED = 0.1
_MARGIN = 0.35  # around what is looked at, of the torso's length
# How narrow a box may be, of its longer side. The network learned from whole pictures stretched to
# squares: it knows people who are, but nothing of black beside a picture, which it takes for
# ground, often together with the clothes before it.
_NARROW = 0.6
_GREY = 128  # what is shown where the picture ends
# Of looks again: how much more is seen around, of the longer side; then the agreement below which
# it is worth it, how narrow the box may be, and how wide a frame of grey has stand out who fills a
# picture, of its sides. Each was the best of some ten for people whom the first look misses.
_AROUND = 0.25
_AGAIN = ((0.85, 0.8, 0.06), (0.75, _NARROW, 0.15))
_PRESENT = 0.5  # a joint that is surely in the picture
# Lines that run within a person: bones but for fingers and toes, and across the torso.
_ENDS = {Joint.LEFT_INDEX, Joint.RIGHT_INDEX, Joint.LEFT_FOOT_INDEX, Joint.RIGHT_FOOT_INDEX}
_INSIDE = (
    *(bone for bone in BONES if not _ENDS & set(bone)),
    (Joint.LEFT_SHOULDER, Joint.RIGHT_HIP),
    (Joint.RIGHT_SHOULDER, Joint.LEFT_HIP),
)
_ALONG = np.linspace(0.05, 0.95, 16, dtype=np.float32)[:, None]  # places on a bone


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
    """How likely each pixel of a picture is what; beyond the box all is background."""

    classes: Floats  # (SIDE, SIDE, 6), of the stretched box; each pixel's sum is 1
    matrix: Matrix  # (2, 3), from those to the picture's
    size: tuple[int, int]  # of the picture, px: width and height

    @cached_property
    def probabilities(self) -> Floats:
        """All of them, (H, W, 6)."""
        return np.dstack([self.of(part) for part in Part])

    def of(self, *parts: Part) -> Floats:
        """Return how likely each pixel is any of some parts, (H, W) in 0..1."""
        chosen = sum((self.classes[..., part] for part in parts[1:]), self.classes[..., parts[0]])
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


def parse(picture: Pixels, box: Box, network: Graph) -> Parse:
    """Return what the pixels of a picture, (H, W, 3 | 4), are within a box, as far as it has it."""
    return _looked(picture, shown(picture, box), network)


def shown(picture: Pixels, box: Box) -> Box:
    """Return what the network is shown for a box of a picture: see `_NARROW`."""
    return _within(picture, box).evened(_NARROW)


def parse_still(picture: Pixels, box: Box, pose: Pose, network: Graph) -> Parse:
    """Return the same of a person whose pose is known, looked at again where it cannot be.

    Where joints lie on what was taken for background the network is asked again, with more around
    the person, and what agrees best with the joints is believed. That takes twice as long then,
    and three times where hardly anything was seen.
    """
    best = parse(picture, box, network)
    area = _within(picture, box)
    fits = agreement(best, pose, area)
    more = _AROUND * max(area.right - area.left, area.bottom - area.top)
    wider = _within(picture, area.grown(more, more))
    for least, narrow, frame in _AGAIN:
        if fits < least:
            other = _looked(picture, wider.evened(narrow).framed(frame), network)
            found = agreement(other, pose, area)
            if found > fits:
                fits, best = found, other
    return best


def agreement(parse: Parse, pose: Pose, box: Box) -> float:
    """Return how likely what lies on a pose's bones is the person, 0..1, on average.

    Only bones count whose joints are seen, as far as they are in a box; 1 where there are none.
    """
    seen = np.minimum(pose.presence, pose.visibility) >= _PRESENT
    bones = [bone for bone in _INSIDE if seen[list(bone)].all()]
    if not bones:
        return 1.0
    ends = pose.points[bones]  # (n, 2, 2)
    points = (ends[:, :1] * (1 - _ALONG) + ends[:, 1:] * _ALONG).reshape(-1, 2)
    left, top, right, bottom = box.bounds
    inside = ((points >= (left, top)) & (points < (right, bottom))).all(axis=1)
    if not inside.any():
        return 1.0
    back = np.asarray(cv2.invertAffineTransform(parse.matrix), np.float64)
    at = np.clip(moved(points[inside], back), 0, SIDE - 1).astype(np.intp)
    return float(1 - parse.classes[at[:, 1], at[:, 0], Part.BACKGROUND].mean())


def _within(picture: Pixels, box: Box) -> Box:
    height, width = picture.shape[:2]
    return box.within(width, height, _NARROW)


def _looked(picture: Pixels, area: Box, network: Graph) -> Parse:
    logits = network.run(picture=cut(picture, area, SIDE, _GREY)[None] * 2 - 1)[0]
    height, width = picture.shape[:2]
    return Parse(_likely(logits), area.matrix(SIDE), (width, height))


def _likely(logits: Floats) -> Floats:
    """Return probabilities: the softmax, without the smoothing of the labels in training."""
    # Each part's plane by itself: sums of six numbers each, side by side, take ten times as long.
    likely = np.ascontiguousarray(np.moveaxis(logits, -1, 0))
    likely -= likely.max(axis=0)
    np.exp(likely, out=likely)
    likely /= likely.sum(axis=0)
    likely -= _SMOOTHED / len(Part)
    likely /= 1 - _SMOOTHED
    np.maximum(likely, 0, out=likely)
    likely /= likely.sum(axis=0)
    return np.moveaxis(likely, 0, -1)


def whole_body(pose: Pose) -> Box:
    """Return the box around a person from head to feet, as far as they are in the picture."""
    there = pose.points[pose.presence > _PRESENT]
    points = there if len(there) > 2 else pose.points
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    margin = _MARGIN * _torso(pose)
    # Joints end at the eyes: hair is above.
    return Box(left - margin, top - 2 * margin, right + margin, bottom + margin)


def upper_body(pose: Pose) -> Box:
    """Return the box around head, torso and arms: of the whole body without the legs."""
    whole, middle = whole_body(pose), float(pose.points[list(TORSO), 1].mean())
    return replace(whole, bottom=min(whole.bottom, middle + _torso(pose)))


def _torso(pose: Pose) -> float:
    """Return the length from shoulders to hips, px; shoulders' width counts where one leans."""
    shoulders, hips = (pose.points[list(each)] for each in (SHOULDERS, HIPS))
    down = float(np.linalg.norm(hips.mean(axis=0) - shoulders.mean(axis=0)))
    return max(1.0, down, float(np.linalg.norm(shoulders[0] - shoulders[1])))
