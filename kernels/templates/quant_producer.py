"""Rows through a norm or an activation, then to 8 bits with one scale a row.

What a matrix product in fp8 or int8 reads: a row is loaded once, and written in 8 bits alone.
A plan in kernels/launch gives it a body, a ``@triton.jit`` function of whole rows.
"""

import triton
import triton.language as tl

from .views import load


@triton.jit
def quant_producer(
    quantised, scales, x, weight, gain, shift, middles, inners, rows, columns, eps,
    BODY: tl.constexpr, GATED: tl.constexpr, LIMIT: tl.constexpr, WHOLE: tl.constexpr,
    TO_E4M3: tl.constexpr, ROWS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """quantised * scales is nearly BODY(x) * weight * (1 + gain) + shift.

    x, weight, gain and shift are views, those after x may be None; quantised (rows, columns) and
    scales (rows,) are dense. GATED bodies get the second half of x's rows, too. LIMIT is the
    largest value of 8 bits, WHOLE whether they are whole numbers. TO_E4M3 rounds to fp8 before
    the cast: in the interpreter, whose own cast drops carries. BLOCK is at least the columns.
    """
    row = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    column = tl.arange(0, BLOCK)
    real = (column < columns)[None, :]
    mask = (row < rows)[:, None] & real
    inner = (row % inners).to(tl.int64)
    middle = (row // inners % middles).to(tl.int64)
    outer = (row // inners // middles).to(tl.int64)
    v = load(x, outer, middle, inner, column, mask)
    second = 0.0
    if GATED:
        second = load(x, outer, middle, inner, column + columns, mask)
    v = BODY(v, second, real, columns, eps)
    if weight is not None:
        v *= load(weight, outer, middle, inner, column, mask)
    if gain is not None:
        v *= 1.0 + load(gain, outer, middle, inner, column, mask)
    if shift is not None:
        v += load(shift, outer, middle, inner, column, mask)
    most = tl.maximum(tl.max(tl.abs(v), 1), 1e-12)[:, None]  # of zeros: no division by 0
    v = tl.clamp(v * (LIMIT / most), -LIMIT, LIMIT)
    if WHOLE:
        v = (v + 12582912.0) - 12582912.0  # 1.5 * 2**23: to the nearest, halves to even
    if TO_E4M3:
        v = to_e4m3(v)
    at = row.to(tl.int64)[:, None]
    tl.store(quantised + (at * columns + column[None, :]), v.to(quantised.dtype.element_ty), mask)
    tl.store(scales + at, most / LIMIT, (row < rows)[:, None])


@triton.jit
def to_e4m3(x):
    """Round to the nearest value of float8 e4m3, halves to even."""
    bits = x.to(tl.int32, bitcast=True)
    bits = (bits + 0x7FFFF + ((bits >> 20) & 1)) & -0x100000  # 3 bits of mantissa
    small = (x + 24576.0) - 24576.0  # 1.5 * 2**14: steps of 2**-9
    return tl.where(tl.abs(x) < 0.015625, small, bits.to(tl.float32, bitcast=True))
