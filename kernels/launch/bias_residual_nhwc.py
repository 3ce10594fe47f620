"""The Triton way of `bias_residual_nhwc`."""

from __future__ import annotations

import triton
import triton.language as tl
from torch import Tensor

from ..replay import Launch
from .pointwise import pointwise
from .rows import last


@triton.jit
def added(x, residual, bias, factor) -> tl.tensor:
    """BODY: the sum, times the factor."""
    return (x + residual + bias) * factor


def plan(
    out: Tensor, x: Tensor, bias: Tensor, residual: Tensor | None = None, factor: float = 1.0
) -> list[Launch] | None:
    """Return one launch; the columns are the channels."""
    other = None if residual is None else last(residual)
    vector = (bias, bias.reshape(-1, 1, 1, bias.shape[-1]))
    return pointwise("bias_residual_nhwc", added, last(out), last(x), other, vector, factor=factor)
