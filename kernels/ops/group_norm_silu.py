"""Group norm and SiLU of an image: what stands before every convolution of a UNet and a VAE."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from ..dispatch import register
from ..spec import Axes, Inputs, OpSpec, Workload


def group_norm_silu(
    x: Tensor,
    groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    added: Tensor | None = None,
    activate: bool = True,
    eps: float = 1e-5,
) -> Tensor:
    """Return silu(group_norm(x + added) * weight + bias).

    x: (batch, channels, one to three axes of positions), any strides; the result has its memory
    format. weight, bias: (channels,). added: (channels,) or (batch, channels), the bias of the
    convolution before or a time step's embedding. Without `activate` the SiLU is left out.
    Group norm: Wu and He 2018. Arithmetic is in float32.
    """
    return OP(x, groups, weight, bias, added, activate, eps)


def reference(
    x: Tensor,
    groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    added: Tensor | None = None,
    activate: bool = True,
    eps: float = 1e-5,
) -> Tensor:
    """Return what group_norm_silu does, in plain torch."""
    v = x.to(torch.promote_types(x.dtype, torch.float32))
    if added is not None:
        v = v + added.to(v.dtype).reshape(-1, x.shape[1], *[1] * (x.ndim - 2))
    w, b = (None if t is None else t.to(v.dtype) for t in (weight, bias))
    v = F.group_norm(v, groups, w, b, eps)
    return torch.empty_like(x).copy_(F.silu(v) if activate else v)


def _empty(
    x: Tensor,
    groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    added: Tensor | None = None,
    activate: bool = True,
    eps: float = 1e-5,
) -> Tensor:
    if not 3 <= x.ndim <= 5:
        raise ValueError(f"x has shape {tuple(x.shape)}: (batch, channels, positions) is wanted")
    batch, channels = x.shape[:2]
    if channels % groups:
        raise ValueError(f"{channels} channels cannot be cut into {groups} groups")
    one: tuple[int, ...] = (channels,)
    for name, t, other in (
        ("weight", weight, one),
        ("bias", bias, one),
        ("added", added, (batch, channels)),
    ):
        if t is not None and t.shape not in (one, other):
            raise ValueError(f"{name} has shape {tuple(t.shape)}: {other} is wanted")
    return torch.empty_like(x)


def _inputs(axes: Axes, dtype: torch.dtype, generator: Generator) -> Inputs:
    batch, channels, height, width = (
        int(axes[k]) for k in ("batch", "channels", "height", "width")
    )

    def normal(*shape: int) -> Tensor:
        made = torch.randn(*shape, generator=generator, device=generator.device)
        return made.to(dtype)

    x = normal(batch, channels, height, width)
    if axes.get("mean"):
        x = x * 0.1 + float(axes["mean"])  # far from zero, as after many residual blocks
    if axes.get("layout") == "nhwc":
        x = x.to(memory_format=torch.channels_last)
    elif axes.get("layout") == "strided":
        x = normal(batch, channels + 2, height + 1, 2 * width)[:, 1:-1, 1:, ::2]
    inputs: Inputs = {"x": x, "groups": axes["groups"], "weight": normal(channels)}
    if axes.get("added"):
        shape = (channels,) if axes["added"] == "channels" else (batch, channels)
        inputs["added"] = normal(*shape)
    return inputs | {"bias": normal(channels), "activate": axes.get("activate", True)}


def _real(channels: int, side: int, layout: str, batch: int = 1) -> Axes:
    size = {"batch": batch, "channels": channels, "height": side, "width": side}
    return {**size, "groups": 32, "layout": layout}


SPEC = OpSpec(
    name="group_norm_silu",
    summary="group norm, then SiLU, of an image of either memory format; a bias may go in first",
    fuses="a bias, a group norm that runs one block a group, an activation, a change of layout",
    used="uncompiled UNets and VAEs, whose group norm leaves a GPU idle at batch 1",
    reference=reference,
    inputs=_inputs,
    workloads=(
        Workload("odd", {"batch": 2, "channels": 15, "height": 7, "width": 5, "groups": 3}),
        Workload(
            "channels last, added",
            {"batch": 2, "channels": 48, "height": 6, "width": 5, "groups": 4, "layout": "nhwc",
             "added": "samples"},
        ),
        Workload(
            "strided, no SiLU",
            {"batch": 1, "channels": 20, "height": 9, "width": 8, "groups": 2,
             "layout": "strided", "added": "channels", "activate": False},
        ),
        Workload(
            "far from zero, in pieces",
            {"batch": 1, "channels": 2, "height": 40, "width": 64, "groups": 1, "mean": 8.0},
        ),
        Workload(
            "channels last, in pieces",
            {"batch": 1, "channels": 4, "height": 40, "width": 64, "groups": 2, "layout": "nhwc"},
        ),
        Workload("SD-Turbo, 64x64, channels last", _real(320, 64, "nhwc"), real=True),
        Workload("SD-Turbo, 64x64", _real(320, 64, "nchw"), real=True, compiled=True),
        Workload("SD-Turbo, 64x64, after a skip, channels last", _real(960, 64, "nhwc"), real=True),
        Workload("SDXL, 128x128", _real(320, 128, "nchw"), real=True),
        Workload("SDXL, 64x64, after the time embedding, channels last",
                 {**_real(640, 64, "nhwc"), "added": "samples"}, real=True),
        Workload("SDXL, 32x32, batch 2", _real(1280, 32, "nchw", 2), real=True),
        Workload("VAE, 512x512, channels last", _real(128, 512, "nhwc"), real=True),
        Workload("VAE, 1024x1024", _real(128, 1024, "nchw"), real=True),
        Workload("VAE, 128x128, batch 4, channels last", _real(512, 128, "nhwc", 4), real=True),
    ),
)  # fmt: skip

OP = register(SPEC, _empty)
