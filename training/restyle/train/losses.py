"""What is to become small: the distance to what was painted, and what flickers."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from livedraft.runtime.models.restyle.tuning.judge import Judge, gram
from livedraft.runtime.models.restyle.tuning.motion import Motion, filmed

from .targets import Batch

Net = Callable[[Tensor, Tensor], Tensor]

PARTS = ("colour", "edges", "features", "texture", "flicker")
_WEIGHTS = (4.0, 3.0, 1.0, 2.0, 4.0)
_NOISE, _LIGHT = 0.02, 0.04  # of what a camera does to a frame, the largest in 0..1


def loss(net: Net, judge: Judge, batch: Batch) -> tuple[Tensor, Tensor]:
    """Return the loss of a batch, and its parts (5,).

    The first half of the pictures is seen a second time, moved and as a camera sees them: what is
    made then is to be what was made before, moved as much.
    """
    half = len(batch.pictures) // 2
    motion = Motion(batch.pictures[:half])
    first = filmed(batch.pictures, _NOISE, 0.0)
    second = filmed(motion.moved(batch.pictures[:half]), _NOISE, _LIGHT)
    mix = torch.cat([batch.mix, batch.mix[:half]])
    both = net(torch.cat([first, second]), mix).float()
    made, again = both[: len(first)], both[len(first) :]
    apart = ((again - motion.moved(made[:half])).abs() * motion.known).mean()
    features, texture = textures(judge(made), judge(batch.painted))
    parts = torch.stack(
        [
            (made - batch.painted).abs().mean(),
            edges(made, batch.painted),
            features,
            texture,
            apart,
        ]
    )
    return (parts * parts.new_tensor(_WEIGHTS)).sum(), parts.detach()


def textures(seen: list[Tensor], wanted: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Return how far what a judge sees is from what is wanted: features, and Gram matrices."""
    pairs = [(a.float(), b.float()) for a, b in zip(seen, wanted, strict=True)]
    features = [_relative(a, b) for a, b in pairs]
    return torch.stack(features).mean(), torch.stack(
        [_relative(gram(a), gram(b)) for a, b in pairs]
    ).mean()


def edges(made: Tensor, wanted: Tensor) -> Tensor:
    """Return how far differences of pixels beside each other are from those that are wanted."""
    gap = made - wanted
    across = (gap[..., 1:] - gap[..., :-1]).abs().mean()
    return across + (gap[..., 1:, :] - gap[..., :-1, :]).abs().mean()


def _relative(made: Tensor, wanted: Tensor) -> Tensor:
    """Return squared distances relative to what is wanted, each picture by itself."""
    axes = tuple(range(1, made.dim()))
    return ((made - wanted).square().mean(axes) / (wanted.square().mean(axes) + 1e-6)).mean()
