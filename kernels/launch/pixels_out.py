"""The Triton way of `pixels_out`: a tile's rows are lines of the result, its columns pixels."""

from __future__ import annotations

from typing import NamedTuple

import triton
import triton.language as tl
from torch import Tensor

from ..capability import settings
from ..colour import from_rgb
from ..replay import Launch
from ..templates.views import nothing
from .tiles import QUADS, WIDTHS, Bodies, copied, fitting


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
    gain: float  # levels of 255 for 1
    nothing: float  # the level of 0
    red: float  # as in `FromRgb`, chroma and luma for 1 of 255 levels
    green: float
    blue: float
    luma: float
    zero: float
    cb: float
    cr: float


@triton.jit
def levels(at, context):
    """Return numbers that lie at these places as 0 to 255."""
    return tl.clamp(tl.load(at).to(tl.float32) * context.gain + context.nothing, 0.0, 255.0)


@triton.jit
def rounded(level):
    return (level + 0.5).to(tl.uint8)


@triton.jit
def read_pixel(sample, row, column, inside, context, OPTIONS: tl.constexpr):
    y, x = tl.minimum(row, context.height - 1), tl.minimum(column, context.width - 1)
    at = context.frames + sample * context.by_sample + y.to(tl.int64) * context.by_row
    at += x * context.by_column
    COLOURS: tl.constexpr = OPTIONS[0]
    made = nothing()
    for channel in tl.static_range(COLOURS):
        made += (rounded(levels(at + channel * context.by_channel, context)),)
    if OPTIONS[1]:
        at = context.alpha + sample * context.alpha_sample
        at += y.to(tl.int64) * context.alpha_row + x * context.alpha_column
        alpha = tl.clamp(tl.load(at).to(tl.float32) * 255.0, 0.0, 255.0)
        made += (rounded(alpha),)
    return made


@triton.jit
def place_pixel(sample, row, column, copy, context, OPTIONS: tl.constexpr):
    channels = OPTIONS[0] + OPTIONS[1]
    return (sample * context.height + row) * context.width * channels + copy + channels * column


@triton.jit
def read_numbers(sample, row, column, inside, context, OPTIONS: tl.constexpr):
    """Read what lies as it goes out: columns are numbers of a line, of which a thread loads 16."""
    at = context.frames + sample * context.by_sample + row.to(tl.int64) * context.by_row
    number = tl.load(at + column, mask=inside, other=0.0).to(tl.float32)
    return (rounded(tl.clamp(number * context.gain + context.nothing, 0.0, 255.0)),)


@triton.jit
def place_number(sample, row, column, copy, context, OPTIONS: tl.constexpr):
    return (sample * context.height + row) * (context.width * OPTIONS[0]) + column


@triton.jit
def read_quad(sample, row, column, inside, context, OPTIONS: tl.constexpr):
    """Read two by two pixels; return their four luma bytes, and Cb and Cr of them all."""
    y = tl.minimum(row, context.height // 2 - 1)
    x = tl.minimum(column, context.width // 2 - 1)
    start = context.frames + sample * context.by_sample + 2 * y.to(tl.int64) * context.by_row
    start += 2 * x * context.by_column
    made = nothing()
    reds, blues, greys = 0.0, 0.0, 0.0
    for copy in tl.static_range(4):
        at = start + ((copy // 2) * context.by_row + (copy % 2) * context.by_column)
        red, blue = levels(at, context), levels(at + 2 * context.by_channel, context)
        green = levels(at + context.by_channel, context)
        grey = context.red * red + context.green * green + context.blue * blue
        made += (within(context.zero + context.luma * grey),)
        reds, blues, greys = reds + red, blues + blue, greys + grey
    cb = 128.0 + context.cb * 0.25 * (blues - greys)
    cr = 128.0 + context.cr * 0.25 * (reds - greys)
    made += (within(cb), within(cr))
    return made


@triton.jit
def within(level):
    return rounded(tl.clamp(level, 0.0, 255.0))


@triton.jit
def place_quad(sample, row, column, copy, context, OPTIONS: tl.constexpr):
    half, luma = context.width // 2, context.height * context.width
    start = sample * (luma + luma // 2)
    if copy < 4:
        return start + (2 * row + copy // 2) * context.width + copy % 2 + 2 * column
    else:
        return start + luma + (copy - 4) * (luma // 4) + row * half + column


def plan(
    made: Tensor,
    frames: Tensor,
    alpha: Tensor | None = None,
    low: float = -1.0,
    high: float = 1.0,
    layout: str = "rgb",
    matrix: str = "bt709",
    full_range: bool = False,
) -> list[Launch] | None:
    """Return one launch, whatever goes out; none where lines or channels reach too far."""
    batch, colours, height, width = frames.shape
    over = frames if alpha is None else alpha
    if max(width * frames.stride(3), width * over.stride(-1), 4 * frames.stride(1)) >= 1 << 31:
        return None
    red, green, blue, luma, zero, cb, cr = from_rgb(matrix, full_range)
    context = Frames(
        frames, frames.stride(0), frames.stride(1), frames.stride(2), frames.stride(3),
        over, over.stride(0), over.stride(-2), over.stride(-1),
        height, width, 255 / (high - low), -255 * low / (high - low),
        red, green, blue, luma / 255, zero, cb / 255, cr / 255,
    )  # fmt: skip
    shipped = settings("pixels_out", frames.device)
    lines, block = shipped["lines"], shipped["block"]
    if layout == "i420":
        bodies = Bodies(read_quad, place_quad, copies=6)
        size, tile = (batch, height // 2, width // 2), (max(lines // 2, 1), QUADS)
        return [copied(made, context, bodies, size, tile, QUADS // 32, False)]
    if alpha is None and frames.stride()[1::2] == (1, colours):
        bodies = Bodies(read_numbers, place_number, (colours,))
        size, wide = (batch, height, colours * width), colours * width % 16 == 0
        return [copied(made, context, bodies, size, (1, block), block // 512, wide)]
    channels = made.shape[3]
    bodies = Bodies(read_pixel, place_pixel, (colours, channels - colours), channels)
    across = fitting(width, WIDTHS)
    size = (batch, height, width)
    return [copied(made, context, bodies, size, (lines, across), across // 64, False)]
