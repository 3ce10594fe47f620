"""Rows that fit a program: load, normalise, finish, store, each element read and written once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import triton
import triton.language as tl

from .views import load, store

LONGEST = 16384  # elements of what is normed as one; more would spill


class Tile(NamedTuple):
    """A program's rows and columns, padded to powers of two, and its warps."""

    rows: int
    block: int
    warps: int
    joint: int | None  # rows that are normed as one: the program's rows before padding

    def grid(self, rows: int) -> tuple[int]:
        """Return the programs that so many rows take."""
        return (triton.cdiv(rows, self.joint or self.rows),)


def tile(
    rows: int,
    columns: int,
    processors: int,
    settings: Mapping[str, int],
    joint: int | None = None,
) -> Tile:
    """Return a tile of about `elements`, smaller where processors would idle.

    Of `joint` rows, however many elements they have, where so many are normed as one.
    """
    block = max(16, triton.next_power_of_2(columns))
    if joint is None:
        most = max(1, settings["elements"] // block)
        taken = min(most, triton.next_power_of_2(triton.cdiv(rows, 2 * processors)))
    else:
        taken = triton.next_power_of_2(joint)
    warps = taken * block // (32 * settings["per_thread"])
    return Tile(taken, block, min(16, max(1, warps)), joint)


@triton.jit
def rowwise_norm(
    x, y, extra, rows, middles, inners, columns, eps,
    SOURCE: tl.constexpr, FINISH: tl.constexpr, CENTRE: tl.constexpr,
    PARTS: tl.constexpr, ROWS: tl.constexpr, JOINT: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """y = FINISH(normalised SOURCE(x)), both views; `extra` is whatever the two need.

    CENTRE takes the mean away first (layer norm), else the root mean square alone is divided by.
    A row may lie in PARTS equal parts, each padded on its own. So many rows as JOINT says are
    normed as one, and are all that a program takes; if it is None each row is by itself.
    """
    row = tl.arange(0, ROWS)
    if JOINT is None:
        row += tl.program_id(0).to(tl.int64) * ROWS
    else:
        row = tl.where(row < JOINT, tl.program_id(0).to(tl.int64) * JOINT + row, rows)
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
        v = tl.where(mask, v - mean(v, columns, JOINT), 0.0)
    v *= 1 / tl.sqrt(mean(v * v, columns, JOINT) + eps)
    v = FINISH(v, extra, outer, middle, inner, column, mask)
    store(y, v, outer, middle, inner, column, mask)


@triton.jit
def mean(v, columns, JOINT: tl.constexpr):
    """Return the mean of each row, [rows, 1], or the one of all."""
    if JOINT is None:
        made = (tl.sum(v, 1) / columns)[:, None]
    else:
        made = tl.sum(v) / (columns * JOINT)
    return made


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
        "JOINT": tile.joint,
        "BLOCK": tile.block,
    }
