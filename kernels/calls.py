"""Calls of an operation, as its tuning and its measuring make them: a workload in a type."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
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

    def on(self, inputs: Inputs) -> Callable[[], Any]:
        """Return the operation on these inputs, as its public function calls it."""
        bound = inspect.signature(self.op.spec.reference).bind(**inputs)
        bound.apply_defaults()
        op, args = self.op, bound.args
        return lambda: op(*args)


def real(op: Op[..., Any], batches: Sequence[int] = ()) -> Iterator[Call]:
    """Yield the calls of real models, in the type that they run in.

    Those that have a batch are made at each of ``batches``, where these are given.
    """
    types = [dtype for dtype in op.spec.dtypes if dtype.itemsize == 2] or list(op.spec.dtypes)
    seen: set[tuple[object, ...]] = set()
    for workload in (w for w in op.spec.workloads if w.real):
        sizes = batches if "batch" in workload.axes else ()
        for changed in [{"batch": size} for size in sizes] or [{}]:
            axes = {**workload.axes, **changed}
            if tuple(axes.items()) not in seen:
                seen.add(tuple(axes.items()))
                yield Call(op, replace(workload, axes=axes), types[-1])
