"""Elements from one memory layout to another, changed on the way; each is read once.

A launcher in kernels/launch gives it two bodies, ``@triton.jit`` functions: READ makes one or more
tiles of values, PLACE says where in the target they go. A single tile may go to several places.
"""

import triton
import triton.language as tl


@triton.jit
def layout_copy(
    target,
    rows,
    columns,
    context,  # a named tuple for both bodies: pointers, strides, sizes
    READ: tl.constexpr,  # (sample, row, column, inside, context, OPTIONS) -> a tuple of tiles
    PLACE: tl.constexpr,  # (sample, row, column, copy, context, OPTIONS) -> where to write
    OPTIONS: tl.constexpr,  # what the bodies choose their code by
    COPIES: tl.constexpr,  # writes; each of its own tile, or all of the only one
    BLOCK_ROWS: tl.constexpr,
    BLOCK_COLUMNS: tl.constexpr,
):
    """One program reads BLOCK_ROWS x BLOCK_COLUMNS; what rows and columns are, the bodies say.

    The grid is (tiles of rows, tiles of columns, samples), so that nothing has to be divided.
    Rows and columns are counted in 32 bits; bodies widen their offsets.
    """
    sample = tl.program_id(2).to(tl.int64)
    row = tl.program_id(0) * BLOCK_ROWS + tl.arange(0, BLOCK_ROWS)[:, None]
    column = tl.program_id(1) * BLOCK_COLUMNS + tl.arange(0, BLOCK_COLUMNS)[None, :]
    inside = (row < rows) & (column < columns)
    tiles = READ(sample, row, column, inside, context, OPTIONS)
    for copy in tl.static_range(COPIES):
        at = PLACE(sample, row, column, copy, context, OPTIONS)
        tile = tiles[copy % len(tiles)].to(target.dtype.element_ty)
        tl.store(target + at, tile, mask=inside)
