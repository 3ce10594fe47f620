"""Test doubles of devices: their memory is only counted, and moves fail when they are told to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from livedraft.runtime.models.base import DEFAULT_PLAN, ModelInfo, Plan
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.plan import Part, Report


class OutOfMemoryError(RuntimeError):
    """What torch raises where a device is full, by its name."""


class PretendDevice:
    """A device that holds things of so many bytes, and none beyond."""

    def __init__(self, size: float = float("inf")) -> None:
        self.size = size
        self.held: dict[tuple[str, int], int] = {}
        self.moves = 0
        self.fails_at = 0  # which move from now on fails; 0: none
        self.watch: Callable[[], object] = lambda: None  # called before each move

    @property
    def nbytes(self) -> int:
        """What it holds."""
        return sum(self.held.values())

    def put(self, what: tuple[str, int], nbytes: int) -> None:
        """Take something; raise OutOfMemoryError where there is no room."""
        self._move()
        if self.nbytes - self.held.get(what, 0) + nbytes > self.size:
            raise OutOfMemoryError("out of memory. Tried to allocate 20.00 GiB")
        self.held[what] = nbytes

    def take(self, what: tuple[str, int]) -> None:
        """Give something away."""
        self._move()
        self.held.pop(what, None)

    def _move(self) -> None:
        self.watch()
        self.moves += 1
        if self.fails_at and (fails_at := self.fails_at - 1) >= 0:
            self.fails_at = fails_at
            if not fails_at:
                raise OutOfMemoryError("asked to fail")


class Weighty(Echo):
    """The null model with four parts on a device, of a quarter of its bytes each."""

    info: ModelInfo = replace(Echo.info, id="weighty", title="Weighty Model")
    nbytes: ClassVar[int] = 400
    device: ClassVar[PretendDevice]

    def __init__(self) -> None:
        """Load it."""
        for number in range(4):
            self.device.put((self.info.id, number), self.nbytes // 4)

    @classmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Any:
        """Load it, as far as there is room."""
        return cls()

    def resident_bytes(self) -> int:
        """Return what its parts take."""
        return self.nbytes

    def footprint(self, state: None) -> int:
        """Return what a state takes."""
        return 10

    def offload(self) -> bool:
        """Give its parts away, or none."""
        try:
            for number in range(4):
                self.device.take((self.info.id, number))
        except BaseException:
            for number in range(4):
                self.device.held[self.info.id, number] = self.nbytes // 4
            raise
        return True

    def onload(self, report: Report) -> None:
        """Take its parts again, or none."""
        try:
            for number in range(4):
                report(Part("loading", number * self.nbytes // 4, self.nbytes))
                self.device.put((self.info.id, number), self.nbytes // 4)
        except BaseException:
            for number in range(4):
                self.device.held.pop((self.info.id, number), None)
            raise
