"""Doubles for what goes from call to call on an engine's thread."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from tests.doubles import FakeClock, FakeEngine
from tests.runtime.sessions.turning import no_pictures

from livedraft.media.chunks import Still
from livedraft.runtime.engine.engine import Engine
from livedraft.runtime.models.base import ModelInfo, Request
from livedraft.runtime.models.echo import Echo, EchoJob, EchoParams
from livedraft.runtime.sessions.runner import Runner


@asynccontextmanager
async def serving(
    engine: FakeEngine | Engine, clock: FakeClock | None = None
) -> AsyncIterator[Runner]:
    runner = Runner([engine], no_pictures, clock=clock or FakeClock())
    running = asyncio.create_task(runner.run())
    try:
        yield runner
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def phases(engine: FakeEngine, seed: int) -> list[str]:
    return [verb for verb, seeds in engine.calls if seed in seeds]


async def turned() -> None:
    """Let the loop turn until nothing more comes of what was done."""
    for _ in range(20):
        await asyncio.sleep(0)


class Gated(Echo):
    """A null model whose calls wait to be let go, and that says when so many jobs are out."""

    def __init__(self, name: str = "echo", *, draft_steps: int = 3, jobs: int = 1) -> None:
        self.info: ModelInfo = replace(Echo.info, id=name, draft_steps=draft_steps, preview_every=0)
        self.inside, self.go, self.out = (threading.Event() for _ in range(3))
        self._awaited = jobs

    def prepare(self, items: Sequence[tuple[None, Request[EchoParams]]]) -> list[EchoJob]:
        self.inside.set()
        self.go.wait()
        return super().prepare(items)

    def emit(self, jobs: Sequence[EchoJob]) -> list[list[Still]]:
        made = super().emit(jobs)
        self._awaited -= len(jobs)
        if self._awaited <= 0:
            self.out.set()
        return made
