"""Sessions on a fake engine whose calls are let through by hand: every rule, no sleeping."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from tests.doubles import FakeClock, FakeEngine, FakeSink
from tests.runtime.sessions.turning import until

from livedraft.errors import InvalidImage, ModelFailed, ModelNotFound
from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels
from livedraft.runtime.sessions.runner import Runner
from livedraft.runtime.sessions.session import Session

pytestmark = pytest.mark.anyio


async def decode(encoded: bytes, *_: object) -> Pixels:
    if encoded == b"damaged":
        raise InvalidImage("damaged")
    return np.full((1, 1, 3), len(encoded), np.uint8)


@asynccontextmanager
async def running(engine: FakeEngine, clock: FakeClock | None = None) -> AsyncIterator[Runner]:
    runner = Runner([engine], decode, clock=clock or FakeClock())
    task = asyncio.create_task(runner.run())
    try:
        yield runner
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def start(runner: Runner, sink: FakeSink, **params: object) -> Session:
    return runner.open("echo", params, sink)


async def test_an_input_becomes_a_draft() -> None:
    async with running(FakeEngine()) as runner:
        sink = FakeSink()
        live = start(runner, sink, prompt="a fox", seed=3)
        live.input(1, {"sketch": b"abc"}, {})
        await until(lambda: bool(sink.results))
        (picture,) = sink.results
        assert (picture.id, picture.stage, picture.seed) == (1, Stage.DRAFT, 3)
        assert picture.params["prompt"] == "a fox"
        assert list(picture.moments) == ["received", "queued", "prepared", "stepped", "decoded"]
        assert live.pixels["sketch"][0, 0, 0] == 3


async def test_the_newest_wins_while_a_draft_is_made() -> None:
    engine = FakeEngine(manual=True)
    async with running(engine) as runner:
        sink = FakeSink()
        live = start(runner, sink)
        live.update(1, {"seed": 1})
        await until(lambda: len(engine.calls) == 1)
        for id in range(2, 50):
            live.update(id, {"seed": id})
        engine.let_through(6)
        await until(lambda: len(sink.results) == 2)
        assert [(p.id, p.dropped) for p in sink.results] == [(1, 0), (49, 47)]


async def test_an_unchanged_input_stays_the_same_array() -> None:
    engine = FakeEngine()
    async with running(engine) as runner:
        sink = FakeSink()
        live = start(runner, sink)
        live.input(1, {"sketch": b"abc"}, {})
        await until(lambda: len(sink.results) == 1)
        before = live.pixels["sketch"]
        live.update(2, {"seed": 2})
        await until(lambda: len(sink.results) == 2)
        assert live.pixels["sketch"] is before
        live.input(3, {"sketch": b""}, {})
        await until(lambda: len(sink.results) == 3)
        assert live.pixels == {}


async def test_sessions_share_model_calls() -> None:
    engine = FakeEngine(manual=True)
    async with running(engine) as runner:
        sinks = [FakeSink() for _ in range(4)]
        lives = [start(runner, sink) for sink in sinks]
        lives[0].update(1, {"seed": 0})
        await until(lambda: len(engine.calls) == 1)
        for seed, live in enumerate(lives[1:], start=1):
            live.update(1, {"seed": seed})
        engine.let_through(9)
        await until(lambda: all(sink.results for sink in sinks))
        assert ("step", [1, 2, 3]) in engine.calls
        assert sinks[2].results[0].batch == 3


async def test_a_refine_gives_way_at_a_step_boundary_and_goes_on() -> None:
    engine = FakeEngine(manual=True)
    async with running(engine) as runner:
        refining, drawing = FakeSink(), FakeSink()
        start(runner, refining, seed=1, steps=3).refine(1, {})
        other = start(runner, drawing, seed=2)
        engine.let_through(1)  # prepare of the refine
        await until(lambda: engine.calls[-1:] == [("step", [1])])
        other.update(1, {})
        engine.let_through(20)
        await until(lambda: len(refining.results) == 2 and bool(drawing.results))
        assert [verb for verb, seeds in engine.calls if seeds == [2]] == [
            "prepare", "step", "emit",
        ]  # fmt: skip
        assert engine.calls.index(("emit", [2])) < len(engine.calls) - 2
        assert [p.stage for p in refining.results] == [Stage.PREVIEW, Stage.FINAL]


async def test_a_newer_input_ends_the_refine_within_a_step() -> None:
    engine = FakeEngine(manual=True)
    async with running(engine) as runner:
        sink = FakeSink()
        live = start(runner, sink, steps=50, seed=1)
        live.refine(1, {})
        engine.let_through(1)
        await until(lambda: engine.calls[-1:] == [("step", [1])])
        live.update(2, {"seed": 2})
        engine.let_through(10)
        await until(lambda: bool(sink.results))
        assert [p.id for p in sink.results] == [2]
        assert engine.calls.count(("step", [1])) == 1


async def test_a_failing_job_fails_alone() -> None:
    engine = FakeEngine(manual=True)
    engine.failing = {13}
    async with running(engine) as runner:
        good, bad = FakeSink(), FakeSink()
        lives = [start(runner, FakeSink()), start(runner, good), start(runner, bad)]
        lives[0].update(1, {"seed": 0})
        await until(lambda: len(engine.calls) == 1)
        lives[1].update(1, {"seed": 1})
        lives[2].update(1, {"seed": 13})
        engine.let_through(9)
        await until(lambda: bool(good.results) and bool(bad.failures))
        assert [(id, type(error)) for id, error in bad.failures] == [(1, ModelFailed)]
        lives[2].update(2, {"seed": 14})
        engine.let_through(9)
        await until(lambda: bool(bad.results))
        assert bad.results[0].id == 2


async def test_a_damaged_picture_leaves_the_one_before() -> None:
    async with running(FakeEngine()) as runner:
        sink = FakeSink()
        live = start(runner, sink)
        live.input(1, {"sketch": b"abc"}, {})
        await until(lambda: len(sink.results) == 1)
        live.input(2, {"sketch": b"damaged"}, {})
        await until(lambda: bool(sink.failures))
        assert [(id, error.code) for id, error in sink.failures] == [(2, "invalid_image")]
        assert live.pixels["sketch"][0, 0, 0] == 3


async def test_a_client_gone_stops_work_and_frees_the_state() -> None:
    engine = FakeEngine(manual=True)
    async with running(engine) as runner:
        sink = FakeSink()
        live = start(runner, sink, steps=50, seed=1)
        live.refine(1, {})
        engine.let_through(1)
        await until(lambda: engine.calls[-1:] == [("step", [1])])
        live.close()
        engine.let_through(50)
        await until(lambda: engine.released == 1)
        assert runner.under_way == 0
        assert sink.results == []
        assert engine.calls.count(("step", [1])) == 1


async def test_drain_waits_for_what_has_begun_and_begins_nothing() -> None:
    engine = FakeEngine(manual=True)
    async with running(engine) as runner:
        sink = FakeSink()
        live = start(runner, sink)
        live.update(1, {"seed": 1})
        await until(lambda: len(engine.calls) == 1)
        drained = asyncio.create_task(runner.drain())
        await asyncio.sleep(0)
        live.update(2, {"seed": 2})
        assert not drained.done()
        engine.let_through(9)
        await drained
        assert [p.id for p in sink.results] == [1]


async def test_an_unknown_model_names_the_closest() -> None:
    async with running(FakeEngine()) as runner:
        with pytest.raises(ModelNotFound, match="did you mean 'echo'"):
            runner.open("ecco", {}, FakeSink())


async def test_a_refine_waits_for_the_picture_that_came_before_it() -> None:
    engine, gate = FakeEngine(), asyncio.Event()

    async def slow(encoded: bytes, *_: object) -> Pixels:
        await gate.wait()
        return await decode(encoded)

    runner = Runner([engine], slow, clock=FakeClock())
    task = asyncio.create_task(runner.run())
    sink = FakeSink()
    live = start(runner, sink)
    live.input(1, {"sketch": b"abc"}, {})
    live.refine(2, {"steps": 1})
    for _ in range(20):  # turns in which a refine that did not wait would run
        await asyncio.sleep(0)
    assert engine.calls == []
    gate.set()
    await until(lambda: len(sink.results) == 2)
    assert [(p.id, p.stage) for p in sink.results] == [(1, Stage.DRAFT), (2, Stage.FINAL)]
    task.cancel()
