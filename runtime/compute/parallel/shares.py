"""What the ranks of a network are told: which network, and each its share of a call."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..execution.trees import mapped

MADE, FAILED = "made", "failed"  # what a rank answers, before what it made or what went wrong


@dataclass(frozen=True)
class Spec:
    """A network that each rank loads by itself, and how its calls are shared."""

    network: str  # a class of diffusers
    folder: Path  # of its config and weights
    variant: str  # of their files
    dtype: torch.dtype
    devices: tuple[str, ...]  # of the ranks, in order
    threads: int  # of each rank on a CPU
    rows: int  # groups of ranks that share the rows of a call
    ulysses: int  # ranks of a group that share attention by heads
    ring: int  # and by keys, passed around
    latents: str  # the argument whose rows are counted
    shared: frozenset[str]  # arguments without rows
    axes: Mapping[str, int]  # of rows, where it is not the first

    @property
    def group(self) -> int:
        """Ranks that make one share together."""
        return self.ulysses * self.ring


class Packed(NamedTuple):
    """A tensor on its way to another process, whatever its type."""

    raw: NDArray[np.uint8]
    dtype: torch.dtype
    shape: tuple[int, ...]


def packed(value: Any) -> Any:
    """Return a tree with its tensors packed."""

    def pack(tensor: Tensor) -> Any:
        here = torch.empty(tensor.shape, dtype=tensor.dtype).copy_(tensor)
        if not here.numel():
            return Packed(np.empty(0, np.uint8), here.dtype, tuple(here.shape))
        return Packed(here.flatten().view(torch.uint8).numpy(), here.dtype, tuple(here.shape))

    return mapped(value, pack)


def unpacked(value: Any, device: torch.device) -> Any:
    """Return a tree with its tensors on a device."""
    if isinstance(value, Packed):
        made = torch.empty(value.shape, dtype=value.dtype)
        if value.raw.size:  # else torch refuses to look at it as bytes
            made.view(-1).view(torch.uint8).copy_(torch.from_numpy(value.raw.copy()))
        return made.to(device)
    if isinstance(value, Mapping):
        return {name: unpacked(each, device) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(unpacked(each, device) for each in value)
    return value


def split(
    given: Mapping[str, Any],
    rows: int,
    most: int,
    shared: Collection[str] = (),
    axes: Mapping[str, int] | None = None,
) -> list[dict[str, Any]]:
    """Return a call's arguments in up to ``most`` shares of its rows, as even as they go."""
    count = min(most, rows)
    ends = [rows * number // count for number in range(count + 1)]

    def share(name: str, value: Any, first: int, last: int) -> Any:
        if name in shared:
            return value
        if isinstance(value, Tensor) and value.ndim:
            return value.narrow((axes or {}).get(name, 0), first, last - first)
        if isinstance(value, Mapping):
            return {key: share("", each, first, last) for key, each in value.items()}
        if isinstance(value, list) and len(value) == rows:
            return value[first:last]
        return value

    return [
        {name: share(name, value, first, last) for name, value in given.items()}
        for first, last in pairwise(ends)
    ]


def joined(made: Sequence[Any]) -> Any:
    """Return what the shares made, as one call makes it: rows of a tensor, or a list of them."""
    if isinstance(made[0], Tensor):
        return torch.cat(list(made))
    return [row for share in made for row in share]
