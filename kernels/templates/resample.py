"""Planes of bytes resized on the way into a kernel, by the triangle filter of ``F.interpolate``.

With positions in units of half a target pixel of the source, that is times 2 * target, all
distances are whole numbers: exact. A line's weights are whole numbers too, as Pillow's: bytes are
summed before they are converted. `context` has the result's height and width.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import triton
import triton.language as tl
from torch import Tensor

from .views import nothing

FEW = 12  # taps that are loaded together; more take several rounds


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


def resizing(plane: Tensor, height: int, width: int, antialias: bool) -> Plane:
    """Return a plane's strides and its filter; the filter spans at least two pixels."""
    reach_y = 2 * max(plane.shape[1], height) if antialias else 2 * height
    reach_x = 2 * max(plane.shape[2], width) if antialias else 2 * width
    return Plane(
        plane.stride(0), plane.stride(1), plane.stride(2), plane.shape[1], plane.shape[2],
        reach_y, reach_x, triton.cdiv(reach_y, height), triton.cdiv(reach_x, width),
    )  # fmt: skip


def taps(plane: Plane) -> tuple[int, int, int]:
    """Return a plane's taps down and across, and how many each way are loaded together."""
    return plane.taps_y, plane.taps_x, 4 if plane.taps_y * plane.taps_x <= FEW else 2


@triton.jit
def first_tap(at, source, target, reach):
    """Return the first pixel whose middle is nearer than reach, 0 for those before the first."""
    # Without a sign: to divide cheaply.
    doubled = tl.maximum((2 * at + 1) * source + target - reach, 0).to(tl.uint32)
    return (doubled // tl.cast(2 * target, tl.uint32)).to(tl.int32)


@triton.jit
def nearness(tap, at, source, target, reach):
    near = tl.maximum(reach - tl.abs((2 * tap + 1) * target - (2 * at + 1) * source), 0)
    return tl.where(tap < source, near, 0)


@triton.jit
def portion(row, y, plane, context, unit):
    """Return a line's weight as a whole number."""
    near = nearness(row, y, plane.height, context.height, plane.reach_y)
    return (near * unit + 0.5).to(tl.int32)


@triton.jit
def pixels_at(planes, at, offset) -> Any:
    """Return a pixel's bytes, one of each plane; of four, the first three times the last: alpha."""
    made = nothing()
    for n in tl.static_range(len(planes)):
        made += (tl.load(planes[n] + at + offset).to(tl.int32),)
    if len(planes) == 4:
        return times_alpha(made)
    else:
        return made


@triton.jit
def times_alpha(pixel) -> Any:
    red, green, blue, alpha = pixel
    return alpha * red, alpha * green, alpha * blue, alpha


@triton.jit
def plus(sums, values, weight) -> Any:
    """Return sums with values added, weighted, one by one."""
    made = nothing()
    for n in tl.static_range(len(sums)):
        made += (sums[n] + weight * values[n],)
    return made


@triton.jit
def column_at(planes, plane, start, offset, top, y, unit, none, context, TAPS: tl.constexpr, AT):
    """Return the sums down a column, weighted by whole numbers."""
    DOWN: tl.constexpr = min(TAPS[AT], TAPS[AT + 2])
    sums = none
    for below in range(0, TAPS[AT], DOWN):
        for down in tl.static_range(DOWN):
            row = top + (below + down)
            weight = portion(row, y, plane, context, unit)
            row = tl.minimum(row, plane.height - 1).to(tl.int64) * plane.by_row
            sums = plus(sums, pixels_at(planes, start + row, offset), weight)
    return sums


@triton.jit
def resampled(planes, plane, sample, y, x, context, TAPS: tl.constexpr, AT):
    """Return what `pixels_at` does at pixels of the result; all planes are of one size and strides.

    From AT on, TAPS has the taps down, those across, and how many are loaded together. Nothing is
    masked: taps beyond an edge weigh nothing, any pixel will do.
    """
    ACROSS: tl.constexpr = min(TAPS[AT + 1], TAPS[AT + 2])
    top = first_tap(y, plane.height, context.height, plane.reach_y)
    left = first_tap(x, plane.width, context.width, plane.reach_x)
    near = tl.zeros(y.shape, tl.int32)
    for tap in range(TAPS[AT]):
        near += nearness(top + tap, y, plane.height, context.height, plane.reach_y)
    # All weights down, so that sums have 31 bits.
    unit = (1 << 14 if len(planes) == 4 else 1 << 22) / near.to(tl.float32)
    high = tl.zeros(y.shape, tl.int32)
    for tap in range(TAPS[AT]):
        high += portion(top + tap, y, plane, context, unit)
    none = (tl.zeros_like(y + x),) * len(planes)
    shares, sums = tl.zeros(x.shape, tl.float32), (tl.zeros_like(y * unit + x),) * len(planes)
    for right in range(0, TAPS[AT + 1], ACROSS):
        for across in tl.static_range(ACROSS):
            column = left + (right + across)
            wide = nearness(column, x, plane.width, context.width, plane.reach_x).to(tl.float32)
            offset = tl.minimum(column, plane.width - 1) * plane.by_column
            lines = column_at(
                planes,
                plane,
                sample * plane.by_sample,
                offset,
                top,
                y,
                unit,
                none,
                context,
                TAPS,
                AT,
            )
            sums = plus(sums, lines, wide)
            shares += wide
    return plus((0.0,) * len(planes), sums, (1 / shares) * (1 / high.to(tl.float32)))


@triton.jit
def read_planes(planes, plane, sample, y, x, context, TAPS: tl.constexpr, AT) -> Any:
    """Return planes at pixels of the result, resized where there are taps."""
    if TAPS[AT]:
        return resampled(planes, plane, sample, y, x, context, TAPS, AT)
    else:
        start = sample * plane.by_sample + y.to(tl.int64) * plane.by_row
        return pixels_at(planes, start, x * plane.by_column)
