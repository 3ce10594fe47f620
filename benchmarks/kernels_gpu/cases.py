"""What an operation is checked with beside its real calls, and how far a call is from the truth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import Tensor

from livedraft.kernels.bench.compare import run, truth
from livedraft.kernels.calls import Call
from livedraft.kernels.dispatch import Op
from livedraft.kernels.spec import Inputs
from livedraft.kernels.verify import error, tensors

_LARGE = 1 << 27  # elements; beyond it the truth is made in float32, or memory would not do


def small(op: Op[..., Any]) -> Iterator[Call]:
    """Yield the small workloads in every type: odd and strided shapes."""
    for workload in op.spec.workloads:
        for dtype in op.spec.dtypes:
            if not workload.real:
                yield Call(op, workload, dtype)


def off(call: Call, inputs: Inputs) -> float:
    """Return how far an operation is from the truth; what it writes in place is judged, too.

    The inputs are then as they were after one call.
    """
    spec = call.op.spec
    large = sum(t.numel() for t in inputs.values() if isinstance(t, Tensor)) > _LARGE
    outputs, mutated = (run if large else truth)(spec, _single(inputs) if large else inputs)
    made = call.on(inputs)()
    return error(
        (*tensors(made), *(inputs[name] for name in spec.mutates)),
        (*outputs, *(mutated[name] for name in spec.mutates)),
    )


def _single(inputs: Inputs) -> Inputs:
    return {
        name: value.float() if isinstance(value, Tensor) and value.is_floating_point() else value
        for name, value in inputs.items()
    }
