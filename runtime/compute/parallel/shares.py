"""What the ranks of a network are told: which network, and each its share of a call."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..execution.trees import mapped

MADE, FAILED = "made", "failed"  # what a rank answers, before what it made or what went wrong
CALL, PUT, TAKE = "call", "put", "take"  # what it is told: shares of a call; LoRAs to wear, or not


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
    stages: int  # of a group, one after another, that share the network's blocks
    ring: int  # ranks of a stage that share attention by keys, passed around
    ulysses: int  # and by heads
    latents: str  # the argument whose rows are counted
    shared: frozenset[str]  # arguments without rows
    axes: Mapping[str, int]  # of rows, where it is not the first
    bits: str = ""  # that weights are held in, as `EIGHT_BITS` names them; empty: as they come
    products: Mapping[tuple[int, ...], bool] = field(default_factory=dict)  # in them, by shape

    @property
    def group(self) -> int:
        """Ranks that make one share together."""
        return self.stages * self.beside

    @property
    def beside(self) -> int:
        """Ranks of one stage."""
        return self.ring * self.ulysses

    @property
    def leader(self) -> int:
        """The rank of a group that answers with what the group made."""
        return self.group - self.beside

    def stage(self, number: int) -> int:
        """Return the stage of a rank."""
        return number % self.group // self.beside


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


def parted(rows: int, most: int) -> list[slice]:
    """Return rows in up to ``most`` stretches, as even as they go."""
    count = min(most, rows)
    ends = [rows * number // count for number in range(count + 1)]
    return [slice(first, last) for first, last in pairwise(ends)]


def share(
    given: Mapping[str, Any],
    rows: int,
    of: slice,
    shared: Collection[str] = (),
    axes: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """Return a stretch of a call's rows: of each argument that has them."""

    def cut(name: str, value: Any) -> Any:
        if name in shared:
            return value
        if isinstance(value, Tensor) and value.ndim:
            return value.narrow((axes or {}).get(name, 0), of.start, of.stop - of.start)
        if isinstance(value, Mapping):
            return {key: cut("", each) for key, each in value.items()}
        if isinstance(value, list) and len(value) == rows:
            return value[of]
        return value

    return {name: cut(name, value) for name, value in given.items()}


def joined(made: Sequence[Any]) -> Any:
    """Return what the shares made, as one call makes it: rows of a tensor, or a list of them."""
    if isinstance(made[0], Tensor):
        return torch.cat(list(made))
    return [row for share in made for row in share]
