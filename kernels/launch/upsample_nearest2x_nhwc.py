"""The Triton way of `upsample_nearest2x_nhwc`: a tile's rows are pixels, its columns channels."""

from __future__ import annotations

from typing import NamedTuple

import triton
import triton.language as tl
from torch import Tensor

from ..capability import settings
from ..replay import Launch
from ..templates.layout_copy import layout_copy
from .tiles import tile


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
def read_pixel(row, column, inside, context, OPTIONS: tl.constexpr):
    line = row // context.width
    start = (line // context.height).to(tl.int64) * context.by_sample
    start += line % context.height * context.by_row + row % context.width * context.by_column
    return tl.load(context.source + start + column * context.by_channel, mask=inside)


@triton.jit
def place_copy(row, column, copy, context, OPTIONS: tl.constexpr):
    line, at = 2 * (row // context.width) + copy // 2, 2 * (row % context.width) + copy % 2
    pixel = line.to(tl.int64) * 2 * context.width + at
    return pixel * context.channels + column, column >= 0


def plan(made: Tensor, x: Tensor) -> list[Launch]:
    """Return one launch: every pixel is read once and written four times."""
    batch, channels, height, width = x.shape
    rows = batch * height * width
    shipped = settings("upsample_nearest2x_nhwc", x.device)
    high, wide = tile(rows, channels, shipped["elements"])
    return [
        Launch(
            layout_copy,
            (triton.cdiv(rows, high), triton.cdiv(channels, wide)),
            (made, rows, channels, Pixels(x, channels, height, width, *x.stride())),
            {
                "READ": read_pixel,
                "PLACE": place_copy,
                "OPTIONS": (),
                "COPIES": 4,
                "BLOCK_ROWS": high,
                "BLOCK_COLUMNS": wide,
            },
            wide=x.stride(1) == 1 and channels % 16 == 0,
        )
    ]
