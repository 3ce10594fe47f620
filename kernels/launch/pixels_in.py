"""The Triton way of `pixels_in`: a tile's rows are lines of pictures, its columns pixels."""

from __future__ import annotations

from typing import NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from ..capability import settings
from ..colour import to_rgb
from ..replay import Launch
from ..templates.resample import Plane, pixels_at, plus, read_planes, resizing, taps
from .tiles import QUADS, WIDTHS, Bodies, copied, fitting


class Planes(NamedTuple):
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
def read_rgb(sample, row, column, inside, context, OPTIONS: tl.constexpr):
    y, x = tl.minimum(row, context.height - 1), tl.minimum(column, context.width - 1)
    first, step = context.first, context.by_channel
    planes = (first, first + step, first + 2 * step)
    red, green, blue = read_planes(planes, context.plane, sample, y, x, context, OPTIONS, 0)
    gain, low = context.gain * (1 / 255), context.low
    return gain * red + low, gain * green + low, gain * blue + low


@triton.jit
def read_rgba(sample, row, column, inside, context, OPTIONS: tl.constexpr):
    y, x = tl.minimum(row, context.height - 1), tl.minimum(column, context.width - 1)
    first, step = context.first, context.by_channel
    planes = (first, first + step, first + 2 * step, first + 3 * step)
    red, green, blue, alpha = read_planes(planes, context.plane, sample, y, x, context, OPTIONS, 0)
    gain = context.gain * (1 / 65025)
    ground = context.low + context.gain * context.background * (1 - alpha * (1 / 255))
    return gain * red + ground, gain * green + ground, gain * blue + ground


@triton.jit
def coloured(luma, cb, cr, context):
    """Return red, green and blue of luma and chroma bytes, in the result's range."""
    grey, cb, cr = context.luma * (luma - context.zero), cb - 128.0, cr - 128.0
    red = tl.clamp(grey + context.red_cr * cr, 0.0, 1.0)
    green = tl.clamp(grey + context.green_cb * cb + context.green_cr * cr, 0.0, 1.0)
    blue = tl.clamp(grey + context.blue_cb * cb, 0.0, 1.0)
    gain, low = context.gain, context.low
    return gain * red + low, gain * green + low, gain * blue + low


@triton.jit
def read_yuv(sample, row, column, inside, context, OPTIONS: tl.constexpr):
    y, x = tl.minimum(row, context.height - 1), tl.minimum(column, context.width - 1)
    (luma,) = read_planes((context.first,), context.plane, sample, y, x, context, OPTIONS, 0)
    cb, cr = read_planes(
        (context.cb, context.cr), context.chroma, sample, y, x, context, OPTIONS, 3
    )
    return coloured(luma, cb, cr, context)


@triton.jit
def place_channel(sample, row, column, copy, context, OPTIONS: tl.constexpr):
    line = (sample * context.height + row) * context.width
    return (line * 3 + copy) + 3 * column


@triton.jit
def leaning(column, sample, y, context):
    """Return the chroma of a column, four times, for the upper and the lower pixels of quads."""
    planes, plane = (context.cb, context.cr), context.chroma
    start, offset = sample * plane.by_sample, column * plane.by_column
    above = start + tl.maximum(y - 1, 0).to(tl.int64) * plane.by_row
    below = start + tl.minimum(y + 1, plane.height - 1).to(tl.int64) * plane.by_row
    here = pixels_at(planes, start + y.to(tl.int64) * plane.by_row, offset)
    upper = plus(pixels_at(planes, above, offset), here, 3)
    return upper, plus(pixels_at(planes, below, offset), here, 3)


@triton.jit
def read_quads(sample, row, column, inside, context, OPTIONS: tl.constexpr):
    """Read YUV of even sides as it is: rows and columns count quads, each about a chroma pixel.

    Chroma is resized as elsewhere: three parts of the nearest, one of the next, each way.
    """
    plane, chroma = context.plane, context.chroma
    y, x = tl.minimum(row, chroma.height - 1), tl.minimum(column, chroma.width - 1)
    middle = leaning(x, sample, y, context)
    beside = (
        leaning(tl.maximum(x - 1, 0), sample, y, context),
        leaning(tl.minimum(x + 1, chroma.width - 1), sample, y, context),
    )
    start = sample * plane.by_sample + 2 * y.to(tl.int64) * plane.by_row
    made = ()
    for copy in tl.static_range(4):
        at = context.first + start + (copy // 2) * plane.by_row
        luma = tl.load(at + (2 * x + copy % 2) * plane.by_column).to(tl.int32).to(tl.float32)
        cb, cr = plus(beside[copy % 2][copy // 2], middle[copy // 2], 3)
        made += coloured(luma, cb * (1 / 16), cr * (1 / 16), context)
    return made


@triton.jit
def place_quad(sample, row, column, copy, context, OPTIONS: tl.constexpr):
    pixel = copy // 3
    line = (sample * context.height + 2 * row + pixel // 2) * context.width
    return (3 * line + 3 * (pixel % 2) + copy % 3) + 6 * column


@triton.jit
def read_bytes(sample, row, column, inside, context, OPTIONS: tl.constexpr):
    """Read what lies as it goes out: columns are bytes of a line, of which a thread has 16."""
    start = sample * context.plane.by_sample + row.to(tl.int64) * context.plane.by_row
    value = tl.load(context.first + start + column, mask=inside, other=0).to(tl.int32)
    return (context.gain * (1 / 255) * value.to(tl.float32) + context.low,)


@triton.jit
def place_byte(sample, row, column, copy, context, OPTIONS: tl.constexpr):
    return (sample * context.height + row) * (3 * context.width) + column


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
) -> list[Launch] | None:
    """Return one launch; none where chroma planes lie differently, or a line reaches too far."""
    yuv = cb is not None and cr is not None
    planes = [p for p in (pixels, cb, cr) if p is not None]
    if planes[1:] and planes[1].stride() != planes[2].stride():
        return None
    if max(p.shape[2] * max(p.stride()[2:]) for p in planes) >= 1 << 31:
        return None
    plane, chroma = (resizing(p, height, width, antialias) for p in (pixels, planes[-1]))
    context = Planes(
        pixels, planes[-1] if cb is None else cb, planes[-1], plane, chroma,
        0 if yuv else pixels.stride(3), height, width, low, high - low, background,
        *to_rgb(matrix, full_range),
    )  # fmt: skip
    resized = pixels.shape[1:3] != (height, width)
    batch, lines = pixels.shape[0], settings("pixels_in", pixels.device)["lines"]
    if not yuv and not resized and pixels.stride()[2:] == (3, 1):
        block = settings("pixels_in", pixels.device)["block"]
        wide = 3 * width % 16 == 0
        bodies, size = Bodies(read_bytes, place_byte), (batch, height, 3 * width)
        return [copied(made, context, bodies, size, (1, block), block // 512, wide)]
    if yuv and not resized and height % 2 == 0 and width % 2 == 0:
        bodies = Bodies(read_quads, place_quad, copies=12)
        size, tile = (batch, height // 2, width // 2), (max(lines // 2, 1), QUADS)
        return [copied(made, context, bodies, size, tile, QUADS // 32, False)]
    options = (*(taps(plane) if resized else (0, 0, 0)), *taps(chroma))
    read = read_yuv if yuv else read_rgba if pixels.shape[3] == 4 else read_rgb
    bodies = Bodies(read, place_channel, options, 3)
    across = fitting(width, WIDTHS)
    size, tile = (batch, height, width), (lines, across)
    return [copied(made, context, bodies, size, tile, across // 64, False)]
