"""The Triton way of `upsample_nearest2x_nhwc`: a tile's rows are pixels, its columns channels."""

from __future__ import annotations

from typing import NamedTuple

import triton
import triton.language as tl
from torch import Tensor

from ..capability import settings
from ..replay import Launch
from .tiles import Bodies, copied, tile


class Pixels(NamedTuple):
    """What is read, with its strides in elements."""

    source: Tensor
    channels: int
    height: int
    width: int
    by_sample: int
    by_channel: int
    by_row: int
    by_column: int


@triton.jit
def read_pixel(sample, row, column, inside, context, OPTIONS: tl.constexpr):
    y, x = row // context.width, row % context.width
    start = sample * context.by_sample + y.to(tl.int64) * context.by_row + x * context.by_column
    return (tl.load(context.source + start + column * context.by_channel, mask=inside),)


@triton.jit
def place_copy(sample, row, column, copy, context, OPTIONS: tl.constexpr):
    y, x = row // context.width, row % context.width
    line = sample * (2 * context.height) + 2 * y + copy // 2
    return (line * (2 * context.width) + 2 * x + copy % 2) * context.channels + column


def plan(made: Tensor, x: Tensor) -> list[Launch]:
    """Return one launch: every pixel is read once and written four times."""
    batch, channels, height, width = x.shape
    rows = height * width
    elements = settings("upsample_nearest2x_nhwc", x.device)["elements"]
    context = Pixels(x, channels, height, width, *x.stride())
    bodies = Bodies(read_pixel, place_copy, copies=4)
    wide = x.stride(1) == 1 and channels % 16 == 0
    cut = tile(rows, channels, elements)
    return [copied(made, context, bodies, (batch, rows, channels), cut, 4, wide)]
