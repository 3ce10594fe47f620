"""Rows through a norm or an activation, then to 8 bits with one scale a row.

What a matrix product in fp8 or int8 reads: a row is loaded once, and written in 8 bits alone.
A plan in kernels/launch gives it a body, a ``@triton.jit`` function of one element.
"""

import triton
import triton.language as tl

from .rowwise_norm import centred, cut, normed
from .views import axes, load, nothing, widened


@triton.jit
def quant_producer(
    quantised, scales, x, weight, gain, shift, middles, inners, rows, columns, step, eps,
    BODY: tl.constexpr, GATED: tl.constexpr, NORM: tl.constexpr, CENTRE: tl.constexpr,
    LIMIT: tl.constexpr, WHOLE: tl.constexpr, TO_E4M3: tl.constexpr, ROWS: tl.constexpr,
    TILES: tl.constexpr, BLOCK: tl.constexpr, EXACT: tl.constexpr, FAR: tl.constexpr,
):  # fmt: skip
    """quantised * scales is nearly BODY(x) * weight * (1 + gain) + shift.

    x, weight, gain and shift are views, those after x may be None; quantised (rows, columns) and
    scales (rows,) are dense. GATED bodies get the second half of x's rows, too. NORM: then by the
    root mean square, the mean first taken away if CENTRE. LIMIT is the largest value of 8 bits,
    WHOLE whether they are whole numbers. TO_E4M3 rounds to fp8 before the cast: in the interpreter,
    whose own cast drops carries. The rest as in rowwise_norm.
    """
    row = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    outer, middle, inner = axes(row, middles, inners, FAR)
    v, at, masks = nothing(), nothing(), nothing()
    for n in tl.static_range(TILES):
        column, mask = cut(n, row, rows, columns, step, BLOCK, EXACT)
        column = widened(column, FAR)
        part = load(x, outer, middle, inner, column, mask)
        second = 0.0
        if GATED:
            second = load(x, outer, middle, inner, column + columns, mask)
        v += (BODY(part, second),)
        at += (column,)
        masks += (mask,)
    if CENTRE:
        v = centred(v, masks, columns, EXACT)
    if NORM:
        v = normed(v, columns, eps)
    made = nothing()
    size = tl.zeros((ROWS, BLOCK), tl.float32)
    for n in tl.static_range(TILES):
        part = v[n]
        if weight is not None:
            part *= load(weight, outer, middle, inner, at[n], masks[n])
        if gain is not None:
            part *= 1.0 + load(gain, outer, middle, inner, at[n], masks[n])
        if shift is not None:
            part += load(shift, outer, middle, inner, at[n], masks[n])
        made += (part,)
        size = tl.maximum(size, tl.abs(part))
    most = tl.maximum(tl.max(size, 1), 1e-12)[:, None]  # of zeros: no division by 0
    place = widened(row, FAR)[:, None]
    for n in tl.static_range(TILES):
        part = made[n] * (LIMIT / most)  # past the limit by less than what rounding takes off
        if WHOLE:
            part = (part + 12582912.0) - 12582912.0  # 1.5 * 2**23: to the nearest, halves to even
        if TO_E4M3:
            part = to_e4m3(part)
        column, mask = cut(n, row, rows, columns, step, BLOCK, EXACT)
        to = quantised + (place * columns + widened(column, FAR)[None, :])
        tl.store(to, part.to(quantised.dtype.element_ty), mask)
    tl.store(scales + place, most / LIMIT, (row < rows)[:, None])


@triton.jit
def to_e4m3(x):
    """Round to the nearest value of float8 e4m3, halves to even."""
    bits = x.to(tl.int32, bitcast=True)
    bits = (bits + 0x7FFFF + ((bits >> 20) & 1)) & -0x100000  # 3 bits of mantissa
    small = (x + 24576.0) - 24576.0  # 1.5 * 2**14: steps of 2**-9
    return tl.where(tl.abs(x) < 0.015625, small, bits.to(tl.float32, bitcast=True))
