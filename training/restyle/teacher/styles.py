"""The styles by name, and what pictures look like in each."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from . import filters
from .net import STYLES as TAUGHT
from .net import StyleNet

# A style is one of the net's, by its number, or a filter.
STYLES: dict[str, int | Callable[[Tensor], Tensor]] = {
    "painterly": 4,
    "pastel": 8,
    "night": 19,
    "watercolour": 12,
    "mosaic": 15,
    "poster": 21,
    "engraving": 11,
    "ember": 10,
    "woodblock": 24,
    "comic": 22,
    "ink-wash": filters.ink_wash,
    "pencil": filters.pencil,
}
NAMES = tuple(STYLES)
_ENLARGED = 2  # strokes are drawn at twice the size, so that they are fine when they are shown


@torch.no_grad()
def painted(teacher: StyleNet, pictures: Tensor, styles: list[int]) -> Tensor:
    """Return pictures (b, 3, h, w) in 0..1 in the styles whose numbers are given, one each."""
    large = F.interpolate(pictures, scale_factor=float(_ENLARGED), mode="bicubic").clamp(0, 1)
    made = torch.empty_like(large)
    learned = [row for row, style in enumerate(styles) if isinstance(_of(style), int)]
    if learned:
        numbers = torch.tensor([_of(styles[row]) for row in learned], device=pictures.device)
        chosen = F.one_hot(numbers, TAUGHT).to(large.dtype)
        with torch.autocast(large.device.type, torch.float16, large.is_cuda):
            made[learned] = teacher(large[learned], chosen).to(made.dtype)
    for style in set(styles):
        drawn = _of(style)
        if not isinstance(drawn, int):
            rows = [row for row, one in enumerate(styles) if one == style]
            made[rows] = drawn(large[rows])
    return F.avg_pool2d(made, _ENLARGED).clamp(0, 1)


def _of(style: int) -> int | Callable[[Tensor], Tensor]:
    return STYLES[NAMES[style]]
