"""Rows that fit a program: load, normalise, finish, store, each element read and written once.

A row is held in tiles, so that 3072 columns are not padded to 4096: lanes that idle cost as many
instructions as those that work.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import triton
import triton.language as tl

from .views import axes, load, nothing, store, widened

LONGEST = 16384  # columns; longer rows would spill
WASTE = 1 / 8  # of a row's columns, padded at most, where a row may have several tiles


class Tile(NamedTuple):
    """A program's rows, how they are cut into tiles, and its warps."""

    rows: int  # a power of two, as `block` is
    tiles: int  # of a row
    step: int  # columns from one tile to the next
    block: int  # lanes of a tile, at least `step`
    warps: int

    def grid(self, rows: int) -> tuple[int]:
        """Return the programs that so many rows take."""
        return (triton.cdiv(rows, self.rows),)


def tile(
    rows: int,
    columns: int,
    processors: int,
    settings: Mapping[str, int],
    *,
    tiles: int | None = None,
    vector: int = 8,
) -> Tile:
    """Return tiles of about `elements` together, fewer where processors would idle.

    Rows are cut into so many equal `tiles`, else into as few as waste little. `vector` elements are
    those that a thread loads or stores at once.
    """
    block = max(16, triton.next_power_of_2(triton.cdiv(columns, tiles or 1)))
    while tiles is None and triton.cdiv(columns, block) * block > columns * (1 + WASTE):
        block //= 2
    step = block if tiles is None else columns // tiles
    count = triton.cdiv(columns, block) if tiles is None else tiles
    fitting = max(1, settings["elements"] // (count * block))
    taken = min(fitting, triton.next_power_of_2(triton.cdiv(rows, 2 * processors)))
    taken = 1 << (taken.bit_length() - 1)
    warps = taken * triton.next_power_of_2(count * block) // (32 * settings["per_thread"])
    warps = min(16, warps, taken * block // (32 * vector))
    return Tile(taken, count, step, block, max(1, warps))


@triton.jit
def rowwise_norm(
    x, y, extra, rows, middles, inners, columns, step, eps,
    SOURCE: tl.constexpr, FINISH: tl.constexpr, PLACE: tl.constexpr, CENTRE: tl.constexpr,
    OPTIONS: tl.constexpr, ROWS: tl.constexpr, TILES: tl.constexpr, BLOCK: tl.constexpr,
    EXACT: tl.constexpr, FAR: tl.constexpr,
):  # fmt: skip
    """y = FINISH(normalised SOURCE(x)), both views; `extra` is whatever the bodies need.

    CENTRE takes the mean away first (layer norm), else the root mean square alone is divided by.
    SOURCE makes one tile, FINISH takes and returns all of a row's; PLACE says which column of y a
    column goes to. OPTIONS is for these two. EXACT: no lane of a tile is beyond a row. FAR: offsets
    take 64 bits.
    """
    row = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    outer, middle, inner = axes(row, middles, inners, FAR)
    v, at, masks = nothing(), nothing(), nothing()
    for n in tl.static_range(TILES):
        column, mask = cut(n, row, rows, columns, step, BLOCK, EXACT)
        at += (widened(column, FAR),)
        masks += (mask,)
        v += (SOURCE(x, extra, outer, middle, inner, at[n], mask),)
    if CENTRE:
        v = centred(v, masks, columns, EXACT)
    v = normed(v, columns, eps)
    v = FINISH(v, extra, outer, middle, inner, at, masks, OPTIONS)
    for n in tl.static_range(TILES):
        store(y, v[n], outer, middle, inner, PLACE(at[n], extra, OPTIONS), masks[n])


@triton.jit
def cut(n, row, rows, columns, step, BLOCK: tl.constexpr, EXACT: tl.constexpr):
    """Return the columns of a row's tile, and which of its lanes are of a row."""
    place = tl.arange(0, BLOCK)
    column = n * step + place
    real = (place >= 0) if EXACT else (place < step) & (column < columns)
    return column, (row < rows)[:, None] & real[None, :]


@triton.jit
def centred(tiles, masks, columns, EXACT: tl.constexpr) -> Any:
    """Return the tiles of rows less their mean."""
    total = tiles[0]
    for n in tl.static_range(1, len(tiles)):
        total += tiles[n]
    mean = (tl.sum(total, 1) / columns)[:, None]
    made = nothing()
    for n in tl.static_range(len(tiles)):
        v = tiles[n] - mean
        made += (v if EXACT else tl.where(masks[n], v, 0.0),)
    return made


@triton.jit
def normed(tiles, columns, eps) -> Any:
    """Return the tiles of rows by their root mean square."""
    total = tiles[0] * tiles[0]
    for n in tl.static_range(1, len(tiles)):
        total += tiles[n] * tiles[n]
    scale = tl.rsqrt(tl.sum(total, 1) / columns + eps)[:, None]
    made = nothing()
    for n in tl.static_range(len(tiles)):
        made += (tiles[n] * scale,)
    return made


@triton.jit
def plain(x, extra, outer, middle, inner, column, mask):
    """SOURCE: the row as it is."""
    return load(x, outer, middle, inner, column, mask)


@triton.jit
def same(column, extra, OPTIONS: tl.constexpr):
    """PLACE: the same column."""
    return column


def constants(
    source: Any,
    finish: Any,
    tile: Tile,
    columns: int,
    *,
    centre: bool,
    far: bool,
    place: Any = same,
    options: int | None = None,
) -> dict[str, Any]:
    """Return the template's constants by name."""
    return {
        "SOURCE": source,
        "FINISH": finish,
        "PLACE": place,
        "CENTRE": centre,
        "OPTIONS": options,
        **cutting(tile, columns),
        "FAR": far,
    }


def cutting(tile: Tile, columns: int) -> dict[str, Any]:
    """Return the constants that say how rows are cut."""
    exact = tile.tiles * tile.block == columns
    return {"ROWS": tile.rows, "TILES": tile.tiles, "BLOCK": tile.block, "EXACT": exact}
