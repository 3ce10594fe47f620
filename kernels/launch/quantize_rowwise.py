"""The Triton way of `quantize_rowwise`."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor
from triton import knobs

from ..capability import gpu, settings
from ..ops.quantize_rowwise import GATED, LIMITS, NORMS, by_row
from ..replay import Launch
from ..templates import activations
from ..templates.quant_producer import quant_producer
from ..templates.rowwise_norm import LONGEST, cutting, tile
from .rows import VECTOR, fold

FP8 = (8, 9)  # the first capability that casts to e4m3: Ada


@triton.jit
def same(x, y) -> tl.tensor:
    """BODY: what comes in."""
    return x


@triton.jit
def gelu_tanh(x, y) -> tl.tensor:
    """BODY: GELU by tanh."""
    return activations.gelu_tanh(x)


@triton.jit
def geglu(x, y) -> tl.tensor:
    """BODY: the first half times the GELU of the second."""
    return x * activations.gelu(y)


@triton.jit
def swiglu(x, y) -> tl.tensor:
    """BODY: the SiLU of the first half times the second."""
    return activations.silu(x) * y


BODIES = {"gelu_tanh": gelu_tanh, "geglu": geglu, "swiglu": swiglu}  # norms have none


def plan(
    outputs: tuple[Tensor, Tensor],
    x: Tensor,
    dtype: torch.dtype,
    producer: str = "none",
    weight: Tensor | None = None,
    scale: Tensor | None = None,
    shift: Tensor | None = None,
    eps: float = 1e-6,
) -> list[Launch] | None:
    """Return one launch: a program for a few rows. Torch takes rows that would spill."""
    shape, fp8 = outputs[0].shape, dtype == torch.float8_e4m3fn
    columns = shape[-1]
    if columns > LONGEST or not x.numel() or (fp8 and gpu(x.device).capability < FP8):
        return None
    given = {
        "x": (x, x[..., :columns]),
        "weight": weight if weight is None else (weight, weight),
        "scale": scale if scale is None else (scale, by_row(scale, x.ndim)),
        "shift": shift if shift is None else (shift, by_row(shift, x.ndim)),
    }
    rows = fold(shape, [each for each in given.values() if each is not None])
    if rows is None:
        return None
    views = iter(rows.views)
    processors, shipped = gpu(x.device).processors, settings("quantize_rowwise", x.device)
    chosen = tile(rows.count, columns, processors, shipped, vector=16)  # 128 bits are written
    return [
        Launch(
            quant_producer,
            chosen.grid(rows.count),
            (
                *outputs,
                *(None if each is None else next(views) for each in given.values()),
                *(rows.middle, rows.inner, rows.count, columns, chosen.step, eps),
            ),
            {
                "BODY": BODIES.get(producer, same),
                "GATED": producer in GATED,
                "NORM": producer in NORMS,
                "CENTRE": producer == "layer_norm",
                "LIMIT": LIMITS[dtype],
                "WHOLE": not fp8,
                "TO_E4M3": fp8 and knobs.runtime.interpret,
                **cutting(chosen, columns),
                "FAR": rows.far(columns) or x.numel() >= 2**31,
            },
            warps=chosen.warps,
            wide=rows.wide and columns % VECTOR == 0,
            least=89 if fp8 else 80,
        )
    ]
