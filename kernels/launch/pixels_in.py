"""The Triton way of `pixels_in`: a tile's rows are lines of pictures, its columns x and channel.

Resizing weighs by the triangle filter of ``F.interpolate``. With positions in units of half a
target pixel of the source, that is times 2 * target, all distances are whole numbers: exact.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from ..capability import settings
from ..colour import to_rgb
from ..replay import Launch
from ..templates.layout_copy import layout_copy


class Plane(NamedTuple):
    """Strides of a picture or plane, and how it is resized."""

    by_sample: int
    by_row: int
    by_column: int
    height: int
    width: int
    reach_y: int  # half the filter's width, in units of 1 / (2 * target) of a source pixel
    reach_x: int
    taps_y: int
    taps_x: int


class Pictures(NamedTuple):
    """What the bodies read: RGB or RGBA, or luma and chroma planes, and numbers."""

    first: Tensor
    cb: Tensor  # the first again where there is no chroma
    cr: Tensor
    plane: Plane
    chroma: Plane
    by_channel: int
    height: int  # of the result
    width: int
    low: float
    gain: float  # high - low
    background: float
    luma: float  # as in `ToRgb`
    zero: float
    red_cr: float
    green_cb: float
    green_cr: float
    blue_cb: float


@triton.jit
def first_tap(at, source, target, reach):
    # The first pixel whose middle is nearer than reach. Negative ones have no weight: start at 0.
    return tl.maximum((2 * at + 1) * source + target - reach, 0) // (2 * target)


@triton.jit
def weight(tap, at, source, target, reach):
    distance = tl.abs((2 * tap + 1) * target - (2 * at + 1) * source)
    near = tl.maximum(reach - distance, 0).to(tl.float32)
    return tl.where(tap < source, near, 0.0)


@triton.jit
def laid_over(at, alpha, background, inside, ALPHA):
    value = tl.load(at, mask=inside, other=0).to(tl.float32)
    if ALPHA:
        over = tl.load(alpha, mask=inside, other=0).to(tl.float32) * (1 / 255)
        value = background + over * (value - background)
    return value


@triton.jit
def resampled(source, plane, channel, alpha, sample, y, x, context, inside, ALPHA, RESIZED):
    """A plane at pixels of the result, 0 to 255; channel and alpha: offsets within a pixel."""
    start = source + sample.to(tl.int64) * plane.by_sample
    background = context.background * 255.0
    if RESIZED:
        top = first_tap(y, plane.height, context.height, plane.reach_y)
        left = first_tap(x, plane.width, context.width, plane.reach_x)
        summed = tl.zeros(inside.shape, tl.float32)
        shares = tl.zeros(inside.shape, tl.float32)
        for down in range(plane.taps_y):
            row = top + down
            high = weight(row, y, plane.height, context.height, plane.reach_y)
            line = start + row.to(tl.int64) * plane.by_row
            for right in range(plane.taps_x):
                column = left + right
                wide = weight(column, x, plane.width, context.width, plane.reach_x)
                share = high * wide
                known = inside & (share > 0.0)
                at = line + column * plane.by_column
                summed += share * laid_over(at + channel, at + alpha, background, known, ALPHA)
                shares += share
        value = summed / tl.where(inside, shares, 1.0)
    else:
        at = start + y.to(tl.int64) * plane.by_row + x * plane.by_column
        value = laid_over(at + channel, at + alpha, background, inside, ALPHA)
    return value


@triton.jit
def read_rgb(row, column, inside, context, OPTIONS: tl.constexpr):
    ALPHA: tl.constexpr = OPTIONS[0]
    RESIZED: tl.constexpr = OPTIONS[1]
    PACKED: tl.constexpr = OPTIONS[2]
    sample, y = row // context.height, row % context.height
    if PACKED:  # the column is the offset: bytes are read many at once
        at = context.first + sample.to(tl.int64) * context.plane.by_sample + column
        at += y.to(tl.int64) * context.plane.by_row
        value = tl.load(at, mask=inside, other=0).to(tl.float32)
    else:
        x, channel = column // 3, column % 3 * context.by_channel
        value = resampled(
            context.first, context.plane, channel, 3 * context.by_channel, sample, y, x, context,
            inside, ALPHA, RESIZED,
        )  # fmt: skip
    return context.low + context.gain * (value * (1 / 255))


@triton.jit
def read_yuv(row, column, inside, context, OPTIONS: tl.constexpr):
    RESIZED: tl.constexpr = OPTIONS[1]
    sample, y = row // context.height, row % context.height
    x, channel = column // 3, column % 3
    luma = resampled(
        context.first, context.plane, 0, 0, sample, y, x, context, inside, False, RESIZED
    )
    cb = resampled(context.cb, context.chroma, 0, 0, sample, y, x, context, inside, False, True)
    cr = resampled(context.cr, context.chroma, 0, 0, sample, y, x, context, inside, False, True)
    blue = tl.where(channel == 2, context.blue_cb, tl.where(channel == 1, context.green_cb, 0.0))
    red = tl.where(channel == 0, context.red_cr, tl.where(channel == 1, context.green_cr, 0.0))
    value = context.luma * (luma - context.zero) + blue * (cb - 128.0) + red * (cr - 128.0)
    return context.low + context.gain * tl.clamp(value, 0.0, 1.0)


@triton.jit
def place_line(row, column, copy, context, OPTIONS: tl.constexpr):
    return row.to(tl.int64) * (3 * context.width) + column, column >= 0


def plan(
    made: Tensor,
    pixels: Tensor,
    cb: Tensor | None,
    cr: Tensor | None,
    height: int,
    width: int,
    dtype: torch.dtype,
    low: float,
    high: float,
    background: float,
    antialias: bool,
    matrix: str,
    full_range: bool,
) -> list[Launch]:
    """Return one launch, whatever comes in."""
    plane = _plane(pixels, height, width, antialias)
    yuv = cb is not None and cr is not None
    chroma = _plane(cb, height, width, antialias) if cb is not None else plane
    by_channel = 0 if yuv else pixels.stride(3)
    resized = pixels.shape[1:3] != (height, width)
    alpha = not yuv and pixels.shape[3] == 4
    packed = not yuv and not resized and pixels.stride()[2:] == (3, 1)
    context = Pictures(
        pixels, pixels if cb is None else cb, pixels if cr is None else cr, plane, chroma,
        by_channel, height, width, low, high - low, background, *to_rgb(matrix, full_range),
    )  # fmt: skip
    block = settings("pixels_in", pixels.device)["block"]
    rows, columns = pixels.shape[0] * height, 3 * width
    return [
        Launch(
            layout_copy,
            (rows, triton.cdiv(columns, block)),
            (made, rows, columns, context),
            {
                "READ": read_yuv if yuv else read_rgb,
                "PLACE": place_line,
                "OPTIONS": (alpha, resized, packed),
                "COPIES": 1,
                "BLOCK_ROWS": 1,
                "BLOCK_COLUMNS": block,
            },
            # Bytes that lie as they go out are moved 16 a thread, others one by one.
            warps=block // 512 if packed else block // 128,
            wide=packed and columns % 16 == 0,
        )
    ]


def _plane(plane: Tensor, height: int, width: int, antialias: bool) -> Plane:
    """Return a plane's strides and its filter; the filter spans at least two pixels."""
    reach_y = 2 * max(plane.shape[1], height) if antialias else 2 * height
    reach_x = 2 * max(plane.shape[2], width) if antialias else 2 * width
    return Plane(
        plane.stride(0), plane.stride(1), plane.stride(2), plane.shape[1], plane.shape[2],
        reach_y, reach_x, triton.cdiv(reach_y, height), triton.cdiv(reach_x, width),
    )  # fmt: skip
