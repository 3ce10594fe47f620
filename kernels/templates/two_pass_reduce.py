"""Means and variances over positions and groups of channels of an image, then a pass on it.

A group is too large for a program, and one program a group leaves a GPU idle at batch 1. So
`partial` reduces pieces of each channel, `finish` merges the pieces of a group into one factor and
one offset for each channel, and `apply` reads the image again: twice in all, written once. The
order of every sum is fixed, so that results repeat.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import triton
import triton.language as tl

from .views import load, store, widened

MERGED = 8192  # pieces that one program merges at most


class Tile(NamedTuple):
    """Positions and channels of a program's tile, and the pieces that the positions are cut to."""

    rows: int
    columns: int
    piece: int  # positions
    pieces: int


def tile(
    batch: int, size: int, channels: int, group: int, *, dense_channels: bool,
    processors: int, settings: Mapping[str, int],
) -> Tile:  # fmt: skip
    """Return a tile along the axis that is dense, and pieces enough for all processors."""
    elements = settings["elements"]
    if dense_channels:
        twos = channels & -channels  # the largest power of two that divides
        columns = min(twos if twos >= 16 else triton.next_power_of_2(channels), 128)
        rows = min(triton.next_power_of_2(size), elements // columns)
    else:
        rows = min(triton.next_power_of_2(size), elements)
        columns = min(triton.next_power_of_2(channels), elements // rows)
    programs = batch * triton.cdiv(channels, columns)
    most = MERGED // triton.next_power_of_2(group)
    wanted = min(most, max(1, settings["waves"] * processors // programs))
    piece = triton.cdiv(triton.cdiv(size, wanted), rows) * rows
    return Tile(rows, columns, piece, triton.cdiv(size, piece))


@triton.jit
def partial(
    x, sums, size, width, channels, piece,
    FLAT: tl.constexpr, FAR: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr,
):  # fmt: skip
    """Write a piece's mean and sum of squares about it: sums is (batch, piece, 2, channel).

    Sums are of differences from the mean of the piece's first tile: those of squares would lose
    the variance of channels whose mean is far from zero.
    """
    begin = tl.program_id(0) * piece
    end = tl.minimum(begin + piece, size)
    column = tl.program_id(1) * COLUMNS + tl.arange(0, COLUMNS)
    first = read(x, begin, end, width, column, channels, FLAT, FAR, ROWS)
    about = tl.sum(first, 0) / tl.minimum(end - begin, ROWS)
    once = tl.zeros((ROWS, COLUMNS), tl.float32)
    twice = tl.zeros((ROWS, COLUMNS), tl.float32)
    for at in range(begin, end, ROWS):
        v = read(x, at, end, width, column, channels, FLAT, FAR, ROWS)
        v = tl.where((at + tl.arange(0, ROWS) < end)[:, None], v - about[None, :], 0.0)
        once += v
        twice += v * v
    off = tl.sum(once, 0) / (end - begin)
    row = (tl.program_id(2).to(tl.int64) * tl.num_programs(0) + tl.program_id(0)) * 2 * channels
    square = tl.sum(twice, 0) - off * off * (end - begin)
    tl.store(sums + row + column, about + off, column < channels)
    tl.store(sums + row + channels + column, square, column < channels)


@triton.jit
def read(  # a tile of positions and channels
    x, begin, end, width, column, channels,
    FLAT: tl.constexpr, FAR: tl.constexpr, ROWS: tl.constexpr,
):  # fmt: skip
    """Return a tile in float32, zero past the end."""
    at = begin + tl.arange(0, ROWS)
    outer, middle, inner = position(at, width, FLAT, FAR)
    mask = (at < end)[:, None] & (column < channels)[None, :]
    return load(x, outer, middle, inner, widened(column, FAR), mask)


@triton.jit
def position(at, width, FLAT: tl.constexpr, FAR: tl.constexpr):
    """Return the sample, and the coordinates of a position, none before it where rows follow on."""
    sample = widened(tl.full((1,), tl.program_id(2), tl.int32), FAR)
    at = widened(at, FAR)
    return (sample, sample, at) if FLAT else (sample, at // width, at % width)


@triton.jit
def finish(
    sums, lines, extra, size, channels, group, piece, pieces, eps,
    AFFINE: tl.constexpr, PIECES: tl.constexpr, COLUMNS: tl.constexpr,
):  # fmt: skip
    """Merge the pieces of a group; write factor and offset: lines is (batch, 2, channel).

    AFFINE returns, for channels, what is added before the norm, the weight and the bias.
    """
    outer = tl.program_id(1).to(tl.int64)
    part = tl.arange(0, PIECES)
    within = tl.arange(0, COLUMNS)
    column = tl.program_id(0) * group + within
    mask = (part < pieces)[:, None] & (within < group)[None, :]
    place = ((outer * pieces + part) * 2 * channels)[:, None] + column[None, :]
    count = tl.where(mask, tl.minimum(size - part * piece, piece)[:, None], 0).to(tl.float32)
    shift, weight, bias = AFFINE(extra, outer, column, within < group)
    mean = tl.load(sums + place, mask, 0.0) + shift[None, :]
    square = tl.load(sums + place + channels, mask, 0.0)
    total = (group * size).to(tl.float32)
    centre = tl.sum(tl.sum(count * mean, 1), 0) / total
    square += count * (mean - centre) * (mean - centre)
    scale = tl.rsqrt(tl.sum(tl.sum(square, 1), 0) / total + eps)
    factor = scale * weight
    place = outer * 2 * channels + column
    tl.store(lines + place, factor, within < group)
    tl.store(lines + place + channels, (shift - centre) * factor + bias, within < group)


@triton.jit
def apply(
    x, y, lines, size, width, channels,
    BODY: tl.constexpr, FLAT: tl.constexpr, FAR: tl.constexpr, ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
):  # fmt: skip
    """y = BODY(x * factor + offset), factor and offset by channel."""
    at = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    column = tl.program_id(1) * COLUMNS + tl.arange(0, COLUMNS)
    real = column < channels
    mask = (at < size)[:, None] & real[None, :]
    outer, middle, inner = position(at, width, FLAT, FAR)
    place = tl.program_id(2).to(tl.int64) * 2 * channels + column
    factor = tl.load(lines + place, real, 0.0)
    offset = tl.load(lines + place + channels, real, 0.0)
    column = widened(column, FAR)
    v = load(x, outer, middle, inner, column, mask) * factor[None, :] + offset[None, :]
    store(y, BODY(v), outer, middle, inner, column, mask)


def constants(tile: Tile, *, flat: bool, far: bool) -> dict[str, Any]:
    """Return the constants that `partial` and `apply` share."""
    return {"FLAT": flat, "FAR": far, "ROWS": tile.rows, "COLUMNS": tile.columns}
