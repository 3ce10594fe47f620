"""What an operation is: its torch reference, its inputs, its tolerance, the shapes it is meant for.

Everything that judges an operation reads this and nothing else: the tests, the check at first
sight, the bench, the reference page. Nothing here imports Triton.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from inspect import signature
from typing import Any

import torch
from torch import Tensor

Axes = Mapping[str, int | float | bool | str]  # one shape, and the options that belong to it
Inputs = dict[str, Any]  # keyword arguments of the operation, tensors among them
Outputs = Tensor | tuple[Tensor, ...] | None  # None: all that it does is in place

# Norm-relative error, |made - true| / |true|, that rounding explains; true is the reference in
# float64. A sum over a row in float32 then one rounding to the output's type stays within these;
# bfloat16 is one unit in the last place, since the interpreter's cast truncates.
TOLERANCE: Mapping[torch.dtype, float] = {
    torch.float32: 1e-5,
    torch.float16: 1e-3,
    torch.bfloat16: 8e-3,
}


def once(inputs: Inputs, outputs: Outputs) -> int:
    """Return the bytes of every input read once and every output written once."""
    made = (outputs,) if isinstance(outputs, Tensor) else outputs or ()
    return sum(t.nbytes for t in (*inputs.values(), *made) if isinstance(t, Tensor))


@dataclass(frozen=True)
class Workload:
    """One shape to run an operation at."""

    name: str  # "odd rows", or of whom: "SDXL, 64x64, batch 2"
    axes: Axes
    real: bool = False  # of a real model: for a GPU, too large for the interpreter
    compiled: bool = False  # by the checks, which compile the first real one anyway


@dataclass(frozen=True)
class OpSpec:
    """One operation as everybody else sees it."""

    name: str
    summary: str  # one line: what it computes
    fuses: str  # what eager torch would launch apart, or would not fuse
    used: str  # when it is dispatched to, and when not
    reference: Callable[..., Outputs]  # plain torch, any device and dtype, float64 too
    inputs: Callable[[Axes, torch.dtype, torch.Generator], Inputs]  # on the generator's device
    workloads: tuple[Workload, ...]
    moved: Callable[[Inputs, Outputs], int] = once  # bytes read and written at least
    dtypes: tuple[torch.dtype, ...] = (torch.float32, torch.float16, torch.bfloat16)
    tolerance: Mapping[torch.dtype, float] = field(default_factory=lambda: TOLERANCE)
    mutates: tuple[str, ...] = ()  # inputs that it writes in place

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The reference's parameters, in order: those of the operation itself."""
        return tuple(signature(self.reference).parameters)
