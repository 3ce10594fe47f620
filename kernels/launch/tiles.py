"""How a copy is cut into tiles: by the shape, and by the settings shipped for the GPU."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import triton
from torch import Tensor

from ..replay import Launch
from ..templates.layout_copy import layout_copy

WIDEST = 256  # columns: what a warp loads at once
WIDTHS = (64, 128)  # pixels of a tile's line, two a thread
QUADS = 32  # of two by two pixels, one a thread


def tile(rows: int, columns: int, elements: int) -> tuple[int, int]:
    """Return a tile's rows and columns: columns that divide the shape's, where a power of two does.

    Channels are often 320 or 640: five tiles of 64 waste nothing, three of 128 a sixth.
    """
    exact = columns & -columns  # the largest power of two that divides it
    wide = exact if exact >= 32 else triton.next_power_of_2(columns)
    wide = min(wide, WIDEST)
    return min(max(elements // wide, 1), triton.next_power_of_2(rows)), wide


def fitting(length: int, sizes: Iterable[int]) -> int:
    """Return the size of tiles that leave least of the last one idle; of several, the largest."""
    return min(sizes, key=lambda size: (triton.cdiv(length, size) * size, -size))


class Bodies(NamedTuple):
    """What `layout_copy` is given to do its work."""

    read: Any
    place: Any
    options: tuple[Any, ...] = ()
    copies: int = 1


def copied(
    made: Tensor,
    context: tuple[Any, ...],
    bodies: Bodies,
    size: tuple[int, int, int],  # samples, rows, columns
    tile: tuple[int, int],
    warps: int,
    wide: bool,
) -> Launch:
    """Return the launch that copies all rows and columns of all samples, a tile a program."""
    samples, rows, columns = size
    high, across = tile
    return Launch(
        layout_copy,
        (triton.cdiv(rows, high), triton.cdiv(columns, across), samples),
        (made, rows, columns, context),
        {
            "READ": bodies.read,
            "PLACE": bodies.place,
            "OPTIONS": bodies.options,
            "COPIES": bodies.copies,
            "BLOCK_ROWS": high,
            "BLOCK_COLUMNS": across,
        },
        warps=max(warps, 1),
        wide=wide,
    )
