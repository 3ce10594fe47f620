"""gated_norm_modulate on a GPU: norm_modulate's rows, summed as they are loaded."""

from __future__ import annotations

from typing import NamedTuple

import triton
import triton.language as tl
from torch import Tensor

from ..capability import gpu, settings
from ..ops.norm_modulate import by_token
from ..replay import Launch
from ..templates.rowwise_norm import LONGEST, constants, rowwise_norm, tile
from ..templates.views import View, far, load, store, view
from .norm_modulate import modulate


class GatedModulation(NamedTuple):
    """What is added before the norm, where the sum goes, and norm_modulate's Modulation."""

    branch: View
    gate: View | None
    total: View
    weight: View | None
    bias: View | None
    scale: View | None
    shift: View | None


@triton.jit
def gated(x, extra, outer, middle, inner, column, mask: tl.tensor):
    """SOURCE: the row plus the gated branch, which it stores too."""
    v = load(extra.branch, outer, middle, inner, column, mask)
    if extra.gate is not None:
        v *= load(extra.gate, outer, middle, inner, column, mask)
    v += load(x, outer, middle, inner, column, mask)
    store(extra.total, v, outer, middle, inner, column, mask)
    return v


def plan(
    outputs: tuple[Tensor, Tensor],
    x: Tensor,
    branch: Tensor,
    gate: Tensor | None = None,
    scale: Tensor | None = None,
    shift: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    kind: str = "layer",
    eps: float = 1e-6,
) -> list[Launch] | None:
    """Return one launch: a program for a few tokens."""
    batch, tokens, channels = x.shape
    if channels > LONGEST or not x.numel():
        return None
    shape, rows = (batch, tokens, 1, channels), batch * tokens

    def seen(t: Tensor) -> View:
        return view(t, shape, by_token(t).unsqueeze(2))

    extra = GatedModulation(
        branch=seen(branch),
        gate=None if gate is None else seen(gate),
        total=seen(outputs[0]),
        weight=None if weight is None else view(weight, shape),
        bias=None if bias is None else view(bias, shape),
        scale=None if scale is None else seen(scale),
        shift=None if shift is None else seen(shift),
    )
    shipped = settings("gated_norm_modulate", x.device)
    chosen = tile(rows, channels, gpu(x.device).processors, shipped)
    ends = (seen(x), seen(outputs[1]))
    wide = far(shape, (*ends, *extra))
    how = constants(gated, modulate, chosen, channels, centre=kind == "layer", far=wide)
    args = (*ends, extra, rows, tokens, 1, channels, chosen.step, eps)
    return [Launch(rowwise_norm, chosen.grid(rows), args, how, chosen.warps)]
