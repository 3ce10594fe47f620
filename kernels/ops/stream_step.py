"""One sampler step for a batch whose rows stand at different steps: stream batches, sessions."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor

from ..dispatch import register
from ..spec import Axes, Inputs, OpSpec, Workload
from ..steps import Prediction, StepRow, step_row, step_table

COLUMNS = len(StepRow._fields)


def stream_step(
    latents: Tensor,
    output: Tensor,
    coefficients: Tensor,
    *,
    noise: Tensor | None = None,
    unconditional: Tensor | None = None,
) -> Tensor:
    """Step a batch once: guidance, x0 from the model's output, and of that the next latents.

    latents, output, noise: (batch, ...), of one shape; float32, float16 or bfloat16 each. Rows
        that add no noise have a coefficient of 0 for it; without noise all have.
    coefficients: (batch, 6) float32, from `livedraft.kernels.steps`.
    unconditional: the output without conditioning, or what stands for it, for guidance.

    All is one launch; nothing is read back. Tensors in channels-last order are read as they are.
    Raises ValueError for shapes that do not fit.
    """
    made: Tensor = OP(
        _dense(latents),
        _dense(output),
        coefficients,
        None if noise is None else _dense(noise),
        None if unconditional is None else _dense(unconditional),
    )
    return made


def reference(
    latents: Tensor,
    output: Tensor,
    coefficients: Tensor,
    noise: Tensor | None = None,
    unconditional: Tensor | None = None,
) -> Tensor:
    """Return the next latents."""
    wide = torch.promote_types(latents.dtype, torch.float32)
    table = coefficients.to(wide).reshape(-1, COLUMNS, *[1] * (latents.ndim - 1))
    of_x, of_m, to_x0, to_noise, to_x, scale = table.unbind(1)
    x, m = latents.to(wide), output.to(wide)
    if unconditional is not None:
        base = unconditional.to(wide)
        m = base + scale * (m - base)
    x0 = of_x * x + of_m * m
    following = to_x0 * x0 + to_x * x
    if noise is not None:
        following = following + to_noise * noise.to(wide)
    return _as_given(following, latents)


def _as_given(made: Tensor, latents: Tensor) -> Tensor:
    """Return what was computed in the latents' type and order."""
    if made.dtype == latents.dtype and made.stride() == latents.stride():
        return made
    return torch.empty_like(latents).copy_(made)


def _empty(
    latents: Tensor,
    output: Tensor,
    coefficients: Tensor,
    noise: Tensor | None = None,
    unconditional: Tensor | None = None,
) -> Tensor:
    """Return room for the result, in the latents' order."""
    batch = latents.shape[0]
    others = (("output", output), ("noise", noise), ("unconditional", unconditional))
    for name, tensor in others:
        if tensor is not None and tensor.shape != latents.shape:
            raise ValueError(f"{name} is {tuple(tensor.shape)}, latents {tuple(latents.shape)}")
    if coefficients.shape != (batch, COLUMNS) or coefficients.dtype.itemsize < 4:
        raise ValueError(f"coefficients are ({batch}, {COLUMNS}) float32: make them by step_table")
    return torch.empty_like(latents)


def _inputs(axes: Axes, dtype: torch.dtype, generator: torch.Generator) -> Inputs:
    """Return a stream batch: its rows stand at the steps of one sampler, one after the other."""
    batch = int(axes["batch"])
    shape = (batch, int(axes["channels"]), int(axes["height"]), int(axes["width"]))

    def normal(layout: str = "nchw") -> Tensor:
        made = torch.randn(shape, generator=generator, device=generator.device).to(dtype)
        return made.contiguous(memory_format=_FORMATS[layout])

    prediction = cast(Prediction, axes["prediction"])
    guidance = str(axes.get("guidance", "none"))
    levels = [((1 - t * t) ** 0.5, t) for t in (0.95 - 0.9 * n / batch for n in range(batch))]
    if prediction == "flow":
        levels = [(1 - sigma, sigma) for _, sigma in levels]
    renoise = bool(axes.get("renoise", True))
    table = [
        step_row(
            prediction, at, then, renoise=renoise, guidance=1.0 if guidance == "none" else 1.4 + n
        )
        for n, (at, then) in enumerate(zip(levels, [*levels[1:], (1.0, 0.0)], strict=True))
    ]
    made: Inputs = {
        "latents": normal(),
        "output": normal(str(axes.get("output", "nchw"))),
        "coefficients": step_table(table, generator.device),
    }
    if renoise:
        made["noise"] = normal()
    if guidance == "cfg":
        made["unconditional"] = normal(str(axes.get("output", "nchw")))
    return made


def _dense(tensor: Tensor) -> Tensor:
    """Return a tensor in the order of its axes or in channels-last order, itself if it is so."""
    if tensor.is_contiguous():
        return tensor
    if tensor.ndim == 4 and tensor.is_contiguous(memory_format=torch.channels_last):
        return tensor
    return tensor.contiguous()


_FORMATS = {"nchw": torch.contiguous_format, "nhwc": torch.channels_last}
_SMALL: Axes = {"channels": 4, "height": 5, "width": 3}
_SD: Axes = {"channels": 4, "height": 64, "width": 64, "prediction": "eps"}
_KLEIN: Axes = {"batch": 1, "channels": 128, "height": 64, "width": 64, "prediction": "flow"}
_Z_IMAGE: Axes = {"batch": 1, "channels": 16, "height": 128, "width": 128, "prediction": "flow"}
# 16 channels of 3 latent frames.
_WAN: Axes = {"batch": 1, "channels": 48, "height": 60, "width": 104, "prediction": "flow"}

SPEC = OpSpec(
    name="stream_step",
    summary="one sampler step for a batch whose rows stand at different steps",
    fuses="x0, guidance and renoising: about eight eager launches",
    used="every step of a sampler; its time is that of one launch",
    reference=reference,
    inputs=_inputs,
    workloads=(
        Workload("eps", {**_SMALL, "batch": 4, "prediction": "eps"}),
        Workload(
            "v, CFG, output channels last",
            {**_SMALL, "batch": 3, "prediction": "v", "guidance": "cfg", "output": "nhwc"},
        ),
        Workload("x0", {**_SMALL, "batch": 2, "prediction": "x0"}),
        Workload("flow, Euler", {**_SMALL, "batch": 2, "prediction": "flow", "renoise": False}),
        Workload("SD-Turbo, 512 px, stream of 4", {**_SD, "batch": 4}, real=True),
        Workload("SD-Turbo, 512 px", {**_SD, "batch": 1}, real=True),
        Workload(
            "SDXL, 1024 px, batch 2, CFG",
            {**_SD, "batch": 2, "height": 128, "width": 128, "guidance": "cfg", "output": "nhwc"},
            real=True,
        ),
        Workload("klein-4B, 1024 px, Euler", {**_KLEIN, "renoise": False}, real=True),
        Workload("Z-Image, 1024 px, Euler", {**_Z_IMAGE, "renoise": False}, real=True),
        Workload("Wan-1.3B, 480p, chunk of 3", _WAN, real=True),
    ),
)

OP = register(SPEC, _empty)
