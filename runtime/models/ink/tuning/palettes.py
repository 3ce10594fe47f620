"""Palettes in a folder's manner: the pictures' own, and the model's own moved to look alike.

A few pictures tell the colours of what they show. For all other words, palettes that the model
draws are moved so that their lightness and chroma are spread as the folder's are; hues keep their
differences. So "apple" stays the reddest thing that the style allows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livedraft.protocol.messages import Stage

from ...base import Request
from ..colour import Floats
from ..layout import STYLES
from ..model import Ink
from ..state import InkParams

THINGS = (
    *("apple", "banana", "bear", "bell", "bicycle", "bird", "boat", "book", "boot", "bottle"),
    *("bread", "bus", "butterfly", "cactus", "cake", "camera", "candle", "car", "carrot", "cat"),
    *("chair", "cheese", "cherry", "clock", "cloud", "coat", "cow", "crab", "crown", "cup"),
    *("diamond", "dog", "dolphin", "door", "dress", "duck", "egg", "elephant", "eye", "face"),
    *("feather", "fire", "fish", "flower", "fox", "frog", "ghost", "gift", "glasses", "grapes"),
    *("guitar", "hammer", "hand", "hat", "heart", "horse", "house", "ice cream", "key", "kite"),
    *("ladybug", "lamp", "leaf", "lemon", "lion", "lock", "man", "monkey", "moon", "mountain"),
    *("mouse", "mushroom", "octopus", "owl", "palm tree", "panda", "pear", "pencil", "penguin"),
    *("person", "phone", "pig", "pizza", "rabbit", "rainbow", "robot", "rocket", "rose", "ship"),
    *("shirt", "shoe", "snail", "snake", "star", "strawberry", "sun", "sunflower", "tent"),
    *("tiger", "tomato", "tractor", "train", "tree", "turtle", "umbrella", "whale", "woman"),
)
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white")
NAMED = 0.4  # of prompts that name a colour


@dataclass(frozen=True)
class Bank:
    """Prompts, the styles they are said in, and the palettes that should come of them."""

    prompts: list[str]
    styles: NDArray[np.int64]
    palettes: Floats  # (N, 6, 4)


def make_bank(model: Ink, manner: Floats, count: int, seed: int) -> Bank:
    """Draw palettes for many prompts and move them to the manner of (M, 6, 4) palettes."""
    rng = np.random.default_rng(seed)
    prompts = [_prompt(rng) for _ in range(count)]
    styles = rng.integers(0, len(STYLES), count)
    state, blank = model.open(), np.zeros((64, 64, 4), np.uint8)

    def draw(index: int) -> Floats:
        style = STYLES[styles[index]]
        params = InkParams.model_validate(
            {"prompt": prompts[index], "style": style, "seed": seed + index}
        )
        return model.prepare([(state, Request(params, {"sketch": blank}, Stage.DRAFT, 1))])[
            0
        ].palette

    drawn = np.concatenate([draw(index) for index in range(count)])
    return Bank(prompts, styles, moved(drawn, manner))


def moved(palettes: Floats, manner: Floats) -> Floats:
    """Give palettes (N, 6, 4) the spread of lightness, chroma and shares of others (M, 6, 4).

    Lightness by its distribution function, which keeps what is lighter lighter; a and b by mean
    and common deviation; shares by rank.
    """
    result = palettes.copy()
    result[..., 0] = np.interp(
        _rank(palettes[..., 0], palettes), *_quantiles(manner[..., 0], manner[..., 3])
    )
    ours, theirs = _spread(palettes), _spread(manner)
    result[..., 1:3] = (palettes[..., 1:3] - ours[0]) * (theirs[1] / ours[1]) + theirs[0]
    result[..., 3] *= manner[..., 3].mean(0) / np.maximum(palettes[..., 3].mean(0), 1e-3)
    result[..., 3] /= result[..., 3].sum(1, keepdims=True)
    order = np.argsort(-result[..., 3], axis=1, kind="stable")
    return np.take_along_axis(result, order[..., None], 1)


def _prompt(rng: np.random.Generator) -> str:
    if rng.random() < 0.1:
        return ""
    thing = str(rng.choice(THINGS))
    return f"{rng.choice(COLOURS)} {thing}" if rng.random() < NAMED else thing


def _quantiles(values: Floats, shares: Floats) -> tuple[Floats, Floats]:
    """Return the distribution function of values, each as often as its share says."""
    order = np.argsort(values, axis=None)
    weight = shares.ravel()[order]
    reached = np.cumsum(weight) - weight / 2
    return (reached / weight.sum()).astype(np.float32), values.ravel()[order]


def _rank(values: Floats, palettes: Floats) -> Floats:
    reached, sorted_values = _quantiles(palettes[..., 0], palettes[..., 3])
    return np.asarray(np.interp(values, sorted_values, reached), np.float32)


def _spread(palettes: Floats) -> tuple[Floats, np.float32]:
    """Return the mean of a and b, (2,), and their common deviation."""
    share = palettes[..., 3:] / palettes[..., 3].sum()
    mean = (palettes[..., 1:3] * share).sum((0, 1))
    variance = (np.square(palettes[..., 1:3] - mean) * share).sum()
    return mean, np.float32(np.sqrt(variance) + 1e-4)
