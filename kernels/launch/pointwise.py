"""How the operations on `pointwise_broadcast` are launched: one kernel, tiles by the shape."""

from __future__ import annotations

from typing import Any

import triton

from ..capability import settings
from ..replay import Launch
from ..templates.pointwise_broadcast import pointwise_broadcast
from .rows import VECTOR, Seen, fold
from .tiles import tile


def pointwise(
    op: str,
    body: Any,
    out: Seen,
    x: Seen,
    y: Seen | None = None,
    v: Seen | None = None,
    *,
    skipped: int = 0,
    factor: float = 1.0,
) -> list[Launch] | None:
    """Return the launch of out = body(x, y, v, factor).

    Args:
        op: whose settings hold.
        body: a ``@triton.jit`` function of float32 numbers.
        out: seen as (..., columns).
        x: broadcasts to ``out``; so do ``y`` and ``v``, where they are given.
        skipped: after how many columns of its rows ``y`` begins.
        factor: a number for the body.
    """
    shape = out[1].shape
    rows = fold(shape, [each for each in (out, x, y, v) if each is not None])
    if rows is None or not out[1].numel():
        return None
    views = iter(rows.views)
    given = [None if each is None else next(views) for each in (out, x, y, v)]
    shipped = settings(op, out[0].device)
    high, wide = tile(rows.count, rows.columns, shipped["elements"])
    return [
        Launch(
            pointwise_broadcast,
            (triton.cdiv(rows.count, high) * triton.cdiv(rows.columns, wide),),
            (*given, skipped, rows.middle, rows.inner, rows.count, rows.columns, factor),
            {"BODY": body, "ROWS": high, "BLOCK": wide, "FAR": rows.far(skipped)},
            warps=shipped["warps"],
            wide=rows.wide and skipped % VECTOR == 0,
        )
    ]
