"""The Triton way of `gelu_tanh`."""

from __future__ import annotations

import triton
import triton.language as tl
from torch import Tensor

from ..replay import Launch
from ..templates import activations
from .pointwise import pointwise


@triton.jit
def activated(x, nothing, no_vector, factor) -> tl.tensor:
    """BODY: GELU by tanh."""
    return activations.gelu_tanh(x)


def plan(out: Tensor, x: Tensor) -> list[Launch] | None:
    """Return one launch."""
    return pointwise("gelu_tanh", activated, (out, out), (x, x))
