"""Layer or RMS norm of tokens, then scale and shift: what opens every block of a DiT."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Generator, Tensor

from ..dispatch import register
from ..spec import Axes, Inputs, OpSpec, Workload

Kind = Literal["layer", "rms"]


def norm_modulate(
    x: Tensor,
    scale: Tensor | None = None,
    shift: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    kind: Kind = "layer",
    eps: float = 1e-6,
) -> Tensor:
    """Return (norm(x) * weight + bias) * (1 + scale) + shift.

    x: (batch, tokens, channels), any strides. scale, shift: (batch, channels), or anything that
    broadcasts to x with three axes, such as a factor for each token. weight, bias: (channels,).
    The result is contiguous and of x's type; arithmetic is in float32.
    Adaptive layer norm: Peebles and Xie 2023, section 3.2.
    """
    return OP(x, scale, shift, weight, bias, kind, eps)


def reference(
    x: Tensor,
    scale: Tensor | None = None,
    shift: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    kind: str = "layer",
    eps: float = 1e-6,
) -> Tensor:
    """Return what norm_modulate does, in plain torch."""
    v = x.to(torch.promote_types(x.dtype, torch.float32))
    if kind == "layer":
        v = v - v.mean(-1, keepdim=True)
    v = v * torch.rsqrt(v.square().mean(-1, keepdim=True) + eps)
    v = v if weight is None else v * weight
    v = v if bias is None else v + bias
    v = v if scale is None else v * (1 + by_token(scale).to(v.dtype))
    v = v if shift is None else v + by_token(shift)
    return v.to(x.dtype).contiguous()


def by_token(factor: Tensor) -> Tensor:
    """Return a factor given for each sample with an axis for the tokens."""
    return factor.unsqueeze(1) if factor.ndim == 2 else factor


def check(
    x: Tensor,
    factors: dict[str, Tensor | None],
    affine: dict[str, Tensor | None],
    kind: str,
) -> None:
    """Raise ValueError unless the shapes fit."""
    if x.ndim != 3:
        raise ValueError(f"x has shape {tuple(x.shape)}: (batch, tokens, channels) is wanted")
    if kind not in ("layer", "rms"):
        raise ValueError(f"kind is {kind!r}: it may be layer or rms")
    for name, t in affine.items():
        if t is not None and t.shape != x.shape[2:]:
            raise ValueError(f"{name} has shape {tuple(t.shape)}: {x.shape[2]} channels are wanted")
    for name, t in factors.items():
        if t is not None and not _broadcasts(by_token(t), x):
            raise ValueError(f"{name} of shape {tuple(t.shape)} does not fit {tuple(x.shape)}")


def _broadcasts(t: Tensor, x: Tensor) -> bool:
    return t.ndim == 3 and all(a in (1, b) for a, b in zip(t.shape, x.shape, strict=True))


def _empty(
    x: Tensor,
    scale: Tensor | None = None,
    shift: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    kind: str = "layer",
    eps: float = 1e-6,
) -> Tensor:
    check(x, {"scale": scale, "shift": shift}, {"weight": weight, "bias": bias}, kind)
    return torch.empty(x.shape, dtype=x.dtype, device=x.device)


def _inputs(axes: Axes, dtype: torch.dtype, generator: Generator) -> Inputs:
    batch, tokens, channels = (int(axes[k]) for k in ("batch", "tokens", "channels"))

    def normal(*shape: int) -> Tensor:
        made = torch.randn(*shape, generator=generator, device=generator.device)
        return made.to(dtype)

    # Scale and shift are pieces of one projection, as models make them; x may be one, too.
    scale, shift = normal(batch, 2 * channels).to(precision(axes, dtype)).chunk(2, dim=1)
    factors = {"scale": scale, "shift": shift}
    factors |= {"weight": normal(channels), "bias": normal(channels)}
    inputs: Inputs = {"x": normal(batch, tokens, channels)}
    if axes.get("strided"):
        inputs["x"] = normal(batch, channels, tokens + 3).transpose(1, 2)[:, 1:-2]
    inputs |= {name: factors[name] for name in str(axes.get("given", "scale shift")).split()}
    return inputs | {"kind": axes.get("kind", "layer")}


def precision(axes: Axes, dtype: torch.dtype) -> torch.dtype:
    """Return the type of what depends on the sample: that of x, or float32, as Wan has it."""
    return torch.float32 if axes.get("modulated") == "float32" else dtype


def axes(batch: int, tokens: int, channels: int) -> dict[str, int | str]:
    return {"batch": batch, "tokens": tokens, "channels": channels}


SPEC = OpSpec(
    name="norm_modulate",
    summary="layer or RMS norm of tokens, then per-sample scale and shift",
    fuses="a norm in float32, its casts, a multiplication and an addition",
    used="eager and uncompiled blocks; torch.compile fuses the same by itself",
    reference=reference,
    inputs=_inputs,
    workloads=(
        Workload("odd", axes(2, 5, 41)),
        Workload("rms, strided", {**axes(2, 7, 48), "kind": "rms", "strided": True}),
        Workload("affine", {**axes(3, 11, 64), "given": "scale shift weight bias"}),
        Workload("klein-4B, 512x512", axes(1, 1536, 3072), real=True),
        Workload("klein-4B, 1024x1024, batch 4", axes(4, 4608, 3072), real=True),
        Workload("Z-Image, 1024x1024",
                 {**axes(1, 4096, 3840), "kind": "rms", "given": "scale weight"}, real=True),
        Workload("Wan-1.3B, 480p", axes(1, 32760, 1536), real=True),
        # A program takes one token: of few for the interpreter it is the kernel that many have.
        Workload("Wan-1.3B, six tokens, modulated in float32",
                 {**axes(1, 6, 1536), "modulated": "float32"}, compiled=True),
    ),
)  # fmt: skip

OP = register(SPEC, _empty)
