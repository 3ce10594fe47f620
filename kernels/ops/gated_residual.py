"""The end of every block of a DiT: what it made, gated, is added to what came in."""

import torch
from torch import Tensor

from ..dispatch import register
from ..spec import Axes, Inputs, OpSpec, Workload
from .projection import projection, sizes


def gated_residual(x: Tensor, y: Tensor, gate: Tensor) -> Tensor:
    """Return x + gate * y; x and y are (batch, tokens, columns), gate is (batch, columns)."""
    return OP(x, y, gate)


def reference(x: Tensor, y: Tensor, gate: Tensor) -> Tensor:
    return (x + gate[:, None] * y).contiguous()


def _empty(x: Tensor, y: Tensor, gate: Tensor) -> Tensor:
    if x.ndim != 3 or y.shape != x.shape or gate.shape != (x.shape[0], x.shape[2]):
        raise ValueError(f"{tuple(x.shape)}, {tuple(y.shape)}, {tuple(gate.shape)} do not fit")
    return x.new_empty(x.shape)


def _inputs(axes: Axes, dtype: torch.dtype, generator: torch.Generator) -> Inputs:
    x, y = (projection(axes, int(axes["columns"]), dtype, generator) for _ in range(2))
    return {"x": x, "y": y, "gate": x.mean(1)}


SPEC = OpSpec(
    name="gated_residual",
    summary="a block's output, gated by sample and column, added to the residual stream",
    fuses="a multiplication and an addition, as torch.addcmul does where a model calls it",
    used="eager and uncompiled blocks; torch.compile fuses the same by itself",
    reference=reference, inputs=_inputs, workloads=(
        Workload("odd", sizes(2, 19, 37)), Workload("cut", sizes(2, 5, 64, before=3)),
        Workload("klein-4B, 1024 px", sizes(1, 4608, 3072), real=True),
        Workload("Z-Image, 1024 px", sizes(1, 4096, 3840), real=True),
    ),
)  # fmt: skip
OP = register(SPEC, _empty)
