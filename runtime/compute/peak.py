"""How much memory a piece of work takes at its height, beside what was there before."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes
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
    measure = _Allocated(device) if device.type == "cuda" else _Live()
    before = _RUNNING.set(measure)
    try:
        with measure:
            yield found
    finally:
        _RUNNING.reset(before)
        found.nbytes = measure.most


@contextmanager
def unmeasured(*, plain: bool = False) -> Iterator[None]:
    """Leave out what is done within of the work that is measured: it is done once, to warm up.

    ``plain``: it does nothing but that work itself, so it counts where measuring does not slow it.
    """
    running = _RUNNING.get()
    with nullcontext() if running is None else running.left_out(plain):
        yield


class _Allocated:
    """What a GPU's allocator gave."""

    def __init__(self, device: torch.device) -> None:
        self.most = 0
        self._device = device
        self._before = 0

    def __enter__(self) -> None:
        self._before = torch.cuda.memory_allocated(self._device)
        torch.cuda.reset_peak_memory_stats(self._device)

    def __exit__(self, *_: object) -> None:
        self._look()

    @contextmanager
    def left_out(self, plain: bool) -> Iterator[None]:
        """Count nothing meanwhile, nor what stays of it."""
        if plain:
            yield
            return
        self._look()
        at = torch.cuda.memory_allocated(self._device)
        yield
        self._before += torch.cuda.memory_allocated(self._device) - at
        torch.cuda.reset_peak_memory_stats(self._device)

    def _look(self) -> None:
        self.most = max(self.most, torch.cuda.max_memory_allocated(self._device) - self._before)


class _Live(TorchDispatchMode):
    """Counts the storages that operations make, until nobody holds them any more."""

    def __init__(self) -> None:
        TorchDispatchMode.__init__(self)
        self.most = 0
        self._now = 0
        self._seen: dict[int, weakref.finalize[[int, int], Any]] = {}

    @contextmanager
    def left_out(self, plain: bool) -> Iterator[None]:
        """Count nothing meanwhile, and slow nothing down."""
        with _disable_current_modes():
            yield

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


_RUNNING: ContextVar[_Allocated | _Live | None] = ContextVar("measured", default=None)
