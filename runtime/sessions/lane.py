"""A device's lane: one engine, the line of tasks before it, and the loop that serves them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from livedraft.errors import LivedraftError

from ..clock import Clock
from ..engine.engine import Outcome
from ..engine.faults import unexpected
from ..models.base import Request
from .account import Phase
from .ports import StepEngine
from .scheduler import Scheduler
from .task import Task
from .use import renamed


class Lane:
    """Runs the tasks of an engine's models, batch after batch.

    ``done`` takes what a call gave for a task; ``failed`` is told of tasks that a fault of ours
    broke off.
    """

    def __init__(
        self,
        engine: StepEngine,
        *,
        clock: Clock,
        patience_s: float,
        done: Callable[[Task, Any], None],
        failed: Callable[[Sequence[Task], LivedraftError], None],
    ) -> None:
        self.engine = engine
        self._scheduler = Scheduler(clock=clock, patience_s=patience_s)
        self._done = done
        self._failed = failed
        self._wake = asyncio.Event()

    def __contains__(self, task: Task) -> bool:
        return task in self._scheduler

    def add(self, task: Task) -> None:
        """Put a task in line for its next phase."""
        self._scheduler.add(task)
        self._wake.set()

    def discard(self, task: Task) -> None:
        """Take a task out of the line, if it is there."""
        self._scheduler.discard(task)

    async def run(self) -> None:
        """Run batch after batch until cancelled."""
        while True:
            batch = self._scheduler.next()
            if batch:
                try:
                    await self._advance(batch)
                except Exception as error:  # a batch's boundary: what follows is served
                    self._failed(batch, unexpected(error, "a turn of the engine"))
            else:
                self._wake.clear()
                await self._wake.wait()

    async def _advance(self, batch: Sequence[Task]) -> None:
        """Run one engine call for a batch and hand over what it gave."""
        outcome = await self._call(batch[0].phase, batch)
        self._scheduler.charge(batch, outcome.seconds)
        for task, result in zip(batch, outcome.results, strict=True):
            task.model_s += outcome.seconds
            task.batch = max(task.batch, len(batch))
            try:
                self._done(task, result)
            except Exception as error:  # of one task: the others of its batch go on
                self._failed([task], unexpected(error, "a turn of the engine"))

    async def _call(self, phase: Phase, batch: Sequence[Task]) -> Outcome[Any]:
        model = batch[0].use.info.id
        if phase is Phase.PREPARE:
            items = [(task.use.cell, _request(task)) for task in batch]
            return await self.engine.prepare(model, items)
        jobs = [task.progress for task in batch if task.progress is not None]
        if phase is Phase.STEP:
            return await self.engine.step(model, jobs)
        return await self.engine.emit(model, jobs)


def _request(task: Task) -> Request[Any]:
    session, progress = task.session, task.progress
    video, audio = task.video, task.audio
    task.video, task.audio = {}, {}
    return Request(
        task.params,
        renamed(session.pixels, session.info, task.use.info),
        task.stage,
        task.steps,
        video,
        audio,
        session.timeline.at,
        progress.job if progress is not None else None,
    )
