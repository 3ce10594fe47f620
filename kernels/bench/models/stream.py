"""Models that run on and on: a stream batch, a camera that mostly stands still."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ...steps import step_row, step_table
from .drawing import Draw, drawing, kernel, nhwc


def streamed(
    operation: Callable[..., Any], dtype: torch.dtype, generator: torch.Generator, real: bool
) -> Callable[[], Tensor]:
    """Return a stream batch: a frame in and a frame out at every call; ``stream_step`` steps it.

    Its rows stand at the steps of one sampler, as in StreamDiffusion (arXiv 2312.12491).
    """
    draw, device = drawing(dtype, generator), generator.device
    rows, width, side = (4, 320, 64) if real else (4, 8, 6)
    sigmas = [0.9 - 0.8 * row / rows for row in range(rows)]
    levels = [((1 - sigma * sigma) ** 0.5, sigma) for sigma in sigmas]
    steps = pairwise([*levels, (1.0, 0.0)])
    table = step_table([step_row("eps", *step, guidance=1.2) for step in steps], device)
    net, tell = _unet(draw, 4, width), draw(1, width, 1, 1, fan=1)
    level = torch.tensor(sigmas, dtype=dtype, device=device)[:, None, None, None]
    start, noise = (draw(rows, 4, side, side, fan=1) for _ in range(2))
    frames, (alpha, sigma) = draw(2 * rows, 4, side, side, fan=1), levels[0]

    def run() -> Tensor:
        latents, pictures = start.clone(), []
        for frame in frames:
            latents[0] = alpha * frame + sigma * noise[0]
            # Of latents of variance 1 it is sigma of them that are noise; the net adds to that.
            output = level * latents + net(latents, tell * level) / 4
            latents = operation(
                latents=latents,
                output=output,
                coefficients=table,
                noise=noise,
                unconditional=level * latents,
            )
            pictures.append(latents[-1])  # whose level is that of a picture
            latents = latents.roll(1, 0)  # each row a step further; the first is the next frame's
        return torch.stack(pictures)

    return run


def skipping(
    operation: Callable[..., Any], dtype: torch.dtype, generator: torch.Generator, real: bool
) -> Callable[[], Tensor]:
    """Return a camera whose still frames keep the last picture: ``frame_similarity`` says which.

    Between frames one tile changes by a little more or less than the threshold allows, so that a
    similarity that is off chooses other pictures.
    """
    draw, device = drawing(dtype, generator), generator.device
    batch, side, width = (1, 512, 32) if real else (2, 24, 8)

    def uniform(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator, device=device) * 2 - 1

    net, seen = _unet(draw, 3, width), []
    scene = uniform(batch, side, side, 3) * 0.6
    for at in range(len(_LIGHT)):
        frame = scene + 0.002 * uniform(batch, side, side, 3)  # a sensor's noise
        for row in range(batch):
            frame[row, :16, :16] += _LIGHT[(at + row) % len(_LIGHT)]
        seen.append(frame.to(dtype))

    def run() -> Tensor:
        skipped = torch.zeros(batch, dtype=torch.int32, device=device)
        before, shown, pictures = torch.ones_like(seen[0]), torch.zeros_like(seen[0]), []
        for frame in seen:
            skip, _ = operation(
                frame=frame,
                previous=before,
                skipped=skipped,
                threshold=0.98,
                longest=2,
                span=2.0,
            )
            kept = skip[:, None, None, None]
            before = torch.where(kept, before, frame)
            # A picture must be the same whenever it is made: what is judged is the choice.
            with torch.backends.cudnn.flags(enabled=True, deterministic=True):
                new = net(frame.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
            shown = torch.where(kept, shown, new)
            pictures.append(shown)
        return torch.stack(pictures)

    return run


# What is added to a tile, by frame. From the last frame that was taken, 0.034 is a similarity of
# 0.983, and 0.046 one of 0.977; the sixth would be the third that is skipped on end.
_LIGHT = (0.0, 0.034, 0.046, 0.046, 0.012, 0.08, 0.034)


def _unet(draw: Draw, channels: int, width: int) -> Callable[..., Tensor]:
    """Return a UNet of one step down and up; what it is told is added to its channels."""
    into, down = kernel(draw, channels, width), kernel(draw, width, width)
    middle, out = kernel(draw, width, width), kernel(draw, 2 * width, channels)

    def run(x: Tensor, told: Tensor | float = 0.0) -> Tensor:
        high = F.silu(F.conv2d(nhwc(x), into, padding=1) + told)
        low = F.silu(F.conv2d(high, down, stride=2, padding=1))
        low = F.silu(F.conv2d(low, middle, padding=1))
        return F.conv2d(torch.cat([F.interpolate(low, high.shape[2:]), high], 1), out, padding=1)

    return run
