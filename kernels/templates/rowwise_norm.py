"""Rows that fit a program: load, normalise, finish, store, each element read and written once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import triton
import triton.language as tl

from .views import load, store

LONGEST = 16384  # columns; longer rows would spill


class Tile(NamedTuple):
    """How many rows a program takes, padded to how many columns, with how many warps."""

    rows: int
    block: int
    warps: int

    def grid(self, rows: int) -> tuple[int]:
        """Return the programs that so many rows take."""
        return (triton.cdiv(rows, self.rows),)


def tile(rows: int, columns: int, processors: int, settings: Mapping[str, int]) -> Tile:
    """Return a tile of about `elements`, smaller where processors would idle."""
    block = max(16, triton.next_power_of_2(columns))
    most = max(1, settings["elements"] // block)
    taken = min(most, triton.next_power_of_2(triton.cdiv(rows, 2 * processors)))
    warps = taken * block // (32 * settings["per_thread"])
    return Tile(taken, block, min(16, max(1, warps)))


@triton.jit
def rowwise_norm(
    x, y, extra, rows, middles, inners, columns, eps,
    SOURCE: tl.constexpr, FINISH: tl.constexpr, CENTRE: tl.constexpr,
    PARTS: tl.constexpr, ROWS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """y = FINISH(normalised SOURCE(x)), both views; `extra` is whatever the two need.

    CENTRE takes the mean away first (layer norm), else the root mean square alone is divided by.
    A row may lie in PARTS equal parts, each padded on its own.
    """
    row = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    inner = row % inners
    middle = row // inners % middles
    outer = row // inners // middles
    place = tl.arange(0, BLOCK)
    within = place % (BLOCK // PARTS)
    column = place // (BLOCK // PARTS) * (columns // PARTS) + within
    real = (within < columns // PARTS)[None, :]
    mask = (row < rows)[:, None] & real
    v = SOURCE(x, extra, outer, middle, inner, column, mask)
    if CENTRE:
        v = tl.where(real, v - (tl.sum(v, 1) / columns)[:, None], 0.0)
    v *= (1 / tl.sqrt(tl.sum(v * v, 1) / columns + eps))[:, None]
    v = FINISH(v, extra, outer, middle, inner, column, mask)
    store(y, v, outer, middle, inner, column, mask)


@triton.jit
def plain(x, extra, outer, middle, inner, column, mask):
    """SOURCE: the row as it is."""
    return load(x, outer, middle, inner, column, mask)


def constants(
    source: Any, finish: Any, tile: Tile, *, centre: bool, parts: int = 1
) -> dict[str, Any]:
    """Return the template's constants by name."""
    return {
        "SOURCE": source,
        "FINISH": finish,
        "CENTRE": centre,
        "PARTS": parts,
        "ROWS": tile.rows,
        "BLOCK": tile.block,
    }
