"""Watch what a kernel does while it runs: whose code it enters, what it replaces, what torch runs.

All of it runs in the kernel's own process, so a kernel that means to can blind it. It is there for
what the static look did not see; the judge trusts nothing but results that it compared itself.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import torch
from torch.autograd.profiler import profile

from .channel import Channel

_OURS = __name__.partition(".bench")[0]
_OPERATIONS = tuple(f"{_OURS}.{part}" for part in ("ops", "launch", "dispatch", "route"))


class Watch:
    """Notes what stands where a clock, a copy or the channel should, to compare it later."""

    def __init__(self) -> None:
        self._owners: list[tuple[object, str]] = [
            *((time, name) for name in ("perf_counter", "perf_counter_ns", "monotonic", "time")),
            *((torch, name) for name in ("empty", "empty_like", "clone", "allclose", "equal")),
            *((torch.Tensor, name) for name in ("copy_", "clone", "cpu", "contiguous", "zero_")),
            *((torch.cuda, name) for name in ("Event", "synchronize", "Stream", "stream")),
            *((torch.cuda.Event, name) for name in ("record", "elapsed_time", "synchronize")),
            *((Channel, name) for name in ("send", "receive")),
        ]
        self._found = [getattr(owner, name) for owner, name in self._owners]

    def replaced(self) -> list[str]:
        """Return the names of what is no longer what it was."""
        return [
            f"{getattr(owner, '__name__', owner)}.{name}"
            for (owner, name), found in zip(self._owners, self._found, strict=True)
            if getattr(owner, name) is not found
        ]


@contextmanager
def operators() -> Iterator[set[str]]:
    """Give a set that is filled, in the end, with the operators of torch that ran."""
    found: set[str] = set()
    profiler = profile()
    with profiler:
        yield found
    found |= {event.name for event in profiler.function_events or () if not event.cpu_parent}


@contextmanager
def entered() -> Iterator[set[str]]:
    """Give a set that fills with the functions of our operations that are entered.

    The templates are for everybody.
    """
    found: set[str] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        module = frame.f_globals.get("__name__", "")
        if event == "call" and isinstance(module, str) and module.startswith(_OPERATIONS):
            found.add(f"{module}.{frame.f_code.co_qualname}")

    sys.setprofile(note)
    try:
        yield found
    finally:
        sys.setprofile(None)
