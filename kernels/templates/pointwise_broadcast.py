"""Element by element over rows of columns: one to three tensors, some shared by several rows.

A plan in kernels/launch gives it a body, a ``@triton.jit`` function of one element.
"""

import triton
import triton.language as tl

from .views import axes, load, store, widened


@triton.jit
def pointwise_broadcast(
    out, x, y, v, skipped, middles, inners, rows, columns, factor,
    BODY: tl.constexpr, ROWS: tl.constexpr, BLOCK: tl.constexpr, FAR: tl.constexpr,
):  # fmt: skip
    """out = BODY(x, y, v, factor), views and a number; y and v may be None, their elements are 0.

    y begins ``skipped`` columns into its rows: it may be the other half of x. One program makes
    ROWS x BLOCK elements; FAR says that offsets take 64 bits.
    """
    across = tl.cdiv(columns, BLOCK)
    row = tl.program_id(0) // across * ROWS + tl.arange(0, ROWS)
    column = tl.program_id(0) % across * BLOCK + tl.arange(0, BLOCK)
    mask = (row < rows)[:, None] & (column < columns)[None, :]
    outer, middle, inner = axes(row, middles, inners, FAR)
    column = widened(column, FAR)
    first = load(x, outer, middle, inner, column, mask)
    second = 0.0
    if y is not None:
        second = load(y, outer, middle, inner, column + skipped, mask)
    third = 0.0
    if v is not None:
        third = load(v, outer, middle, inner, column, mask)
    store(out, BODY(first, second, third, factor), outer, middle, inner, column, mask)
