"""SwiGLU: the gated activation in the blocks of FLUX.2 and Z-Image."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ..dispatch import register
from ..spec import Axes, Inputs, OpSpec, Workload
from .projection import projection, sizes


def swiglu(gate: Tensor, up: Tensor | None = None) -> Tensor:
    """Return silu(gate) * up; without up they are the two halves of gate's last axis.

    gate: (..., columns), or (..., 2 * columns) without up, any strides. up: (..., columns). The
    result is (..., columns), contiguous and of gate's type; arithmetic is in float32.
    SwiGLU: Shazeer 2020, section 2; the order of the halves is that of diffusers' ``Flux2SwiGLU``.
    """
    return OP(gate, up)


def reference(gate: Tensor, up: Tensor | None = None) -> Tensor:
    """Return what swiglu does, in plain torch."""
    if up is None:
        gate, up = gate.chunk(2, -1)
    return (F.silu(gate) * up).contiguous()


def _empty(gate: Tensor, up: Tensor | None = None) -> Tensor:
    if up is not None:
        if up.shape != gate.shape or up.dtype != gate.dtype:
            raise ValueError(
                f"up is {up.dtype} {tuple(up.shape)}: gate's {gate.dtype} {tuple(gate.shape)} "
                "is wanted"
            )
        return gate.new_empty(gate.shape)
    if gate.ndim == 0 or gate.shape[-1] % 2:
        raise ValueError(f"gate has shape {tuple(gate.shape)}: an even last axis is wanted")
    return gate.new_empty((*gate.shape[:-1], gate.shape[-1] // 2))


def _inputs(axes: Axes, dtype: torch.dtype, generator: torch.Generator) -> Inputs:
    columns = int(axes["columns"])
    if axes.get("apart"):
        parts = [projection(axes, columns, dtype, generator) for _ in range(2)]
        return {"gate": parts[0], "up": parts[1]}
    return {"gate": projection(axes, 2 * columns, dtype, generator)}


SPEC = OpSpec(
    name="swiglu",
    summary="the SiLU of one projection times another, or of one half times the other",
    fuses="a SiLU that is written and read again, and a multiplication",
    used="eager and uncompiled blocks; torch.compile fuses the same by itself",
    reference=reference,
    inputs=_inputs,
    workloads=(
        Workload("odd", sizes(2, 19, 37)),
        Workload("two projections", sizes(2, 5, 48, apart=True)),
        Workload("part of a projection", sizes(2, 7, 64, beside=9)),
        Workload("klein-4B, 512 px, double block", sizes(1, 1024, 9216), real=True),
        # The single blocks make queries, keys and values in the same product, before these.
        Workload("klein-4B, 512 px, single block", sizes(1, 1536, 9216, beside=9216), real=True),
        Workload("klein-4B, 1024 px, single block", sizes(1, 4608, 9216, beside=9216), real=True),
        Workload("Z-Image, 1024 px", sizes(1, 4096, 10240, apart=True), real=True),
    ),
)

OP = register(SPEC, _empty)
