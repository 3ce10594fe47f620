"""Judge a way of running a call against eager: is it right, also for other inputs, and how fast?"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from .choice import ALLOWED
from .trees import error, mapped, tensors

Call = Callable[..., Any]
Measure = Callable[[Callable[[], Any], torch.device], float]

_RUNS, _LEAST = 5, 2
_ENOUGH_NS = 4e8  # of slow calls fewer are timed
_OTHER = 0.75  # times the inputs: a way that heeds them gives another result


class Wrong(Exception):
    """A way does not give what eager gives."""


class Trial:
    """Eager's results for some inputs and for others; ways are held to both."""

    def __init__(self, call: Call, kwargs: dict[str, Any], device: torch.device) -> None:
        self._cases = [(given, mapped(call(**given), _kept)) for given in (_other(kwargs), kwargs)]
        self.kwargs = kwargs
        self.device = device

    def check(self, way: Call) -> None:
        """Raise Wrong unless a way gives eager's results, the inputs' own last."""
        for given, true in self._cases:
            made = way(**given)
            off, allowed = error(made, true), _allowed(true)
            if not off <= allowed:
                raise Wrong(f"its result is {off:.1e} off eager's, {allowed:.0e} allowed")


def wall_time(run: Callable[[], Any], device: torch.device) -> float:
    """Return the median time of a call, µs, host and device together: what a session waits."""
    spans = []
    for _ in range(_RUNS):
        _wait(device)
        begun = time.perf_counter_ns()
        run()
        _wait(device)
        spans.append((time.perf_counter_ns() - begun) / 1e3)
        if len(spans) >= _LEAST and sum(spans) * 1e3 > _ENOUGH_NS:
            break
    return sorted(spans)[len(spans) // 2]


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _other(kwargs: dict[str, Any]) -> dict[str, Any]:
    changed: dict[str, Any] = mapped(
        kwargs, lambda tensor: tensor * _OTHER if tensor.is_floating_point() else tensor
    )
    return changed


def _kept(tensor: Tensor) -> Tensor:
    return tensor.clone()


def _allowed(true: Any) -> float:
    floats = [tensor.dtype for tensor in tensors(true) if tensor.is_floating_point()]
    return max((ALLOWED.get(dtype, ALLOWED[torch.bfloat16]) for dtype in floats), default=0.0)
