"""Jobs whose work is done elsewhere: their lane serves others, and what ends early is freed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest
from tests.doubles import FakeSink
from tests.runtime.sessions.turning import eventually, no_pictures

from livedraft.errors import ModelFailed
from livedraft.media.chunks import Still
from livedraft.protocol.messages import Stage
from livedraft.runtime.engine.engine import Engine
from livedraft.runtime.models.base import DEFAULT_PLAN, Job, ModelInfo, Params, Request
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.models.mixins import SeedParams
from livedraft.runtime.models.null import Null
from livedraft.runtime.models.painter import painted
from livedraft.runtime.sessions.runner import Runner
from livedraft.runtime.warming import warm_up

pytestmark = pytest.mark.anyio


@dataclass(slots=True, eq=False)
class ElseJob(Job):
    """Waits for one future a step."""

    seed: int = 0


class Elsewhere(Null[SeedParams, None, ElseJob]):
    """Makes a picture of two steps, each of which waits for its test."""

    info: ModelInfo = painted("elsewhere", "Elsewhere", width=8, height=8, takes=(), max_steps=2)
    params: ClassVar[type[Params]] = SeedParams
    warms: ClassVar[bool] = False

    def __init__(self) -> None:
        self.futures: list[Future[Any]] = []
        self.stepped: list[int] = []  # seeds
        self.given_up: list[int] = []
        self.wrong: Any = None

    def open(self) -> None:
        """Keep nothing."""

    def _wait(self, job: ElseJob) -> None:
        waits: Future[Any] = self.wrong or Future()
        job.waits = waits
        self.futures.append(waits)

    def prepare(self, items: Sequence[tuple[None, Request[SeedParams]]]) -> list[ElseJob]:
        """Wait from the beginning."""
        jobs = [ElseJob("k", 2, seed=request.params.seed) for _, request in items]
        for job in jobs:
            self._wait(job)
        return jobs

    def step(self, jobs: Sequence[ElseJob]) -> None:
        """Take what came, and wait for the next."""
        for job in jobs:
            assert job.waits is not None
            assert job.waits.done(), "it was not to be stepped yet"
            self.stepped.append(job.seed)
            job.waits.result()
            job.step += 1
            self._wait(job)

    def emit(self, jobs: Sequence[ElseJob]) -> list[list[Still]]:
        """Return grey."""
        return [[Still(np.zeros((8, 8, 3), np.uint8))] for _ in jobs]

    def give_up(self, job: ElseJob) -> None:
        """Remember which."""
        self.given_up.append(job.seed)


@dataclass
class Running:
    """A runner with both models on one lane."""

    model: Elsewhere
    runner: Runner
    engine: Engine


@asynccontextmanager
async def running() -> AsyncIterator[Running]:
    model = Elsewhere()
    engine = Engine(models={"elsewhere": model, "echo": Echo()})
    runner = Runner([engine], no_pictures)
    going = asyncio.create_task(runner.run())
    try:
        yield Running(model, runner, engine)
    finally:
        for future in model.futures:
            if not future.done():
                future.set_result(None)
        await runner.released()
        going.cancel()
        engine.close()


async def counted(things: Sequence[Any], count: int) -> None:
    """Return when there are so many."""
    await eventually(lambda: len(things) == count)


async def test_others_are_served_while_a_job_waits_and_it_wakes_when_that_is_done() -> None:
    async with running() as made:
        sink, other = FakeSink(), FakeSink()
        waiting = made.runner.open("elsewhere", {}, sink)
        waiting.update(1, {"seed": 1})
        await counted(made.model.futures, 1)
        echo = made.runner.open("echo", {}, other)
        for number in range(1, 20):
            echo.update(number, {"seed": number})
            await counted(other.results, number)
        assert made.model.stepped == []
        for at in range(2):
            made.model.futures[at].set_result(None)
            await counted(made.model.stepped, at + 1)
        await counted(sink.results, 1)
        assert sink.results[0].stage is Stage.DRAFT
        assert made.model.given_up == [], "it came to its end"
        for session in (waiting, echo):
            session.close()


async def test_many_wait_at_once_and_each_goes_on_by_its_own() -> None:
    async with running() as made:
        sinks = [FakeSink() for _ in range(8)]
        sessions = [made.runner.open("elsewhere", {"seed": n}, s) for n, s in enumerate(sinks)]
        for number, session in enumerate(sessions):
            session.update(1, {})
            await counted(made.model.futures, number + 1)
        for at in (5, 2):
            made.model.futures[at].set_result(None)
        await counted(made.model.stepped, 2)
        assert sorted(made.model.stepped) == [2, 5]
        for session in sessions:
            session.close()


@pytest.mark.parametrize("steps", [0, 1])
async def test_a_job_is_given_up_at_once_though_what_it_waits_for_never_comes(steps: int) -> None:
    """By a newer word for a refine, by its session's end for a draft."""
    async with running() as made:
        session = made.runner.open("elsewhere", {"seed": 7}, FakeSink())
        session.refine(1, {})
        await counted(made.model.futures, 1)
        for at in range(steps):
            made.model.futures[at].set_result(None)
            await counted(made.model.futures, at + 2)
        session.cancel()
        await counted(made.model.given_up, 1)
        assert made.runner.under_way == 0
        session.update(2, {})
        await counted(made.model.futures, steps + 2)
        session.close()
        await counted(made.model.given_up, 2)
        assert made.runner.under_way == 0


async def test_a_failure_elsewhere_fails_its_job_alone_and_frees_it() -> None:
    async with running() as made:
        sinks = FakeSink(), FakeSink()
        sessions = [made.runner.open("elsewhere", {"seed": n}, s) for n, s in enumerate(sinks)]
        for number, session in enumerate(sessions):
            session.update(1, {})
            await counted(made.model.futures, number + 1)
        made.model.futures[0].set_exception(ModelFailed("gone", fix="again"))
        made.model.futures[1].set_result(None)
        await counted(sinks[0].failures, 1)
        await counted(made.model.stepped, 2)
        assert sinks[0].failures[0][1].message == "gone"
        assert sinks[1].failures == []
        await eventually(lambda: made.model.given_up == [0])
        for session in sessions:
            session.close()


async def test_what_a_job_waits_for_is_a_future() -> None:
    async with running() as made:
        made.model.wrong = asyncio.sleep
        sink = FakeSink()
        session = made.runner.open("elsewhere", {}, sink)
        session.update(1, {})
        await counted(sink.failures, 1)
        assert "not a Future" in sink.failures[0][1].message
        made.model.futures.clear()
        session.close()


async def test_what_costs_is_not_warmed_up() -> None:
    """The control: it is where the model does not say so."""
    async with running() as made:
        plan = DEFAULT_PLAN
        await warm_up(made.engine, "elsewhere", plan)
        assert made.model.futures == []
        counts: list[int] = []
        await warm_up(made.engine, "echo", plan, lambda count, every: counts.append(count))
        assert counts == [0, 1, 2]
