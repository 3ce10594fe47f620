"""Small models around our operations, to see what a kernel is worth where it is used.

One block of a transformer, one of a UNet or decoder, with random weights: the shapes of SD-Turbo
and klein-4B on a GPU, tiny ones elsewhere. A kernel that is three times faster may be one percent
of its model.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

# With the operation, called with keywords; the dtype; a generator on the device; real sizes or
# tiny ones. Returns what runs the model once.
Model = Callable[[Callable[..., Any], torch.dtype, torch.Generator, bool], Callable[[], Tensor]]
Draw = Callable[..., Tensor]


def normed(
    operation: Callable[..., Tensor], dtype: torch.dtype, generator: torch.Generator, real: bool
) -> Callable[[], Tensor]:
    """Return a block whose two norms are the operation, ``norm_modulate``."""
    draw, (batch, tokens, width) = _draw(dtype, generator), _sequence(real)
    attend, feed = _attention(draw, width), _feed_forward(draw, width, F.gelu)
    x, factors = draw(batch, tokens, width, fan=1), draw(4, batch, width, fan=1)

    def run() -> Tensor:
        y = x + attend(operation(x=x, scale=factors[0], shift=factors[1]))
        return y + feed(operation(x=y, scale=factors[2], shift=factors[3]))

    return run


def gated_and_normed(
    operation: Callable[..., Any], dtype: torch.dtype, generator: torch.Generator, real: bool
) -> Callable[[], Tensor]:
    """Return a block whose first residual and second norm are one: ``gated_norm_modulate``."""
    draw, (batch, tokens, width) = _draw(dtype, generator), _sequence(real)
    attend, feed = _attention(draw, width), _feed_forward(draw, width, F.gelu)
    x, factors = draw(batch, tokens, width, fan=1), draw(3, batch, width, fan=1)

    def run() -> Tensor:
        branch = attend(F.layer_norm(x, (width,)))
        y, normal = operation(
            x=x, branch=branch, gate=factors[0], scale=factors[1], shift=factors[2]
        )
        made: Tensor = y + feed(normal)
        return made

    return run


def gate_added(
    operation: Callable[..., Tensor], dtype: torch.dtype, generator: torch.Generator, real: bool
) -> Callable[[], Tensor]:
    """Return a block whose branches are gated and added by the operation, ``gated_residual``."""
    draw, (batch, tokens, width) = _draw(dtype, generator), _sequence(real)
    attend, feed = _attention(draw, width), _feed_forward(draw, width, F.gelu)
    x, gates = draw(batch, tokens, width, fan=1), draw(2, batch, width, fan=1)

    def run() -> Tensor:
        y = operation(x=x, y=attend(F.layer_norm(x, (width,))), gate=gates[0])
        return operation(x=y, y=feed(F.layer_norm(y, (width,))), gate=gates[1])

    return run


def attended(
    operation: Callable[..., Any], dtype: torch.dtype, generator: torch.Generator, real: bool
) -> Callable[[], Tensor]:
    """Return attention from a packed projection: the operation is ``qk_norm_rope``."""
    draw, (batch, tokens, width) = _draw(dtype, generator), _sequence(real)
    heads = max(1, width // 128)
    size = width // heads
    into, out = draw(3 * width, width, fan=width), draw(width, width, fan=width)
    x, weights = draw(batch, tokens, width, fan=1), draw(2, size, fan=1)
    turns = draw(tokens, size // 2, fan=1).float()

    def run() -> Tensor:
        qkv = F.linear(x, into)
        pair = operation(
            qkv=qkv,
            q_weight=weights[0],
            k_weight=weights[1],
            cos=turns.cos(),
            sin=turns.sin(),
            heads=heads,
            kv_heads=heads,
        )
        q, k = pair.split(heads, 1)
        v = qkv.view(batch, tokens, 3, heads, size)[:, :, 2].transpose(1, 2)
        made = F.scaled_dot_product_attention(q, k, v)
        return F.linear(made.transpose(1, 2).flatten(2), out)

    return run


def gated(
    operation: Callable[..., Tensor], dtype: torch.dtype, generator: torch.Generator, real: bool
) -> Callable[[], Tensor]:
    """Return a block whose feed-forward halves are joined by the operation: ``geglu``."""
    return _with_activation(lambda y: operation(x=y), 2, dtype, generator, real)


def swish_gated(
    operation: Callable[..., Tensor], dtype: torch.dtype, generator: torch.Generator, real: bool
) -> Callable[[], Tensor]:
    """Return a block whose feed-forward halves are joined by the operation: ``swiglu``."""
    return _with_activation(lambda y: operation(gate=y), 2, dtype, generator, real)


def activated(
    operation: Callable[..., Tensor], dtype: torch.dtype, generator: torch.Generator, real: bool
) -> Callable[[], Tensor]:
    """Return a block whose activation is the operation: ``gelu_tanh``."""
    return _with_activation(lambda y: operation(x=y), 1, dtype, generator, real)


def residual(
    operation: Callable[..., Tensor], dtype: torch.dtype, generator: torch.Generator, real: bool
) -> Callable[[], Tensor]:
    """Return two convolutions whose epilogue is the operation, ``bias_residual_nhwc``."""
    draw, (batch, width, side) = _draw(dtype, generator), _picture(real)
    first, second = _kernel(draw, width), _kernel(draw, width)
    x, biases = _nhwc(draw(batch, width, side, side, fan=1)), draw(2, width, fan=1)

    def run() -> Tensor:
        y = F.silu(operation(x=F.conv2d(x, first, padding=1), bias=biases[0]))
        return operation(x=F.conv2d(y, second, padding=1), bias=biases[1], residual=x)

    return run


def group_normed(
    operation: Callable[..., Tensor], dtype: torch.dtype, generator: torch.Generator, real: bool
) -> Callable[[], Tensor]:
    """Return a residual block whose norms and activations are the operation."""
    draw, (batch, width, side) = _draw(dtype, generator), _picture(real)
    first, second = _kernel(draw, width), _kernel(draw, width)
    x, affine = _nhwc(draw(batch, width, side, side, fan=1)), draw(4, width, fan=1)
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
    draw, (batch, width, side) = _draw(dtype, generator), _picture(real)
    weight, x = _kernel(draw, width), _nhwc(draw(batch, width, side, side, fan=1))
    return lambda: F.conv2d(operation(x=x), weight, padding=1)


MODELS: Mapping[str, Model] = {
    "bias_residual_nhwc": residual,
    "gated_norm_modulate": gated_and_normed,
    "gated_residual": gate_added,
    "geglu": gated,
    "gelu_tanh": activated,
    "group_norm_silu": group_normed,
    "norm_modulate": normed,
    "qk_norm_rope": attended,
    "swiglu": swish_gated,
    "upsample_nearest2x_nhwc": upsampled,
}


def _with_activation(
    activate: Callable[[Tensor], Tensor],
    halves: int,
    dtype: torch.dtype,
    generator: torch.Generator,
    real: bool,
) -> Callable[[], Tensor]:
    draw, (batch, tokens, width) = _draw(dtype, generator), _sequence(real)
    attend, feed = _attention(draw, width), _feed_forward(draw, width, activate, halves)
    x = draw(batch, tokens, width, fan=1)

    def run() -> Tensor:
        y = x + attend(F.layer_norm(x, (width,)))
        return y + feed(F.layer_norm(y, (width,)))

    return run


def _attention(draw: Draw, width: int) -> Callable[[Tensor], Tensor]:
    heads = max(1, width // 128)
    into, out = draw(3 * width, width, fan=width), draw(width, width, fan=width)

    def run(x: Tensor) -> Tensor:
        q, k, v = F.linear(x, into).view(*x.shape[:2], 3, heads, -1).permute(2, 0, 3, 1, 4)
        made = F.scaled_dot_product_attention(q, k, v)
        return F.linear(made.transpose(1, 2).flatten(2), out)

    return run


def _feed_forward(
    draw: Draw, width: int, activate: Callable[[Tensor], Tensor], halves: int = 1
) -> Callable[[Tensor], Tensor]:
    up = draw(4 * halves * width, width, fan=width)
    down = draw(width, 4 * width, fan=4 * width)
    return lambda x: F.linear(activate(F.linear(x, up)), down)


def _draw(dtype: torch.dtype, generator: torch.Generator) -> Draw:
    def draw(*shape: int, fan: int) -> Tensor:
        made = torch.randn(shape, generator=generator, device=generator.device)
        return (made / math.sqrt(fan)).to(dtype)

    return draw


def _kernel(draw: Draw, width: int) -> Tensor:
    return _nhwc(draw(width, width, 3, 3, fan=9 * width))


def _nhwc(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)


def _sequence(real: bool) -> tuple[int, int, int]:
    """Return batch, tokens, width: klein-4B's at 1024 px, or tiny ones."""
    return (1, 4096, 3072) if real else (2, 6, 16)


def _picture(real: bool) -> tuple[int, int, int]:
    """Return batch, channels, side: SD-Turbo's first stage at 512 px, or tiny ones."""
    return (1, 320, 64) if real else (2, 8, 5)
