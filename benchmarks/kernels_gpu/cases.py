"""What an operation is called with: its workloads, those of real models at several batch sizes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from livedraft.kernels.bench.compare import run, truth
from livedraft.kernels.dispatch import Op
from livedraft.kernels.spec import Inputs, Workload
from livedraft.kernels.verify import error, tensors

SEED = 11
_LARGE = 1 << 27  # elements; beyond it the truth is made in float32, or memory would not do


@dataclass(frozen=True)
class Case:
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
        generator = torch.Generator(device).manual_seed(SEED)
        return self.op.spec.inputs(self.workload.axes, self.dtype, generator)

    def call(self, inputs: Inputs) -> Callable[[], Any]:
        """Return the operation on these inputs, as its public function calls it."""
        bound = inspect.signature(self.op.spec.reference).bind(**inputs)
        bound.apply_defaults()
        op, args = self.op, bound.args
        return lambda: op(*args)

    def error(self, inputs: Inputs) -> float:
        """Return how far the operation is from the truth; what it writes in place is judged, too.

        The inputs are then as they were after one call.
        """
        spec = self.op.spec
        large = sum(t.numel() for t in inputs.values() if isinstance(t, Tensor)) > _LARGE
        outputs, mutated = (run if large else truth)(spec, _single(inputs) if large else inputs)
        made = self.call(inputs)()
        return error(
            (*tensors(made), *(inputs[name] for name in spec.mutates)),
            (*outputs, *(mutated[name] for name in spec.mutates)),
        )


def small(op: Op[..., Any]) -> Iterator[Case]:
    """Yield the small workloads in every type: odd and strided shapes."""
    for workload in op.spec.workloads:
        for dtype in op.spec.dtypes:
            if not workload.real:
                yield Case(op, workload, dtype)


def real(op: Op[..., Any], batches: Sequence[int]) -> Iterator[Case]:
    """Yield the workloads of real models in 16 bits, those that have a batch at each of these."""
    types = [dtype for dtype in op.spec.dtypes if dtype.itemsize == 2] or list(op.spec.dtypes)
    seen: set[tuple[object, ...]] = set()
    for workload in op.spec.workloads:
        for batch in batches if workload.real else ():
            axes = dict(workload.axes)
            if "batch" in axes:
                axes["batch"] = batch
            if tuple(axes.items()) not in seen:
                seen.add(tuple(axes.items()))
                yield Case(op, replace(workload, axes=axes), types[-1])


def _single(inputs: Inputs) -> Inputs:
    return {
        name: value.float() if isinstance(value, Tensor) and value.is_floating_point() else value
        for name, value in inputs.items()
    }
