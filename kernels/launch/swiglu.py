"""The Triton way of `swiglu`."""

from __future__ import annotations

import triton
import triton.language as tl
from torch import Tensor

from ..replay import Launch
from ..templates.activations import silu
from .pointwise import pointwise


@triton.jit
def gated(gate, up, nothing, factor) -> tl.tensor:
    """BODY: the gate's SiLU times the other."""
    return silu(gate) * up


def plan(out: Tensor, gate: Tensor, up: Tensor | None = None) -> list[Launch] | None:
    """Return one launch; without ``up`` that is the second half of each row."""
    if up is not None:
        return pointwise("swiglu", gated, (out, out), (gate, gate), (up, up))
    columns = out.shape[-1]
    half = (gate, gate[..., :columns])
    return pointwise("swiglu", gated, (out, out), half, half, skipped=columns)
