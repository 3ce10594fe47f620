"""What the models share: what a model is, and how its weights are drawn."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor

# With the operation, called with keywords; the dtype; a generator on the device; real sizes or
# tiny ones. Returns what runs the model once.
Model = Callable[[Callable[..., Any], torch.dtype, torch.Generator, bool], Callable[[], Tensor]]


class Draw(Protocol):
    """Draws a tensor: normal, of variance 1 / fan, so that a layer keeps its input's scale."""

    def __call__(self, *shape: int, fan: int) -> Tensor: ...


def drawing(dtype: torch.dtype, generator: torch.Generator) -> Draw:
    """Return what draws tensors of a dtype on the generator's device."""

    def draw(*shape: int, fan: int) -> Tensor:
        made = torch.randn(shape, generator=generator, device=generator.device)
        return (made / math.sqrt(fan)).to(dtype)

    return draw


def kernel(draw: Draw, into: int, out: int) -> Tensor:
    """Return the weights of a 3 x 3 convolution, channels last."""
    return nhwc(draw(out, into, 3, 3, fan=9 * into))


def nhwc(x: Tensor) -> Tensor:
    """Return a tensor in channels-last order."""
    return x.contiguous(memory_format=torch.channels_last)
