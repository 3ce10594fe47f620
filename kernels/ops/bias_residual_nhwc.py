"""What follows a convolution in a residual block: bias, residual and a factor, channels last."""

from __future__ import annotations

import torch
from torch import Tensor

from ..dispatch import register
from ..spec import Axes, Inputs, OpSpec, Workload


def bias_residual_nhwc(
    x: Tensor, bias: Tensor, residual: Tensor | None = None, factor: float = 1.0
) -> Tensor:
    """Return (x + bias + residual) * factor, channels last.

    x: (batch, channels, height, width), any strides: a convolution made without its bias. bias:
    (channels,), or (batch, channels) where a time embedding is added to it. residual: like x.
    The result is of x's type; arithmetic is in float32.
    """
    return OP(x, bias, residual, factor)


def reference(
    x: Tensor, bias: Tensor, residual: Tensor | None = None, factor: float = 1.0
) -> Tensor:
    """Return what bias_residual_nhwc does, in plain torch."""
    made = x + bias[..., None, None]
    if residual is not None:
        made = made + residual
    return _laid_out(x).copy_(made * factor)


def _empty(x: Tensor, bias: Tensor, residual: Tensor | None = None, factor: float = 1.0) -> Tensor:
    if x.ndim != 4:
        raise ValueError(
            f"x has shape {tuple(x.shape)}: (batch, channels, height, width) is wanted"
        )
    if bias.shape not in ((x.shape[1],), x.shape[:2]):
        raise ValueError(f"bias has shape {tuple(bias.shape)}: {x.shape[1]} channels are wanted")
    if residual is not None and residual.shape != x.shape:
        raise ValueError(f"residual has shape {tuple(residual.shape)}: {tuple(x.shape)} is wanted")
    return _laid_out(x)


def _laid_out(x: Tensor) -> Tensor:
    return torch.empty(x.shape, dtype=x.dtype, device=x.device, memory_format=torch.channels_last)


def _inputs(axes: Axes, dtype: torch.dtype, generator: torch.Generator) -> Inputs:
    batch, channels = int(axes["batch"]), int(axes["channels"])
    cut = int(axes.get("cut", 0))  # pixels cut off the left of wider pictures

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, device=generator.device).to(dtype)

    def picture() -> Tensor:
        wide = normal(batch, int(axes["height"]), int(axes["width"]) + cut, channels)
        return wide[:, :, cut:].permute(0, 3, 1, 2)

    per_sample = axes.get("bias") == "per sample"
    made: Inputs = {"x": picture(), "bias": normal(*([batch] if per_sample else []), channels)}
    if axes.get("residual", True):
        made["residual"] = picture()
    if axes.get("residual") == "nchw":
        made["residual"] = made["residual"].contiguous()
    return made | {"factor": float(axes.get("factor", 1.0))}


def _sizes(
    batch: int, channels: int, height: int, width: int, **more: int | float | bool | str
) -> Axes:
    return {"batch": batch, "channels": channels, "height": height, "width": width, **more}


SPEC = OpSpec(
    name="bias_residual_nhwc",
    summary="bias, residual and a factor after a convolution, channels last",
    fuses="the convolution's bias, which cuDNN adds in a pass of its own, and two pointwise passes",
    used="eager residual blocks that run channels last; torch.compile fuses the same by itself",
    reference=reference,
    inputs=_inputs,
    workloads=(
        Workload("odd, half", _sizes(2, 13, 3, 5, factor=0.5)),
        Workload("per sample, cut", _sizes(2, 48, 4, 3, bias="per sample", cut=2)),
        Workload("residual channels first", _sizes(2, 32, 3, 4, residual="nchw")),
        Workload("no residual", _sizes(1, 64, 2, 2, residual=False, bias="per sample")),
        Workload("SD-Turbo UNet, 512 px, level 0", _sizes(1, 320, 64, 64), real=True),
        Workload("SDXL UNet, 1024 px, level 0", _sizes(1, 320, 128, 128), real=True),
        Workload("SD-Turbo VAE, 512 px", _sizes(1, 128, 512, 512), real=True),
        Workload("SDXL VAE, 1024 px", _sizes(1, 128, 1024, 1024), real=True),
        Workload("Wan VAE, 480p, 4 frames", _sizes(4, 96, 480, 832), real=True),
    ),
)

OP = register(SPEC, _empty)
