"""Calls of an operation, as its tuning and its measuring make them: a workload in a type."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from .dispatch import Op
from .spec import Inputs, Workload

_SEED = 11


@dataclass(frozen=True)
class Call:
    """One call of an operation."""

    op: Op[..., Any]
    workload: Workload
    dtype: torch.dtype

    @property
    def batch(self) -> int:
        """How many pictures, sequences or frames it takes at once."""
        return int(self.workload.axes.get("batch", 1))

    def inputs(self, device: torch.device) -> Inputs:
        """Return the inputs, the same at every call."""
        generator = torch.Generator(device).manual_seed(_SEED)
        return self.op.spec.inputs(self.workload.axes, self.dtype, generator)

    def bound(self, inputs: Inputs) -> Callable[[], Any]:
        """Return the operation on these inputs, as its public function calls it."""
        bound = inspect.signature(self.op.spec.reference).bind(**inputs)
        bound.apply_defaults()
        op, args = self.op, bound.args
        return lambda: op(*args)


def real(op: Op[..., Any]) -> Iterator[Call]:
    """Yield the calls of real models, in the type that they run in."""
    types = [dtype for dtype in op.spec.dtypes if dtype.itemsize == 2] or list(op.spec.dtypes)
    for workload in op.spec.workloads:
        if workload.real:
            yield Call(op, workload, types[-1])
