"""norm_modulate on a GPU: rows of channels, scale and shift in the same pass."""

from __future__ import annotations

from typing import NamedTuple

import triton
import triton.language as tl
from torch import Tensor

from ..capability import gpu, settings
from ..ops.norm_modulate import by_token
from ..replay import Launch
from ..templates.rowwise_norm import LONGEST, constants, plain, rowwise_norm, tile
from ..templates.views import View, far, load, nothing, view


class Modulation(NamedTuple):
    """What follows the norm, each where it is given."""

    weight: View | None
    bias: View | None
    scale: View | None
    shift: View | None


@triton.jit
def modulate(v, extra, outer, middle, inner, column, mask, OPTIONS: tl.constexpr):
    """FINISH: weight and bias, then scale and shift."""
    made = nothing()
    for n in tl.static_range(len(v)):
        part = v[n]
        if extra.weight is not None:
            part *= load(extra.weight, outer, middle, inner, column[n], mask[n])
        if extra.bias is not None:
            part += load(extra.bias, outer, middle, inner, column[n], mask[n])
        if extra.scale is not None:
            part *= 1 + load(extra.scale, outer, middle, inner, column[n], mask[n])
        if extra.shift is not None:
            part += load(extra.shift, outer, middle, inner, column[n], mask[n])
        made += (part,)
    return made


def plan(
    y: Tensor,
    x: Tensor,
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

    extra = Modulation(
        weight=None if weight is None else view(weight, shape),
        bias=None if bias is None else view(bias, shape),
        scale=None if scale is None else seen(scale),
        shift=None if shift is None else seen(shift),
    )
    shipped = settings("norm_modulate", x.device)
    chosen = tile(rows, channels, gpu(x.device).processors, shipped)
    ends = (seen(x), seen(y))
    wide = far(shape, (*ends, *extra))
    how = constants(plain, modulate, chosen, channels, centre=kind == "layer", far=wide)
    args = (*ends, extra, rows, tokens, 1, channels, chosen.step, eps)
    return [Launch(rowwise_norm, chosen.grid(rows), args, how, chosen.warps)]
