"""Faults in a row of calls: each is the task's that is at fault, and told with its phase."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.doubles import FakeClock, FakeEngine, FakeSink
from tests.runtime.sessions.hopping import phases, serving
from tests.runtime.sessions.turning import eventually, no_pictures, until

from livedraft.errors import ModelFailed
from livedraft.runtime.engine.engine import Engine
from livedraft.runtime.models.base import ModelInfo
from livedraft.runtime.models.echo import Echo, EchoJob
from livedraft.runtime.sessions.result import Result
from livedraft.runtime.sessions.runner import Runner
from livedraft.runtime.sessions.scheduler import Scheduler

pytestmark = pytest.mark.anyio

EVERY = Echo.info.preview_every


class Faulty(Echo):
    """A null model whose second step fails the jobs that are asked to."""

    info: ModelInfo = replace(Echo.info, draft_steps=3, preview_every=0)

    def step(self, jobs: Sequence[EchoJob]) -> None:
        if any(job.fail and job.step == 1 for job in jobs):
            raise ZeroDivisionError("the second step")
        for job in jobs:
            job.step += 1


async def test_a_fault_in_the_second_step_of_a_hop_is_one_jobs() -> None:
    engine, good, bad = Engine(models={"echo": Faulty()}), FakeSink(), FakeSink()
    async with serving(engine) as runner:
        lives = [runner.open("echo", {"fail": sink is bad}, sink) for sink in (good, bad)]
        for live in lives:
            live.update(1, {})
        await eventually(lambda: bool(good.results) and bool(bad.failures))
        ((id, error),) = bad.failures
        assert (id, type(error), bad.results, good.failures) == (1, ModelFailed, [], [])
        assert "step of the model 'echo' failed: ZeroDivisionError" in error.message
        lives[1].update(2, {"fail": False})
        await eventually(lambda: bool(bad.results))
    engine.close()


class Breaking(FakeSink):
    """A transport's end with a fault of ours."""

    def take(self, result: Result) -> None:
        super().take(result)
        raise ZeroDivisionError("of ours")


async def test_a_fault_at_a_preview_ends_a_refine_that_is_on_its_way() -> None:
    engine, sink, other = FakeEngine(manual=True), Breaking(), FakeSink()
    async with serving(engine) as runner:
        live = runner.open("echo", {"steps": 9, "seed": 1}, sink)
        live.refine(1, {})
        engine.let_through(1 + EVERY + 1)
        await until(lambda: bool(sink.failures))
        assert [error.code for _, error in sink.failures] == ["engine"]
        assert phases(engine, 1) == ["prepare", *["step"] * EVERY, "emit", "step"]
        assert (live.refining, runner.under_way) == (None, 0)
        engine.let_through(99)
        runner.open("echo", {"seed": 2}, other).update(1, {})
        await until(lambda: bool(other.results))
        assert phases(engine, 1)[-1:] == ["step"]
        assert len(phases(engine, 1)) == 1 + EVERY + 2, "what was begun is not gone on with"
        assert len(sink.results) == 1


async def test_whose_request_cannot_be_made_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, good, bad = FakeEngine(), FakeSink(), FakeSink()
    async with serving(engine) as runner:
        broken = runner.open("echo", {}, bad)
        monkeypatch.setattr(broken, "timeline", None)
        broken.update(1, {})
        await until(lambda: bool(bad.failures))
        assert [error.code for _, error in bad.failures] == ["engine"]
        runner.open("echo", {}, good).update(1, {})
        await until(lambda: bool(good.results))


async def test_a_fault_of_whose_turn_it_is_ends_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(models={"echo": Echo()})
    runner = Runner([engine], no_pictures)
    running = asyncio.create_task(runner.run())
    monkeypatch.setattr(Scheduler, "next", lambda line: 1 / 0)
    runner.open("echo", {}, FakeSink()).update(1, {})
    with pytest.raises(ExceptionGroup) as raised:
        await running
    assert isinstance(raised.value.exceptions[0], ZeroDivisionError)
    engine.close()


class Hanging(Echo):
    """A null model whose clock moves on in its third step, which waits to be let go."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.held = threading.Event()

    def step(self, jobs: Sequence[EchoJob]) -> None:
        if jobs[0].step == 2:
            self._clock.advance(1.0)
            self.held.wait()
        super().step(jobs)


async def test_all_who_wait_for_a_third_step_that_hangs_are_told_of_it() -> None:
    clock = FakeClock()
    model, late = Hanging(clock), list[tuple[str, str]]()
    engine = Engine(
        models={"echo": model}, limit_s=0.01, clock=clock, on_late=lambda *call: late.append(call)
    )
    sinks = [FakeSink() for _ in range(4)]
    async with serving(engine, clock) as runner:
        lives = [runner.open("echo", {"steps": 9}, sink) for sink in sinks]
        lives[0].refine(1, {})
        await eventually(lambda: bool(engine.late))
        for live in lives[1:]:
            live.update(1, {})
        await eventually(lambda: all(sink.failures for sink in sinks))
        for sink in sinks:
            ((_, error),) = sink.failures
            assert error.message == "step of the model 'echo' has not returned for 1 s"
        assert (late, runner.under_way) == ([("echo", "step")], 0)
        before = len(sinks[0].results)
        model.held.set()
        await eventually(lambda: not engine.late)
        for live in lives:
            live.update(2, {})
        await eventually(lambda: all(sink.results and sink.results[-1].id == 2 for sink in sinks))
        assert [result.id for result in sinks[0].results[before:]] == [2], "what it gave is let be"
        assert all(len(sink.failures) == 1 for sink in sinks)
    engine.close()
