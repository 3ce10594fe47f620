"""Tensors as the kernels see them: a pointer and one stride for each of four axes.

A row is (outer, middle, inner), its elements the columns. Any strides will do, 0 where a tensor is
broadcast; Triton makes a constant of a stride of 1, so that dense columns load 128 bits at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import triton
import triton.language as tl
from torch import Tensor


class View(NamedTuple):
    """A tensor of axes (outer, middle, inner, column)."""

    data: Any
    outer: int
    middle: int
    inner: int
    column: int


def view(tensor: Tensor, shape: Sequence[int], seen: Tensor | None = None) -> View:
    """Return a tensor broadcast to four axes, seen with others than its own where `seen` is given.

    The launch holds the call's own tensor, from which `seen` differs in axes and strides only.
    """
    return View(tensor, *(tensor if seen is None else seen).expand(*shape).stride())


@triton.jit
def load(t, outer, middle, inner, column, mask):
    """Return a tile [rows, columns] in float32, zero outside the mask."""
    at = (outer * t.outer + middle * t.middle + inner * t.inner)[:, None]
    return tl.load(t.data + (at + (column * t.column)[None, :]), mask, 0.0).to(tl.float32)


@triton.jit
def store(t, value, outer, middle, inner, column, mask):
    """Write a tile [rows, columns], rounded to the tensor's type."""
    at = (outer * t.outer + middle * t.middle + inner * t.inner)[:, None]
    tl.store(t.data + (at + (column * t.column)[None, :]), value, mask)
