"""What a decoder puts out, to pictures as browsers, encoders and files take them."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Generator, Tensor

from ..colour import MATRICES, from_rgb
from ..dispatch import register
from ..spec import Axes, Inputs, OpSpec, Workload

Layout = Literal["rgb", "i420"]


def pixels_out(
    frames: Tensor,
    alpha: Tensor | None = None,
    *,
    low: float = -1.0,
    high: float = 1.0,
    layout: Layout = "rgb",
    matrix: str = "bt709",
    full_range: bool = False,
) -> Tensor:
    """Clip, scale and round frames to bytes.

    frames: (batch, 3 or 4, height, width), any strides; low becomes 0 and high 255, halves up.
    alpha: (batch, height, width), 0 to 1, from a network of its own; frames have three channels.
    layout: "rgb" returns uint8 (batch, height, width, channels), RGB or RGBA with straight alpha.
        "i420" returns YUV 4:2:0, (batch, height * 3 / 2, width): the luma plane, then Cb and Cr of
        half its size, as ``av.VideoFrame.from_ndarray(…, "yuv420p")`` takes a frame. Sides are
        even, there is no alpha; matrix and full_range are `pixels_in`'s.

    One launch. Raises ValueError for shapes and names that it does not know.
    """
    return OP(frames, alpha, low, high, layout, matrix, full_range)


def reference(
    frames: Tensor,
    alpha: Tensor | None = None,
    low: float = -1.0,
    high: float = 1.0,
    layout: str = "rgb",
    matrix: str = "bt709",
    full_range: bool = False,
) -> Tensor:
    """Return what pixels_out does, in plain torch."""
    wide = torch.promote_types(frames.dtype, torch.float32)
    levels = ((frames.to(wide) - low) * (255 / (high - low))).clamp(0, 255)
    if layout == "rgb":
        if alpha is not None:
            levels = torch.cat([levels, (alpha[:, None].to(wide) * 255).clamp(0, 255)], 1)
        return _rounded(levels).permute(0, 2, 3, 1).contiguous()
    way = from_rgb(matrix, full_range)
    quarters = torch.nn.functional.avg_pool2d(levels, 2)

    def luma(rgb: Tensor) -> Tensor:
        return way.red * rgb[:, 0] + way.green * rgb[:, 1] + way.blue * rgb[:, 2]

    planes = (
        way.zero + way.luma / 255 * luma(levels),
        128 + way.cb / 255 * (quarters[:, 2] - luma(quarters)),
        128 + way.cr / 255 * (quarters[:, 0] - luma(quarters)),
    )
    joined = torch.cat([_rounded(plane).flatten(1) for plane in planes], 1)
    return joined.view(len(frames), -1, frames.shape[3])


def _rounded(levels: Tensor) -> Tensor:
    return (levels + 0.5).floor().clamp(0, 255).to(torch.uint8)


def _empty(
    frames: Tensor,
    alpha: Tensor | None = None,
    low: float = -1.0,
    high: float = 1.0,
    layout: str = "rgb",
    matrix: str = "bt709",
    full_range: bool = False,
) -> Tensor:
    if frames.ndim != 4 or frames.shape[1] not in (3, 4):
        raise ValueError(f"frames has shape {tuple(frames.shape)}: (batch, 3 or 4, height, width)")
    if matrix not in MATRICES or layout not in ("rgb", "i420"):
        raise ValueError(f"layout {layout!r}, matrix {matrix!r}: unknown")
    if not frames.is_floating_point() or not low < high:
        raise ValueError("frames hold floating numbers from low to high, low < high")
    batch, channels, height, width = frames.shape
    if layout == "i420":
        if alpha is not None or channels != 3 or height % 2 or width % 2:
            raise ValueError("i420 has three channels, no alpha, even sides")
        return frames.new_empty((batch, height * 3 // 2, width), dtype=torch.uint8)
    if alpha is not None:
        if channels != 3 or alpha.shape != (batch, height, width):
            raise ValueError(f"alpha has shape {tuple(alpha.shape)}, frames {tuple(frames.shape)}")
        channels = 4
    return frames.new_empty((batch, height, width, channels), dtype=torch.uint8)


def _inputs(axes: Axes, dtype: torch.dtype, generator: Generator) -> Inputs:
    """Return frames a little beyond -1 to 1; every ``memory`` is an order that decoders have."""
    batch, height, width = int(axes["batch"]), int(axes["height"]), int(axes["width"])
    channels = int(axes.get("channels", 3))

    def uniform(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator, device=generator.device)

    frames = (uniform(batch, channels, height, width) * 2.4 - 1.2).to(dtype)
    if axes.get("memory") == "nhwc":
        frames = frames.contiguous(memory_format=torch.channels_last)
    inputs: Inputs = {"frames": frames, "layout": axes.get("layout", "rgb")}
    if axes.get("alpha"):
        inputs["alpha"] = uniform(batch, width, height).to(dtype).transpose(1, 2)
    return inputs


_512: Axes = {"height": 512, "width": 512}

SPEC = OpSpec(
    name="pixels_out",
    summary="frames to uint8 RGB, RGBA or YUV 4:2:0",
    fuses="scaling, clipping, rounding, conversion and layout: 5 to 25 eager launches",
    used="every frame that goes out; what is downloaded is bytes",
    reference=reference,
    inputs=_inputs,
    workloads=(
        Workload("RGB, odd", {"batch": 2, "height": 3, "width": 5}),
        Workload("RGB, channels last", {"batch": 1, "height": 2, "width": 16, "memory": "nhwc"}),
        Workload("RGBA", {"batch": 1, "height": 3, "width": 7, "channels": 4}),
        Workload("alpha apart", {"batch": 2, "height": 3, "width": 5, "alpha": True}),
        Workload("YUV", {"batch": 2, "height": 4, "width": 6, "layout": "i420"}),
        Workload("512 px, YUV", {**_512, "batch": 1, "layout": "i420"}, real=True),
        Workload("512 px", {**_512, "batch": 1}, real=True, compiled=True),
        Workload(
            "512 px, channels last, batch 8",
            {**_512, "batch": 8, "memory": "nhwc"},
            real=True,
            compiled=True,
        ),
        Workload("512 px, alpha apart", {**_512, "batch": 1, "alpha": True}, real=True),
        Workload("512 px, RGBA", {**_512, "batch": 1, "channels": 4}, real=True),
        Workload("1024 px", {"batch": 1, "height": 1024, "width": 1024}, real=True),
        Workload("480p", {"batch": 1, "height": 480, "width": 832}, real=True),
    ),
    # Halves may round either way: one level in the maximum norm, where limited range's most is 235.
    tolerance=dict.fromkeys((torch.float32, torch.float16, torch.bfloat16), 4.3e-3),
)

OP = register(SPEC, _empty)
