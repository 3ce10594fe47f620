"""How much of a frame is left, how much of a style is there."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from livedraft.runtime.models.restyle.tuning.judge import Judge, gram

from ..data.packed import Picture

_STRONGEST = 0.1  # of the pixels, by their gradient
_SMALL = 96  # px, at which colours are compared
_LINES = 32  # directions in which colours are compared


def kept(frame: Picture, made: Picture) -> float:
    """Return how well edges run as they did, on a frame's strongest: 1 all, 0 by chance.

    The mean cosine of twice the angle between gradients: a line that turned from dark on light
    to light on dark still runs as it did.
    """
    x, y = _gradient(frame)
    strong = np.hypot(x, y)
    chosen = strong >= np.quantile(strong, 1 - _STRONGEST)
    u, v = _gradient(made)
    angle = np.arctan2(y, x)[chosen] - np.arctan2(v, u)[chosen]
    return float(np.cos(2 * angle).mean())


def own(frames: Sequence[Picture], made: Sequence[Picture]) -> int:
    """Return how many of the pictures made keep most of the very frame that they were made of."""
    found = [int(np.argmax([kept(frame, one) for frame in frames])) for one in made]
    return sum(number == place for number, place in enumerate(found))


def sharpness(picture: Picture) -> float:
    """Return the mean gradient, in levels a pixel."""
    return float(np.hypot(*_gradient(picture)).mean())


class Manner:
    """What pictures of one style have in common: textures, and colours."""

    def __init__(self, judge: Judge, pictures: Sequence[Picture]) -> None:
        self._judge = judge
        stack = [_grams(judge, one) for one in pictures]
        self._grams = [torch.stack(depth).mean(0) for depth in zip(*stack, strict=True)]
        self._colours = np.concatenate([_colours(one) for one in pictures])

    def texture(self, pictures: Sequence[Picture]) -> float:
        """Return how far textures are from the style's, relative to it, each picture by itself."""
        apart = [
            float((mine - theirs).norm() / theirs.norm())
            for one in pictures
            for mine, theirs in zip(_grams(self._judge, one), self._grams, strict=True)
        ]
        return float(np.mean(apart))

    def palette(self, pictures: Sequence[Picture]) -> float:
        """Return how far all colours are from the style's (sliced Wasserstein, in CIE Lab)."""
        mine = np.concatenate([_colours(one) for one in pictures])
        theirs = np.resize(self._colours, mine.shape)  # of one picture: as often as there are ours
        lines = np.random.default_rng(0).normal(size=(_LINES, 3))
        lines /= np.linalg.norm(lines, axis=1, keepdims=True)
        apart = [np.abs(np.sort(mine @ line) - np.sort(theirs @ line)) for line in lines]
        return float(np.mean(apart))


def _gradient(picture: Picture) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.0)
    x, y = cv2.Sobel(smooth, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(smooth, cv2.CV_32F, 0, 1) / 8
    return np.asarray(x, np.float32), np.asarray(y, np.float32)


def _colours(picture: Picture) -> NDArray[np.float32]:
    small = cv2.resize(picture, (_SMALL, _SMALL), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return np.asarray(lab, np.float32).reshape(-1, 3)


@torch.no_grad()
def _grams(judge: Judge, picture: Picture) -> list[torch.Tensor]:
    given = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None].float() / 255
    return [gram(features)[0] for features in judge(given)]
