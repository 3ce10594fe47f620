"""Blocks of UNets and of autoencoders, from a camera's bytes and to a screen's."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from .drawing import Draw, drawing, kernel, nhwc


def residual(
    operation: Callable[..., Tensor], dtype: torch.dtype, generator: torch.Generator, real: bool
) -> Callable[[], Tensor]:
    """Return two convolutions whose epilogue is the operation, ``bias_residual_nhwc``."""
    draw, (batch, width, side) = drawing(dtype, generator), _stage(real)
    first, second = kernel(draw, width, width), kernel(draw, width, width)
    x, biases = nhwc(draw(batch, width, side, side, fan=1)), draw(2, width, fan=1)

    def run() -> Tensor:
        y = F.silu(operation(x=F.conv2d(x, first, padding=1), bias=biases[0]))
        return operation(x=F.conv2d(y, second, padding=1), bias=biases[1], residual=x)

    return run


def group_normed(
    operation: Callable[..., Tensor], dtype: torch.dtype, generator: torch.Generator, real: bool
) -> Callable[[], Tensor]:
    """Return a residual block whose norms and activations are ``group_norm_silu``."""
    draw, (batch, width, side) = drawing(dtype, generator), _stage(real)
    first, second = kernel(draw, width, width), kernel(draw, width, width)
    x, affine = nhwc(draw(batch, width, side, side, fan=1)), draw(4, width, fan=1)
    groups = min(32, width // 4)

    def run() -> Tensor:
        y = operation(x=x, groups=groups, weight=affine[0], bias=affine[1])
        y = F.conv2d(y, first, padding=1)
        y = operation(x=y, groups=groups, weight=affine[2], bias=affine[3])
        return x + F.conv2d(y, second, padding=1)

    return run


def upsampled(
    operation: Callable[..., Tensor], dtype: torch.dtype, generator: torch.Generator, real: bool
) -> Callable[[], Tensor]:
    """Return a decoder's step up: the operation, ``upsample_nearest2x_nhwc``, a convolution."""
    draw, (batch, width, side) = drawing(dtype, generator), _stage(real)
    weight, x = kernel(draw, width, width), nhwc(draw(batch, width, side, side, fan=1))
    return lambda: F.conv2d(operation(x=x), weight, padding=1)


def encoded(
    operation: Callable[..., Tensor], dtype: torch.dtype, generator: torch.Generator, real: bool
) -> Callable[[], Tensor]:
    """Return a camera's NV12 frame through an encoder: the operation is ``pixels_in``.

    The dtype is the bytes'; the encoder, which is like TAESD's, is in half on a GPU.
    """
    to = torch.float16 if real else torch.float32
    draw, (width, stages) = drawing(to, generator), _autoencoder(real)
    (height, across), side = ((720, 1280), 512) if real else ((18, 30), 12)
    device = generator.device
    luma = torch.randint(
        16, 236, (1, height, across), dtype=dtype, generator=generator, device=device
    )
    uv = (1, height // 2, across // 2, 2)
    chroma = torch.randint(64, 192, uv, dtype=dtype, generator=generator, device=device)
    first, last = kernel(draw, 3, width), kernel(draw, width, 4)
    down = [(kernel(draw, width, width), _block(draw, width)) for _ in range(stages)]

    def run() -> Tensor:
        x = operation(
            pixels=luma,
            cb=chroma[..., 0],
            cr=chroma[..., 1],
            height=side,
            width=side,
            dtype=to,
            low=-1.0,
            high=1.0,
            background=1.0,
            antialias=True,
            matrix="bt709",
            full_range=False,
        )
        x = F.conv2d(x, first, padding=1)
        for weight, block in down:
            x = block(F.conv2d(x, weight, stride=2, padding=1))
        return F.conv2d(x, last, padding=1)

    return run


def decoded(
    operation: Callable[..., Tensor], dtype: torch.dtype, generator: torch.Generator, real: bool
) -> Callable[[], Tensor]:
    """Return a decoder like TAESD's to a frame of bytes: the operation is ``pixels_out``."""
    draw, (width, stages) = drawing(dtype, generator), _autoencoder(real)
    x = nhwc(draw(1, 4, 64, 64, fan=1) if real else draw(2, 4, 5, 3, fan=1))
    first, last = kernel(draw, 4, width), kernel(draw, width, 3)
    up = [(_block(draw, width), kernel(draw, width, width)) for _ in range(stages)]

    def run() -> Tensor:
        y = F.relu(F.conv2d(x, first, padding=1))
        for block, weight in up:
            y = F.conv2d(F.interpolate(block(y), scale_factor=2.0), weight, padding=1)
        return operation(frames=F.conv2d(F.relu(y), last, padding=1), layout="rgb")

    return run


def _block(draw: Draw, width: int) -> Callable[[Tensor], Tensor]:
    """Return TAESD's block: three convolutions beside what comes in."""
    first, second, third = (kernel(draw, width, width) for _ in range(3))

    def run(x: Tensor) -> Tensor:
        y = F.relu(F.conv2d(x, first, padding=1))
        y = F.relu(F.conv2d(y, second, padding=1))
        return F.relu(x + F.conv2d(y, third, padding=1))

    return run


def _stage(real: bool) -> tuple[int, int, int]:
    """Return batch, channels, side: SD-Turbo's first stage at 512 px, or tiny ones."""
    return (1, 320, 64) if real else (2, 8, 5)


def _autoencoder(real: bool) -> tuple[int, int]:
    """Return channels, and how often the side is halved or doubled: TAESD's, or tiny ones."""
    return (64, 3) if real else (8, 1)
