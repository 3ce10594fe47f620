"""The Triton way of `pixels_out`: a tile's rows are lines of the result, its columns its bytes."""

from __future__ import annotations

from typing import NamedTuple

import triton
import triton.language as tl
from torch import Tensor

from ..capability import settings
from ..colour import from_rgb
from ..replay import Launch
from ..templates.layout_copy import layout_copy


class Frames(NamedTuple):
    """What the bodies read, with strides in elements."""

    frames: Tensor
    by_sample: int
    by_channel: int
    by_row: int
    by_column: int
    alpha: Tensor  # the frames again where there is none
    alpha_sample: int
    alpha_row: int
    alpha_column: int
    height: int
    width: int
    low: float
    gain: float  # levels of 255 for 1
    red: float  # as in `FromRgb`, chroma and luma for 1 of 255 levels
    green: float
    blue: float
    luma: float
    zero: float
    cb: float
    cr: float


@triton.jit
def levels(at, low, gain, mask):
    return tl.clamp((tl.load(at, mask=mask, other=0.0).to(tl.float32) - low) * gain, 0.0, 255.0)


@triton.jit
def read_rgb(row, column, inside, context, OPTIONS: tl.constexpr):
    CHANNELS: tl.constexpr = OPTIONS[0]
    ALPHA: tl.constexpr = OPTIONS[1]
    PACKED: tl.constexpr = OPTIONS[2]
    sample, y = (row // context.height).to(tl.int64), row % context.height
    line = context.frames + sample * context.by_sample + y.to(tl.int64) * context.by_row
    if PACKED:  # the column is the offset: 128 bits are read at once
        value = levels(line + column, context.low, context.gain, inside)
    else:
        x, channel = column // CHANNELS, column % CHANNELS
        at = line + channel.to(tl.int64) * context.by_channel + x * context.by_column
        if ALPHA:
            value = levels(at, context.low, context.gain, inside & (channel < 3))
            line = context.alpha + sample * context.alpha_sample + y * context.alpha_row
            over = levels(line + x * context.alpha_column, 0.0, 255.0, inside & (channel == 3))
            value = tl.where(channel == 3, over, value)
        else:
            value = levels(at, context.low, context.gain, inside)
    return (value + 0.5).to(tl.uint8)


@triton.jit
def read_i420(row, column, inside, context, OPTIONS: tl.constexpr):
    lines = context.height + context.height // 2
    sample, line = (row // lines).to(tl.int64), row % lines
    luma = line < context.height
    # Half a line of the result is a line of a chroma plane; Cr follows Cb.
    byte = (line - context.height) * context.width + column
    plane = context.height // 2 * (context.width // 2)
    second = byte >= plane
    byte -= tl.where(second, plane, 0)
    top = tl.where(luma, line, 2 * (byte // (context.width // 2)))
    left = tl.where(luma, column, 2 * (byte % (context.width // 2)))
    red, green, blue = 0.0, 0.0, 0.0
    for tap in tl.static_range(4):  # pyright: ignore[reportGeneralTypeIssues]  # unrolled
        known = inside & (~luma | (tap == 0))
        at = (top + tap // 2).to(tl.int64) * context.by_row + (left + tap % 2) * context.by_column
        at += context.frames + sample * context.by_sample
        share = tl.where(luma, tl.where(tap == 0, 1.0, 0.0), 0.25)
        red += share * levels(at, context.low, context.gain, known)
        at += context.by_channel
        green += share * levels(at, context.low, context.gain, known)
        at += context.by_channel
        blue += share * levels(at, context.low, context.gain, known)
    grey = context.red * red + context.green * green + context.blue * blue
    chroma = tl.where(second, context.cr * (red - grey), context.cb * (blue - grey)) + 128.0
    value = tl.where(luma, context.zero + context.luma * grey, chroma)
    return tl.clamp(value + 0.5, 0.0, 255.0).to(tl.uint8)


@triton.jit
def place_line(row, column, copy, context, OPTIONS: tl.constexpr):
    return row.to(tl.int64) * (OPTIONS[0] * context.width) + column, column >= 0


def plan(
    made: Tensor,
    frames: Tensor,
    alpha: Tensor | None = None,
    low: float = -1.0,
    high: float = 1.0,
    layout: str = "rgb",
    matrix: str = "bt709",
    full_range: bool = False,
) -> list[Launch]:
    """Return one launch, whatever goes out."""
    batch, _, height, width = frames.shape
    red, green, blue, luma, zero, cb, cr = from_rgb(matrix, full_range)
    over = frames if alpha is None else alpha
    context = Frames(
        frames, frames.stride(0), frames.stride(1), frames.stride(2), frames.stride(3),
        over, over.stride(0), over.stride(-2), over.stride(-1),
        height, width, low, 255 / (high - low),
        red, green, blue, luma / 255, zero, cb / 255, cr / 255,
    )  # fmt: skip
    i420 = layout == "i420"
    channels = 1 if i420 else made.shape[3]
    rows, columns = batch * made.shape[1], channels * width
    packed = not i420 and alpha is None and frames.stride()[1::2] == (1, channels)
    block = settings("pixels_out", frames.device)["block"]
    return [
        Launch(
            layout_copy,
            (rows, triton.cdiv(columns, block)),
            (made, rows, columns, context),
            {
                "READ": read_i420 if i420 else read_rgb,
                "PLACE": place_line,
                "OPTIONS": (channels, alpha is not None, packed),
                "COPIES": 1,
                "BLOCK_ROWS": 1,
                "BLOCK_COLUMNS": block,
            },
            # Bytes that lie as they come in are moved 16 a thread, others four.
            warps=block // 512 if packed else block // 128,
            wide=packed and columns % 16 == 0,
        )
    ]
