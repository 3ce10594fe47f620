"""Measure one thing, whatever comes of it: a case that fails is told, and the run goes on."""

from __future__ import annotations

from typing import Any

import torch

from livedraft.kernels.calls import Call

from . import attention, operation
from .work import Work

Found = dict[str, Any]  # goes into a row of a report, or among what is said of the operation


class Lost(Exception):
    """The GPU answers no more in this process; what was found is with it."""

    def __init__(self, found: Found) -> None:
        super().__init__("the GPU answers no more in this process")
        self.found = found


class Bench:
    """Measures on one device; ``roof`` is the bandwidth of a copy there, bytes a second."""

    def __init__(self, device: torch.device, roof: float) -> None:
        self._device = device
        self._roof = roof

    def __call__(self, work: Work) -> Found:
        """Return what was found, or under ``skipped`` or ``failed`` why nothing was."""
        try:
            return self._measure(work)
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
            return {"skipped": {work.kind: "the GPU has not the memory"}}
        except Exception as raised:  # of a compiler or a launch: the next case may do
            found = {"failed": {work.kind: f"{type(raised).__name__}: {raised}"[:300]}}
            if not self._alive():
                raise Lost(found) from raised
            return found

    def _measure(self, work: Work) -> Found:
        case, device = work.case, self._device
        if not isinstance(case, Call):
            return attention.measured(case, device)
        if work.kind == "checked":
            return operation.check(case, device)
        if work.kind == "timed":
            return operation.times(case, device, self._roof)
        if work.kind == "compiled":
            return operation.compiled(case, device)
        measure = {"graph": operation.graph, "whole": operation.whole}[work.kind]
        return {work.kind: measure(case, device)}

    def _alive(self) -> bool:
        if self._device.type != "cuda":
            return True
        try:
            torch.cuda.synchronize()
        except RuntimeError:  # after an illegal access every call says so again
            return False
        return True
