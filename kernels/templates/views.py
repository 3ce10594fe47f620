"""Tensors as the kernels see them: a pointer and one stride for each of four axes.

A row is (outer, middle, inner), its elements the columns. Any strides will do. Triton makes a
constant of a stride of 1, so that dense columns load 128 bits at a time, and of an axis without
one: address arithmetic is what these kernels would else spend most instructions on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import triton
import triton.language as tl
from torch import Tensor

NOWHERE = tl.constexpr(0)  # the stride of an axis all of which is one place


class View(NamedTuple):
    """A tensor of axes (outer, middle, inner, column): a stride for each, or NOWHERE."""

    data: Any
    outer: Any
    middle: Any
    inner: Any
    column: int


def view(tensor: Tensor, shape: Sequence[int], seen: Tensor | None = None) -> View:
    """Return a tensor broadcast to four axes, seen with others than its own where `seen` is given.

    The launch holds the call's own tensor, from which `seen` differs in axes and strides only.
    """
    *rows, column = (tensor if seen is None else seen).expand(*shape).stride()
    outer, middle, inner = (
        step if n > 1 and step else NOWHERE for n, step in zip(shape, rows, strict=False)
    )
    return View(tensor, outer, middle, inner, column)


def far(shape: Sequence[int], values: Iterable[Any]) -> bool:
    """Say whether an offset in a view among the values, of this shape, takes more than 32 bits."""
    return any(reach(shape, value[1:]) >= 2**31 for value in values if isinstance(value, View))


def reach(shape: Sequence[int], strides: Sequence[Any]) -> int:
    """Return the offset of the last element."""
    return sum((n - 1) * (step or 0) for n, step in zip(shape, strides, strict=True))


@triton.jit
def nothing() -> Any:
    """Return an empty tuple, which grows as Triton unrolls a loop: to the checkers it may."""
    return ()


@triton.jit
def axes(row, middles, inners, FAR: tl.constexpr):
    """Return the coordinates (outer, middle, inner) of rows; without a sign, to divide cheaply."""
    row, middles, inners = (
        row.to(tl.uint32),
        tl.cast(middles, tl.uint32),
        tl.cast(inners, tl.uint32),
    )
    inner = (row % inners).to(tl.int32)
    middle = (row // inners % middles).to(tl.int32)
    outer = (row // inners // middles).to(tl.int32)
    return widened(outer, FAR), widened(middle, FAR), widened(inner, FAR)


@triton.jit
def widened(at, FAR: tl.constexpr):
    """Return coordinates in the bits that their offsets take."""
    return at.to(tl.int64) if FAR else at


@triton.jit
def load(t, outer, middle, inner, column, mask):
    """Return a tile [rows, columns] in float32, zero outside the mask."""
    return tl.load(t.data + offsets(t, outer, middle, inner, column), mask, 0.0).to(tl.float32)


@triton.jit
def store(t, value, outer, middle, inner, column, mask):
    """Write a tile [rows, columns], rounded to the tensor's type."""
    tl.store(t.data + offsets(t, outer, middle, inner, column), value, mask)


@triton.jit
def offsets(t, outer, middle, inner, column):
    """Return where the elements of a tile are."""
    at = outer * t.outer + middle * t.middle + inner * t.inner
    return at[:, None] + (column * t.column)[None, :]
