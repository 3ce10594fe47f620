"""Blocks of a transformer: the operation is one of its norms, its activation, its rotation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from .drawing import Draw, drawing


def normed(
    operation: Callable[..., Tensor], dtype: torch.dtype, generator: torch.Generator, real: bool
) -> Callable[[], Tensor]:
    """Return a block whose two norms are the operation, ``norm_modulate``."""
    draw, (batch, tokens, width) = drawing(dtype, generator), _sizes(real)
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
    draw, (batch, tokens, width) = drawing(dtype, generator), _sizes(real)
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
    draw, (batch, tokens, width) = drawing(dtype, generator), _sizes(real)
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
    draw, (batch, tokens, width) = drawing(dtype, generator), _sizes(real)
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


def quantised(
    operation: Callable[..., Any], dtype: torch.dtype, generator: torch.Generator, real: bool
) -> Callable[[], Tensor]:
    """Return a feed-forward of int8 products; norm and activation are ``quantize_rowwise``."""
    draw, (batch, tokens, width) = drawing(dtype, generator), _sizes(real)
    up, down = draw(6 * width, width, fan=width), draw(width, 3 * width, fan=3 * width)
    x, factors = draw(batch, tokens, width, fan=1), draw(2, batch, width, fan=1)
    into, out = _int8_linear(up), _int8_linear(down)

    def run() -> Tensor:
        y = into(
            *operation(
                x=x, dtype=torch.int8, producer="layer_norm", scale=factors[0], shift=factors[1]
            )
        )
        return out(*operation(x=y, dtype=torch.int8, producer="swiglu"))

    return run


def _with_activation(
    activate: Callable[[Tensor], Tensor],
    halves: int,
    dtype: torch.dtype,
    generator: torch.Generator,
    real: bool,
) -> Callable[[], Tensor]:
    draw, (batch, tokens, width) = drawing(dtype, generator), _sizes(real)
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


def _int8_linear(weight: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
    """Return a linear layer that takes rows in int8 with their scales, its weights in int8 too.

    On a GPU ``_int_mm`` wants more than 16 rows, and sides that are multiples of 8.
    """
    scales = weight.float().abs().amax(1) / 127
    codes = (weight / scales[:, None]).round().to(torch.int8)

    def run(x: Tensor, by_row: Tensor) -> Tensor:
        product: Tensor = torch.ops.aten._int_mm(x.flatten(0, -2), codes.t())
        made = product.view(*x.shape[:-1], len(codes)) * (by_row * scales)
        return made.to(weight.dtype)

    return run


def _sizes(real: bool) -> tuple[int, int, int]:
    """Return batch, tokens, width: klein-4B's at 1024 px, or tiny ones."""
    return (1, 4096, 3072) if real else (2, 6, 16)
