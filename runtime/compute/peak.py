"""How much memory a piece of work takes at its height, beside what was there before."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class Peak:
    """The bytes of some work, once it is done."""

    nbytes = 0


@contextmanager
def peak(device: torch.device) -> Iterator[Peak]:
    """Measure what is done within: by a GPU's allocator, else by the tensors that torch makes.

    On a CPU it slows the work down, so it is for warming up. What is allocated on other threads of
    a GPU meanwhile is counted with it.
    """
    found = Peak()
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        yield found
        found.nbytes = max(0, torch.cuda.max_memory_allocated(device) - before)
        return
    live = _Live()
    try:
        with live:
            yield found
    finally:
        found.nbytes = live.most


class _Live(TorchDispatchMode):
    """Counts the storages that operations make, until nobody holds them any more."""

    def __init__(self) -> None:
        TorchDispatchMode.__init__(self)
        self.most = 0
        self._now = 0
        self._seen: dict[int, weakref.finalize[[int, int], Any]] = {}

    def __torch_dispatch__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Do an operation, and count what it made."""
        given = {each.untyped_storage().data_ptr() for each in _tensors((args, kwargs))}
        made = func(*args, **(kwargs or {}))
        for each in _tensors(made):
            storage = each.untyped_storage()
            place = storage.data_ptr()
            if place and place not in given and place not in self._seen:
                size = storage.nbytes()
                self._now += size
                self._seen[place] = weakref.finalize(storage, self._gone, place, size)
        self.most = max(self.most, self._now)
        return made

    def _gone(self, place: int, size: int) -> None:
        if self._seen.pop(place, None) is not None:
            self._now -= size


def _tensors(values: Any) -> list[Tensor]:
    return [each for each in tree_leaves(values) if isinstance(each, Tensor)]
