"""Nearest-neighbour upsampling by two, channels last: between the blocks of a decoder."""

from __future__ import annotations

import torch
from torch import Tensor

from ..dispatch import register
from ..spec import Axes, Inputs, OpSpec, Outputs, Workload


def upsample_nearest2x_nhwc(x: Tensor) -> Tensor:
    """Repeat each pixel of (batch, channels, height, width) twice each way.

    float32, float16, bfloat16; any strides, at full speed channels last. Returns channels last,
    bit for bit ``F.interpolate(x, scale_factor=2.0, mode="nearest")``. Raises ValueError for
    anything without four axes.
    """
    return OP(x)


def reference(x: Tensor) -> Tensor:
    """Return each pixel four times, as ``F.interpolate(x, scale_factor=2.0, mode="nearest")``."""
    wide = x.repeat_interleave(2, -2).repeat_interleave(2, -1)
    return wide.contiguous(memory_format=torch.channels_last)


def _empty(x: Tensor) -> Tensor:
    """Return room for the result."""
    if x.ndim != 4:
        raise ValueError(f"x is (batch, channels, height, width), not {tuple(x.shape)}")
    batch, channels, height, width = x.shape
    made = x.new_empty((batch, 2 * height, 2 * width, channels))
    return made.permute(0, 3, 1, 2)


def _inputs(axes: Axes, dtype: torch.dtype, generator: torch.Generator) -> Inputs:
    """Return activations (batch, channels, height, width) in the layout that ``layout`` names."""
    batch, channels = int(axes["batch"]), int(axes["channels"])
    height, width = int(axes["height"]), int(axes["width"])
    beside = int(axes.get("beside", 0))  # more channels in memory than are used
    wide = torch.randn(
        (batch, channels + beside, height, width), generator=generator, device=generator.device
    ).to(dtype)
    if axes.get("layout", "nhwc") == "nhwc":
        wide = wide.contiguous(memory_format=torch.channels_last)
    return {"x": wide[:, :channels]}


def _moved(given: Inputs, made: Outputs) -> int:
    """Return the bytes of one read and of four writes."""
    x: Tensor = given["x"]
    return 5 * x.numel() * x.element_size()


SPEC = OpSpec(
    name="upsample_nearest2x_nhwc",
    summary="each pixel four times: nearest-neighbour upsampling by two, channels last",
    fuses="nothing: it reads each pixel once, 128 bits at a time, eager torch four times",
    used="decoders that run channels last; the convolution after it stays with cuDNN",
    reference=reference,
    inputs=_inputs,
    workloads=(
        Workload("one pixel", {"batch": 1, "channels": 8, "height": 1, "width": 1}),
        Workload("odd", {"batch": 2, "channels": 13, "height": 3, "width": 5}),
        Workload("strided", {"batch": 1, "channels": 24, "height": 4, "width": 3, "beside": 5}),
        Workload(
            "channels first",
            {"batch": 2, "channels": 40, "height": 3, "width": 4, "layout": "nchw"},
        ),
        Workload(
            "SD-Turbo VAE, 512 px, from 256 px",
            {"batch": 1, "channels": 256, "height": 256, "width": 256},
            real=True,
        ),
        Workload(
            "SDXL VAE, 1024 px, from 256 px",
            {"batch": 1, "channels": 512, "height": 256, "width": 256},
            real=True,
        ),
        Workload(
            "Wan VAE, 480p, from 240 x 416",
            {"batch": 1, "channels": 192, "height": 240, "width": 416},
            real=True,
        ),
        Workload(
            "SDXL UNet, 64 px, batch 2",
            {"batch": 2, "channels": 640, "height": 64, "width": 64},
            real=True,
        ),
    ),
    moved=_moved,
)

OP = register(SPEC, _empty)
