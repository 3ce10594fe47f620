"""Tensors as rows of columns: their axes joined to the four that a view has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from torch import Tensor

from ..templates.views import NOWHERE, View, far

# A tensor of the call, and the view of it whose axes are meant.
Seen = tuple[Tensor, Tensor]

VECTOR = 16  # elements: a stride that is a multiple of it lets Triton load 128 bits


@dataclass(frozen=True)
class Rows:
    """The sizes of a row's axes, and views of the tensors that have them."""

    outer: int
    middle: int
    inner: int
    columns: int
    views: tuple[View, ...]

    @property
    def count(self) -> int:
        """Return how many rows there are."""
        return self.outer * self.middle * self.inner

    @property
    def wide(self) -> bool:
        """Whether rows lie so that 128 bits can be loaded at once."""
        return all(view.column == 1 for view in self.views) and not any(
            (step or 0) % VECTOR for view in self.views for step in (*view[1:4], self.columns)
        )

    def far(self, skipped: int = 0) -> bool:
        """Say whether offsets take 64 bits, of columns that begin so many later too."""
        return far((self.outer, self.middle, self.inner, self.columns + skipped), self.views)


def last(tensor: Tensor) -> Seen:
    """Return a tensor (batch, channels, height, width), channels seen last."""
    return tensor, tensor.permute(0, 2, 3, 1)


def fold(shape: Sequence[int], tensors: Sequence[Seen]) -> Rows | None:
    """Return views of tensors broadcast to a shape, axes joined where all of them allow it.

    Columns are the last axis. None where more axes remain than a view has: no activation of a
    network lies so.
    """
    *sizes, columns = shape
    strides = [like.expand(*shape).stride() for _, like in tensors]
    joined: list[tuple[int, list[int]]] = []
    for n, size in enumerate(sizes):
        steps = [each[n] for each in strides]
        if joined and joined[-1][1] == [size * step for step in steps]:
            joined[-1] = (joined[-1][0] * size, steps)
        elif size != 1:
            joined.append((size, steps))
    if len(joined) > 3 or prod(sizes) >= 2**31:
        return None
    nothing = (1, [0] * len(tensors))
    (outer, first), (middle, second), (inner, third) = [nothing] * (3 - len(joined)) + joined
    views = (
        View(
            tensor,
            first[n] or NOWHERE,
            second[n] or NOWHERE,
            third[n] or NOWHERE,
            strides[n][-1],
        )
        for n, (tensor, _) in enumerate(tensors)
    )
    return Rows(outer, middle, inner, columns, tuple(views))
