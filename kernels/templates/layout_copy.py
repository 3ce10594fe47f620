"""Elements from one memory layout to another, changed on the way; each is read once.

A launcher in kernels/launch gives it two bodies, ``@triton.jit`` functions: READ makes a tile of
values, PLACE says where in the target they go. COPIES of a tile go to several places.
"""

import triton
import triton.language as tl


@triton.jit
def layout_copy(
    target,
    rows,
    columns,
    context,  # a named tuple for both bodies: pointers, strides, sizes
    READ: tl.constexpr,  # (row, column, inside, context, OPTIONS) -> values
    PLACE: tl.constexpr,  # (row, column, copy, context, OPTIONS) -> offsets, which to write
    OPTIONS: tl.constexpr,  # what the bodies choose their code by
    COPIES: tl.constexpr,
    BLOCK_ROWS: tl.constexpr,
    BLOCK_COLUMNS: tl.constexpr,
):
    """One program moves BLOCK_ROWS x BLOCK_COLUMNS elements; what a row is, the bodies say.

    Rows and columns are counted in 32 bits, where division is cheap; bodies widen their offsets.
    """
    row = tl.program_id(0) * BLOCK_ROWS + tl.arange(0, BLOCK_ROWS)[:, None]
    column = tl.program_id(1) * BLOCK_COLUMNS + tl.arange(0, BLOCK_COLUMNS)[None, :]
    inside = (row < rows) & (column < columns)
    tile = READ(row, column, inside, context, OPTIONS).to(target.dtype.element_ty)
    for copy in tl.static_range(COPIES):  # pyright: ignore[reportGeneralTypeIssues]  # unrolled
        at, wanted = PLACE(row, column, copy, context, OPTIONS)
        tl.store(target + at, tile, mask=inside & wanted)
