"""Lanes: what is slow on one keeps nobody on another waiting."""

import asyncio
from dataclasses import replace
from functools import partial

import pytest
from tests.doubles import FakeClock, FakeEngine, FakeSink
from tests.runtime.sessions.turning import no_pictures, until

from livedraft.errors import ModelFailed
from livedraft.runtime.models.base import ModelInfo
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.sessions.runner import Runner

pytestmark = pytest.mark.anyio


class Other(Echo):
    """Another model."""

    info: ModelInfo = replace(Echo.info, id="other")


class TwoLanes:
    """A lane that is held, and one that is not, with a session on each."""

    def __init__(self) -> None:
        self.slow = FakeEngine({"echo": Echo()}, manual=True)
        self.quick = FakeEngine({"other": Other()})
        self.runner = Runner(
            [self.slow, self.quick],
            no_pictures,
            clock=FakeClock(),
        )
        self.waits, self.goes = FakeSink(), FakeSink()

    async def __aenter__(self) -> "TwoLanes":
        self._running = asyncio.create_task(self.runner.run())
        return self

    def answered(self, count: int) -> bool:
        return len(self.goes.results) == count

    async def __aexit__(self, *_: object) -> None:
        self.slow.let_through(100)
        await self.runner.drain()
        self._running.cancel()


async def test_a_step_of_one_lane_holds_up_no_other() -> None:
    async with TwoLanes() as made:
        held = made.runner.open("echo", {}, made.waits)
        held.update(1, {})
        await until(lambda: made.slow.calls == [("prepare", [42])])
        other = made.runner.open("other", {}, made.goes)
        for id in range(1, 101):
            other.update(id, {})
            await until(partial(made.answered, id))
        assert made.waits.results == []
        assert len(made.slow.calls) == 1, "which has not returned all the while"
        made.slow.let_through(3)
        await until(lambda: len(made.waits.results) == 1)


async def test_the_first_model_of_the_first_lane_is_the_default() -> None:
    async with TwoLanes() as made:
        assert list(made.runner.models) == ["echo", "other"]
        assert made.runner.open("", {}, made.waits).info.id == "echo"


async def test_each_lane_frees_the_states_of_its_own_sessions() -> None:
    async with TwoLanes() as made:
        session = made.runner.open("other", {}, made.goes)
        session.close()
        await made.runner.released()
        assert (made.slow.released, made.quick.released) == (0, 1)


async def test_a_lane_that_hangs_is_told_of_and_the_other_serves() -> None:
    async with TwoLanes() as made:
        made.slow.late = "step of the model 'echo' has not returned"
        assert made.runner.late == made.slow.late
        made.runner.open("other", {}, made.goes).update(1, {})
        await until(lambda: len(made.goes.results) == 1)


async def test_a_fault_of_one_lane_is_its_own() -> None:
    async with TwoLanes() as made:
        made.quick.failing.add(7)
        session = made.runner.open("other", {"seed": 7}, made.goes)
        session.update(1, {})
        await until(lambda: len(made.goes.failures) == 1)
        assert isinstance(made.goes.failures[0][1], ModelFailed)
        session.update(2, {"seed": 8})
        await until(lambda: len(made.goes.results) == 1)
