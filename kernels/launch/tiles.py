"""How a copy is cut into tiles: by the shape, and by the settings shipped for the GPU."""

import triton

WIDEST = 256  # columns: what a warp loads at once


def tile(rows: int, columns: int, elements: int) -> tuple[int, int]:
    """Return a tile's rows and columns: columns that divide the shape's, where a power of two does.

    Channels are often 320 or 640: five tiles of 64 waste nothing, three of 128 a sixth.
    """
    exact = columns & -columns  # the largest power of two that divides it
    wide = exact if exact >= 32 else triton.next_power_of_2(columns)
    wide = min(wide, WIDEST)
    return min(max(elements // wide, 1), triton.next_power_of_2(rows)), wide
