"""What sessions need of others: an engine that makes pictures, a place where they are decoded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from ..engine.contract import Progress
from ..engine.engine import Cell, Outcome
from ..models.base import AnyModel, InputSpec, Pixels, Request
from .session import Session

Decode = Callable[[bytes, InputSpec, Session], Awaitable[Pixels]]  # may be cancelled


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

    async def prepare(self, model: str, items: Sequence[tuple[Cell, Request]]) -> Outcome[Progress]:
        """Make a job of each request."""
        ...

    async def step(self, model: str, jobs: Sequence[Progress]) -> Outcome[Progress]:
        """Advance jobs by one step."""
        ...

    async def decode(self, model: str, jobs: Sequence[Progress]) -> Outcome[Pixels]:
        """Return each job's picture as it stands."""
        ...

    async def release(self, model: str, cell: Cell) -> None:
        """Free a session's state."""
        ...
