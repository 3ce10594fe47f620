"""What sessions need of others: an engine that makes pictures, a place where they are decoded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Protocol

from ..engine.engine import Turns
from ..engine.turn import Cell
from ..models.base import AnyModel, ImageInput, Job, Pixels, VideoInput
from .session import Session

Decode = Callable[[bytes, ImageInput | VideoInput, Session], Awaitable[Pixels]]  # may be cancelled
Later = Callable[[float, Callable[[], None]], None]  # seconds, and what to call then


class StepEngine(Protocol):
    """What sessions see of the engine."""

    @property
    def models(self) -> Mapping[str, AnyModel]:
        """The loaded models by name; the first is the default."""
        ...

    @property
    def late(self) -> str:
        """What the engine waits for in vain; empty while all is well."""
        ...

    def serve(self, turns: Turns) -> None:
        """Make one call after another, until there is none."""
        ...

    @property
    def away(self) -> Collection[str]:
        """The models that are not on their devices: they left for others."""
        ...

    async def onload(self, model: str) -> None:
        """Have a model on its device; raise OutOfMemory where others leave it no room."""
        ...

    async def give_up(self, model: str, job: Job) -> None:
        """Free what a job holds that ends before its time."""
        ...

    async def suspend(self, model: str, cell: Cell) -> None:
        """Have a session's state leave the device, and weigh it."""
        ...

    async def release(self, model: str, cell: Cell) -> None:
        """Free a session's state."""
        ...
