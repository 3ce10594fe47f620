"""One picture without a connection: nothing but the final one, and nothing left behind."""

import asyncio
from dataclasses import replace

import pytest
from tests.doubles import FakeClock, FakeEngine
from tests.runtime.sessions.turning import no_pictures

from livedraft.errors import InvalidParams, ModelFailed, ModelNotFound
from livedraft.protocol.messages import Stage
from livedraft.runtime.sessions.oneshot import Asked, one_shot
from livedraft.runtime.sessions.result import Result
from livedraft.runtime.sessions.runner import Runner

pytestmark = pytest.mark.anyio


async def shoot(engine: FakeEngine, model: str = "", **params: object) -> Result:
    runner = Runner([engine], no_pictures, clock=FakeClock())
    running = asyncio.create_task(runner.run())
    try:
        return await one_shot(runner, Asked(model, {}, params, wants="picture"))
    finally:
        await runner.drain()
        running.cancel()


async def test_one_refine_is_made_without_drafts_or_previews() -> None:
    engine = FakeEngine()
    picture = await shoot(engine, seed=3, steps=5)
    assert (picture.model, picture.stage, picture.step, picture.seed) == ("echo", Stage.FINAL, 5, 3)
    verbs = [verb for verb, _ in engine.calls]
    assert verbs == ["prepare", *["step"] * 5, "emit"]


async def test_what_goes_wrong_comes_out() -> None:
    engine = FakeEngine()
    engine.failing.add(3)
    with pytest.raises(ModelFailed):
        await shoot(engine, seed=3)
    with pytest.raises(InvalidParams):
        await shoot(engine, sed=3)
    with pytest.raises(ModelNotFound):
        await shoot(engine, "ecko")


async def test_cancelling_it_ends_the_work() -> None:
    engine = FakeEngine(manual=True)
    runner = Runner([engine], no_pictures, clock=FakeClock())
    running = asyncio.create_task(runner.run())
    asked = asyncio.create_task(one_shot(runner, Asked("", {}, {"steps": 50})))
    engine.let_through(3)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    engine.let_through(3)
    async with asyncio.timeout(5):
        await runner.drain()
    assert len(engine.calls) < 10
    running.cancel()


async def test_the_recipe_and_the_timings_tell_all() -> None:
    picture = await shoot(FakeEngine(), prompt="a fox", steps=2)
    told = picture.recipe
    assert {name: told[name] for name in ("model", "stage", "seed", "steps")} == {
        "model": "echo",
        "stage": "final",
        "seed": 42,
        "steps": 2,
    }
    assert told["params"]["prompt"] == "a fox"
    moments = picture.moments | {"received": 1.0, "decoded": 1.5}
    late = replace(picture, moments=moments)
    assert late.timings(sent=1.75)["decoded"] == 500.0
    assert late.timings(sent=1.75)["sent"] == 750.0
