"""Test doubles, named as such: a clock that is set, an engine let through by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from livedraft.errors import LivedraftError, ModelFailed
from livedraft.media.chunks import Output, Still
from livedraft.protocol import messages as wire
from livedraft.runtime.engine.contract import Progress
from livedraft.runtime.engine.engine import Turns
from livedraft.runtime.engine.turn import (
    CallResult,
    Cell,
    Emit,
    Emitted,
    HandedOver,
    HandOver,
    Prepare,
    Step,
    Turn,
)
from livedraft.runtime.models.base import AnyModel, Job, Request
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.models.mixins import seed_of
from livedraft.runtime.sessions.result import Result


def result(model: str, output: Output, **fields: Any) -> Result:
    """Return what a job made in its one step, at the clock's zero, or as ``fields`` say."""
    usual: dict[str, Any] = {
        "id": 1,
        "stage": wire.Stage.FINAL,
        "params": {},
        "seed": None,
        "step": 1,
        "steps": 1,
        "dropped": 0,
        "batch": 1,
        "moments": dict.fromkeys(["received", "queued", "prepared", "stepped", "decoded"], 0.0),
        "model_s": 0.25,
    }
    return Result(model=model, output=output, **usual | fields)


class FakeClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Move on."""
        self.now += seconds


@dataclass(slots=True, eq=False)
class FakeJob(Job):
    """A job that remembers what it was made from."""

    request: Request[Any] = field(kw_only=True)


class FakeEngine:
    """An engine that computes nothing and writes down its calls; each takes ``call_s`` of a clock.

    With ``manual`` each call waits for ``let_through``; otherwise it ends at once.
    """

    def __init__(
        self,
        models: Mapping[str, AnyModel] | None = None,
        *,
        manual: bool = False,
        clock: FakeClock | None = None,
        call_s: float = 0.0,
    ) -> None:
        self.models: Mapping[str, AnyModel] = models or {"echo": Echo()}
        self.calls: list[tuple[str, list[int]]] = []  # verb, seeds of the jobs
        self.inside = False  # whether it is in a call
        self.failing: set[int] = set()  # seeds whose step fails
        self.late = ""
        self.away: tuple[str, ...] = ()
        self.room = 8  # jobs in a call
        self.footprint = 0  # bytes of a state
        self.released = 0
        self.given_up = 0  # jobs
        self._clock = clock or FakeClock()
        self._call_s = call_s
        self._gate = asyncio.Semaphore(0) if manual else None

    def let_through(self, calls: int = 1) -> None:
        """Let so many calls end."""
        assert self._gate is not None, "not manual"
        for _ in range(calls):
            self._gate.release()

    def serve(self, turns: Turns) -> None:
        """Make one call after another beside the loop."""
        self._serving = asyncio.get_running_loop().create_task(self._serve(turns))

    async def onload(self, model: str) -> None:
        """Have it: it never leaves."""

    async def give_up(self, model: str, job: Job) -> None:
        """Count."""
        self.given_up += 1

    async def suspend(self, model: str, cell: Cell) -> None:
        """Weigh a state as it was told."""
        cell.held_bytes = self.footprint

    async def release(self, model: str, cell: Cell) -> None:
        """Count."""
        self.released += 1

    async def _serve(self, turns: Turns) -> None:
        while (turn := turns.next()) is not None:
            made = self._made(turn)
            self.calls.append((turn.phase, [_seed(job) for job in made]))
            self.inside = True
            await (self._gate.acquire() if self._gate is not None else asyncio.sleep(0))
            self.inside = False
            self._clock.advance(self._call_s)
            turns.done([self._result(turn, job) for job in made], self._call_s)

    def _made(self, turn: Turn) -> list[Progress]:
        if not isinstance(turn, Prepare | HandOver):
            return list(turn.batch)
        jobs = [FakeJob(turn.model, each.steps, request=each) for _, each in turn.batch]
        return [Progress(job, 1, 0, job.steps, room=self.room) for job in jobs]

    def _result(self, turn: Turn, job: Progress) -> CallResult:
        """Return the job a step further, or one grey pixel as light as its step."""
        if isinstance(turn, HandOver):
            return HandedOver({})
        if isinstance(turn, Step):
            fails = _seed(job) in self.failing
            return ModelFailed("asked to fail") if fails else replace(job, step=job.step + 1)
        if isinstance(turn, Emit):
            return Emitted((Still(np.full((1, 1, 3), job.step, np.uint8)),), job)
        return job


class FakeSink:
    """A transport's end that keeps what it gets and is ready when told so."""

    def __init__(self, *, ready: bool = True) -> None:
        self.ready = ready
        self.results: list[Result] = []
        self.failures: list[tuple[int, LivedraftError]] = []
        self.told: list[wire.Progress] = []

    def take(self, result: Result) -> None:
        """Keep it."""
        self.results.append(result)

    def progress(self, progress: wire.Progress) -> None:
        """Keep it."""
        self.told.append(progress)

    def failed(self, id: int, error: LivedraftError) -> None:
        """Keep it."""
        self.failures.append((id, error))


def _seed(progress: Progress) -> int:
    assert isinstance(progress.job, FakeJob)
    return seed_of(progress.job.request.params) or 0
