"""The seam between two halves of a DiT block: a gated residual, then norm, scale and shift."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from ..dispatch import register
from ..spec import Axes, Inputs, OpSpec, Workload
from . import norm_modulate as norm


def gated_norm_modulate(
    x: Tensor,
    branch: Tensor,
    gate: Tensor | None = None,
    scale: Tensor | None = None,
    shift: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    kind: norm.Kind = "layer",
    eps: float = 1e-6,
) -> tuple[Tensor, Tensor]:
    """Return total = x + gate * branch, and norm_modulate(total, scale, shift, ...).

    x, branch: (batch, tokens, channels), any strides. gate: as scale and shift, (batch, channels)
    or what broadcasts to x. Both results are contiguous and of x's type; the norm is of the sum
    before it is rounded. The rest is as in norm_modulate.
    """
    return OP(x, branch, gate, scale, shift, weight, bias, kind, eps)


def reference(
    x: Tensor,
    branch: Tensor,
    gate: Tensor | None = None,
    scale: Tensor | None = None,
    shift: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    kind: str = "layer",
    eps: float = 1e-6,
) -> tuple[Tensor, Tensor]:
    """Return what gated_norm_modulate does, in plain torch."""
    wide = branch.to(torch.promote_types(x.dtype, torch.float32))
    total = x + (wide if gate is None else wide * norm.by_token(gate))
    normed = norm.reference(total, scale, shift, weight, bias, kind, eps)
    return total.to(x.dtype).contiguous(), normed.to(x.dtype)


def _empty(
    x: Tensor,
    branch: Tensor,
    gate: Tensor | None = None,
    scale: Tensor | None = None,
    shift: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    kind: str = "layer",
    eps: float = 1e-6,
) -> tuple[Tensor, Tensor]:
    factors = {"gate": gate, "scale": scale, "shift": shift}
    norm.check(x, factors, {"weight": weight, "bias": bias}, kind)
    if branch.shape != x.shape:
        raise ValueError(f"branch has shape {tuple(branch.shape)}: {tuple(x.shape)} is wanted")
    made = (torch.empty(x.shape, dtype=x.dtype, device=x.device) for _ in range(2))
    return next(made), next(made)


def _inputs(axes: Axes, dtype: torch.dtype, generator: Generator) -> Inputs:
    inputs = norm.SPEC.inputs(axes, dtype, generator)
    size = inputs["x"].shape
    branch = torch.randn(size, generator=generator, device=generator.device).to(dtype)
    gate = torch.randn(size[::2], generator=generator, device=generator.device).to(dtype)
    gate = gate.to(norm.precision(axes, dtype))
    return inputs | {"branch": branch, "gate": gate if axes.get("gated", True) else None}


SPEC = OpSpec(
    name="gated_norm_modulate",
    summary="a gated residual, then layer or RMS norm with scale and shift; returns both",
    fuses="what norm_modulate does, with the multiplication and the sum that come before it",
    used="eager and uncompiled blocks; torch.compile fuses the same by itself",
    reference=reference,
    inputs=_inputs,
    workloads=(
        Workload("odd", norm.axes(2, 5, 41)),
        Workload("rms, strided", {**norm.axes(2, 7, 48), "kind": "rms", "strided": True}),
        Workload("affine, no gate",
                 {**norm.axes(2, 9, 64), "given": "scale shift weight bias", "gated": False}),
        Workload("klein-4B, 512x512", norm.axes(1, 1536, 3072), real=True),
        Workload("klein-4B, 1024x1024, batch 4", norm.axes(4, 4608, 3072), real=True),
        Workload("Z-Image, 1024x1024",
                 {**norm.axes(1, 4096, 3840), "kind": "rms", "given": "scale weight"}, real=True),
        Workload("Wan-1.3B, 480p", norm.axes(1, 32760, 1536), real=True),
        Workload("Wan-1.3B, 480p, chunk of 3, before cross-attention",
                 {**norm.axes(1, 4680, 1536), "given": "weight bias"}, real=True),
        # A program takes one token: of few for the interpreter it is the kernel that many have.
        Workload("Wan-1.3B, six tokens, gate in float32",
                 {**norm.axes(1, 6, 1536), "given": "weight bias", "modulated": "float32"},
                 compiled=True),
    ),
)  # fmt: skip

OP = register(SPEC, _empty)
