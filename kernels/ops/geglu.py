"""GEGLU: the gated activation in the transformer blocks of SD and SDXL."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ..dispatch import register
from ..spec import Axes, Inputs, OpSpec, Workload
from .projection import projection, sizes


def geglu(x: Tensor) -> Tensor:
    """Return value * gelu(gate), the two halves of x's last axis.

    x: (..., 2 * columns), any strides. The result is (..., columns), contiguous and of x's type;
    arithmetic is in float32. GELU is the one with the error function.
    GEGLU: Shazeer 2020, section 2; the order of the halves is that of diffusers' ``GEGLU``.
    """
    return OP(x)


def reference(x: Tensor) -> Tensor:
    """Return what geglu does, in plain torch."""
    value, gate = x.chunk(2, -1)
    return value * F.gelu(gate)


def _empty(x: Tensor) -> Tensor:
    if x.ndim == 0 or x.shape[-1] % 2:
        raise ValueError(f"x has shape {tuple(x.shape)}: an even last axis is wanted")
    return x.new_empty((*x.shape[:-1], x.shape[-1] // 2))


def _inputs(axes: Axes, dtype: torch.dtype, generator: torch.Generator) -> Inputs:
    return {"x": projection(axes, 2 * int(axes["columns"]), dtype, generator)}


SPEC = OpSpec(
    name="geglu",
    summary="half of a projection times the GELU of the other half",
    fuses="a GELU that is written and read again, and a multiplication",
    used="eager and uncompiled blocks; torch.compile fuses the same by itself",
    reference=reference,
    inputs=_inputs,
    workloads=(
        Workload("odd", sizes(2, 19, 37)),
        Workload("one token", sizes(1, 1, 96)),
        Workload("part of a projection", sizes(2, 7, 64, beside=32)),
        Workload("SD-Turbo, 512 px, level 0", sizes(1, 4096, 1280), real=True),
        Workload("SD-Turbo, 512 px, level 2", sizes(1, 256, 5120), real=True),
        Workload("SDXL, 1024 px, level 1", sizes(1, 4096, 2560), real=True),
        Workload("SDXL, 1024 px, level 2", sizes(1, 1024, 5120), real=True),
    ),
)

OP = register(SPEC, _empty)
