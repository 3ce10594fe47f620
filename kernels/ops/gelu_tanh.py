"""The tanh form of GELU: the activation in the blocks of Wan."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ..dispatch import register
from ..spec import Axes, Inputs, OpSpec, Workload
from .projection import projection, sizes


def gelu_tanh(x: Tensor) -> Tensor:
    """Return GELU by tanh: x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2.

    x: any shape and strides. The result is contiguous and of x's type; arithmetic is in float32.
    Hendrycks and Gimpel 2016, section 2.
    """
    return OP(x)


def reference(x: Tensor) -> Tensor:
    """Return what gelu_tanh does, in plain torch."""
    return F.gelu(x, approximate="tanh").contiguous()


def _empty(x: Tensor) -> Tensor:
    if x.ndim == 0:
        raise ValueError("x has no axis: at least one is wanted")
    return x.new_empty(x.shape)


def _inputs(axes: Axes, dtype: torch.dtype, generator: torch.Generator) -> Inputs:
    return {"x": projection(axes, int(axes["columns"]), dtype, generator)}


SPEC = OpSpec(
    name="gelu_tanh",
    summary="GELU by tanh, from any strides to a dense result",
    fuses="nothing where the input is dense; the copy that makes it so where it is not",
    used="eager and uncompiled blocks, as one launch like torch's own",
    reference=reference,
    inputs=_inputs,
    workloads=(
        Workload("odd", sizes(2, 19, 37)),
        Workload("after the text's tokens", sizes(2, 5, 64, before=3)),
        Workload("Wan-1.3B, 480p, chunk of 3", sizes(1, 4680, 8960), real=True),
        Workload("Wan-1.3B, 480p, 81 frames", sizes(1, 32760, 8960), real=True),
    ),
)

OP = register(SPEC, _empty)
