"""Time a call: on a GPU with events, on a CPU with a clock; with warm and cold caches."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor

_SPIN_CYCLES = 200_000  # about 0.1 ms of a GPU: the host gets ahead, its work is not timed
_FLUSH_BYTES = {"cuda": 512 << 20, "cpu": 64 << 20}  # some times the largest last-level cache
_COPY_BYTES = {"cuda": 1 << 30, "cpu": 64 << 20}
_COPIES = 20
_HOST_CALLS = 200
_WARMUPS = 3
TIMED_CALLS = 40

_now = time.perf_counter_ns  # taken before a kernel's file is imported


class Stopwatch(Protocol):
    """Notes a start and a stop on the device; ``times`` waits for all of them."""

    def before(self, cold: bool) -> None:
        """Empty the caches, or let the host get ahead, then start."""

    def after(self) -> None:
        """Stop."""

    def times(self) -> list[float]:
        """Return each time, µs."""
        ...


class OnCpu:
    """A wall clock."""

    def __init__(self) -> None:
        self._flush = torch.zeros(_FLUSH_BYTES["cpu"], dtype=torch.uint8)
        self._spans: list[float] = []
        self._start = 0

    def before(self, cold: bool) -> None:
        """Write more than the caches hold, then start."""
        if cold:
            self._flush.add_(1)
        self._start = _now()

    def after(self) -> None:
        """Stop."""
        self._spans.append((_now() - self._start) / 1e3)

    def times(self) -> list[float]:
        """Return each time, µs."""
        return self._spans


class OnCuda:
    """Pairs of events on the current stream, behind work that hides the host's."""

    def __init__(self) -> None:
        self._flush = torch.zeros(_FLUSH_BYTES["cuda"], dtype=torch.uint8, device="cuda")
        self._pairs: list[tuple[torch.cuda.Event, torch.cuda.Event]] = []

    def before(self, cold: bool) -> None:
        """Write more than L2 holds, or spin, then start."""
        if cold:
            self._flush.zero_()
        else:
            torch.cuda._sleep(_SPIN_CYCLES)
        self._pairs.append((_event(), _event()))
        self._pairs[-1][0].record()

    def after(self) -> None:
        """Stop."""
        self._pairs[-1][1].record()

    def times(self) -> list[float]:
        """Return each time, µs."""
        torch.cuda.synchronize()
        return [start.elapsed_time(stop) * 1e3 for start, stop in self._pairs]


def _event() -> torch.cuda.Event:
    return torch.cuda.Event(enable_timing=True)


def stopwatch(device: torch.device) -> Stopwatch:
    """Return the stopwatch of a device."""
    return OnCuda() if device.type == "cuda" else OnCpu()


def timed(
    call: Callable[[], object],
    refresh: Callable[[int], None],
    keep: Callable[[object], None],
    order: Sequence[int],
    kept: int,
    cold: bool,
    device: torch.device,
) -> list[float]:
    """Time a call once for each entry of ``order``, the set of inputs that it then gets, in µs.

    The outputs of call ``kept`` are handed to ``keep``.
    """
    watch = stopwatch(device)
    for at, which in enumerate(order):
        refresh(which)
        watch.before(cold)
        made = call()
        watch.after()
        if at == kept:
            keep(made)
    return watch.times()


def median_time(call: Callable[[], object], device: torch.device, *, cold: bool = True) -> float:
    """Return the median time of a call, µs, its inputs the same each time."""
    for _ in range(_WARMUPS):
        call()
    spans = timed(call, lambda _: None, lambda _: None, range(TIMED_CALLS), -1, cold, device)
    return sorted(spans)[len(spans) // 2]


def host_time(call: Callable[[], object], device: torch.device) -> float:
    """Return how long a call keeps the host, µs: the median, the device's work not waited for."""
    spans = []
    for at in range(_HOST_CALLS):
        if at % 50 == 0:
            wait(device)  # a full queue of launches would make the host wait for the device
        start = _now()
        call()
        spans.append((_now() - start) / 1e3)
    wait(device)
    return sorted(spans)[len(spans) // 2]


def copy_bandwidth(device: torch.device) -> float:
    """Return bytes a second, read and written, of a large copy: the roof of what moves memory."""
    count = _COPY_BYTES[device.type]
    source = torch.zeros(count, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)

    def copy() -> Tensor:
        return target.copy_(source)

    spans = timed(copy, lambda _: None, lambda _: None, range(_COPIES), -1, False, device)
    return 2 * count / (sorted(spans)[len(spans) // 2] * 1e-6)


def wait(device: torch.device) -> None:
    """Wait for all of a device's work, on every stream."""
    if device.type == "cuda":
        torch.cuda.synchronize()
