"""What sessions need of others: an engine that makes pictures, a place where they are decoded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from ..engine.contract import Progress
from ..engine.engine import Cell, Emitted, Outcome
from ..models.base import AnyModel, ImageInput, Pixels, Request, VideoInput
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

    async def prepare(
        self, model: str, items: Sequence[tuple[Cell, Request[Any]]]
    ) -> Outcome[Progress]:
        """Make a job of each request."""
        ...

    async def step(self, model: str, jobs: Sequence[Progress]) -> Outcome[Progress]:
        """Advance jobs by one step."""
        ...

    async def emit(self, model: str, jobs: Sequence[Progress]) -> Outcome[Emitted]:
        """Return what each job has to show, and where it stands then."""
        ...

    async def suspend(self, model: str, cell: Cell) -> None:
        """Have a session's state leave the device, and weigh it."""
        ...

    async def release(self, model: str, cell: Cell) -> None:
        """Free a session's state."""
        ...
