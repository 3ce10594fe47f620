"""From call to call without the loop: every rule holds at every boundary all the same."""

import asyncio
import random
import threading

import pytest
from tests.doubles import FakeClock, FakeEngine, FakeSink
from tests.runtime.sessions.hopping import Gated, phases, serving, turned
from tests.runtime.sessions.turning import eventually, until

from livedraft.errors import LivedraftError
from livedraft.media.chunks import Still
from livedraft.protocol.messages import Stage
from livedraft.runtime.engine.engine import Engine
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.sessions.account import Phase
from livedraft.runtime.sessions.result import Result

pytestmark = pytest.mark.anyio

EVERY = Echo.info.preview_every
MADE = ["prepare", "step", "emit"]  # a draft of one step


async def test_a_draft_alone_is_made_while_the_loop_does_something_else() -> None:
    model = Gated(draft_steps=5)
    engine, sink = Engine(models={"echo": model}), FakeSink()
    async with serving(engine) as runner:
        runner.open("echo", {}, sink).update(1, {})
        await eventually(model.inside.is_set)
        model.go.set()
        assert model.out.wait(10), "the loop is in this line all the while"
        assert sink.results == []
        await eventually(lambda: bool(sink.results))
        assert (sink.results[0].step, sink.results[0].steps) == (5, 5)
    engine.close()


async def test_several_in_line_do_not_wait_for_the_loop_either() -> None:
    models = [Gated("a"), Gated("b"), Gated("c", jobs=1)]
    engine = Engine(models={each.info.id: each for each in models})
    sinks = [FakeSink() for _ in models]
    async with serving(engine) as runner:
        lives = [
            runner.open(each.info.id, {"steps": 20}, sink)
            for each, sink in zip(models, sinks, strict=True)
        ]
        for live in lives[:2]:
            live.update(1, {})
        lives[2].refine(1, {})
        await eventually(models[0].inside.is_set)
        for _ in range(5):  # so that the others are in line
            await asyncio.sleep(0)
        for model in models:
            model.go.set()
        for model in models:
            assert model.out.wait(10), "the loop is in this line all the while"
        await eventually(lambda: all(sink.results for sink in sinks))
        assert [sink.results[0].step for sink in sinks] == [3, 3, 20]
    engine.close()


@pytest.mark.parametrize("at", range(1, 7))
async def test_who_comes_during_a_run_of_steps_gets_the_next_call(at: int) -> None:
    engine = FakeEngine(manual=True)
    async with serving(engine) as runner:
        refining, drawing = FakeSink(), FakeSink()
        runner.open("echo", {"seed": 1, "steps": 4}, refining).refine(1, {})
        engine.let_through(at - 1)
        await until(lambda: len(engine.calls) == at)
        runner.open("echo", {"seed": 2}, drawing).update(1, {})
        await turned()
        engine.let_through(len(MADE) + 1)
        await until(lambda: bool(drawing.results))
        assert [seeds for _, seeds in engine.calls[at : at + len(MADE)]] == [[2]] * len(MADE)
        engine.let_through(9)
        await until(lambda: bool(refining.results) and refining.results[-1].stage is Stage.FINAL)
        assert phases(engine, 1) == ["prepare", "step", "step", "emit", "step", "step", "emit"]


@pytest.mark.parametrize("word", ["update", "refine", "cancel", "detach", "close"])
@pytest.mark.parametrize("at", range(1, 6))
async def test_a_refine_is_given_up_at_the_next_boundary(at: int, word: str) -> None:
    engine, sink = FakeEngine(manual=True), FakeSink()
    async with serving(engine) as runner:
        live = runner.open("echo", {"seed": 1, "steps": 9}, sink)
        live.refine(1, {})
        engine.let_through(at - 1)
        await until(lambda: len(engine.calls) == at)
        before = list(engine.calls)
        if word in ("update", "refine"):
            getattr(live, word)(2, {"seed": 2})
        else:
            getattr(live, word)()
        shown = len(sink.results)
        engine.let_through(1)
        await turned()
        assert phases(engine, 1) == [verb for verb, _ in before], "nothing of it begins any more"
        assert all(result.id != 1 for result in sink.results[shown:])
        engine.let_through(50)
        await until(lambda: runner.under_way == 0)
        assert (2 in [result.id for result in sink.results]) == (word in ("update", "refine"))


async def test_nothing_begins_of_what_is_given_up_at_the_last_moment() -> None:
    engine, sinks = FakeEngine(manual=True), [FakeSink(), FakeSink(), FakeSink()]
    async with serving(engine) as runner:
        lives = [runner.open("echo", {"seed": n}, sink) for n, sink in enumerate(sinks)]
        lives[0].update(1, {})
        await until(lambda: len(engine.calls) == 1)
        for live in lives[1:]:
            live.refine(1, {"steps": 1})
        await turned()
        assert lives[1].refining is not None
        lives[1].refining.given_up = True  # by the loop, as the thread comes out of a call
        engine.let_through(99)
        await until(lambda: runner.under_way == 0)
        assert phases(engine, 1) == []
        assert [len(sink.results) for sink in sinks] == [1, 0, 1]


@pytest.mark.parametrize("steps", [1, EVERY, EVERY + 1, 4 * EVERY])
async def test_previews_come_at_their_steps_with_their_own_times(steps: int) -> None:
    clock = FakeClock()
    engine, sink = FakeEngine(clock=clock, call_s=1.0), FakeSink()
    async with serving(engine, clock) as runner:
        runner.open("echo", {"steps": steps}, sink).refine(1, {})
        await until(lambda: bool(sink.results) and sink.results[-1].stage is Stage.FINAL)
    assert [result.step for result in sink.results] == [*range(EVERY, steps, EVERY), steps]
    for number, result in enumerate(sink.results):
        calls = 1 + result.step + number + 1  # prepare, steps, those shown before, and this one
        assert result.model_s == calls
        assert result.moments["prepared"] == 1.0
        assert result.moments["stepped"] == calls - 1.0
        assert result.moments["decoded"] == calls
        assert isinstance(result.output, Still)
        assert result.output.pixels[0, 0, 0] == result.step


async def test_no_preview_is_made_for_who_has_no_room() -> None:
    engine, sink = FakeEngine(manual=True), FakeSink()
    async with serving(engine) as runner:
        runner.open("echo", {"steps": 3 * EVERY, "seed": 1}, sink).refine(1, {})
        await until(lambda: len(engine.calls) == 1)
        sink.ready = False
        engine.let_through(EVERY + 1)
        await until(lambda: phases(engine, 1).count("step") == EVERY + 1)
        sink.ready = True
        engine.let_through(99)
        await until(lambda: runner.under_way == 0)
    assert [result.step for result in sink.results] == [2 * EVERY, 3 * EVERY]


@pytest.mark.parametrize("room", [1, 2, 8])
async def test_each_phase_is_charged_with_its_own_calls(room: int) -> None:
    clock = FakeClock()
    engine = FakeEngine(clock=clock, call_s=0.5)
    engine.room = room
    async with serving(engine, clock) as runner:
        sinks = [FakeSink(), FakeSink()]
        lives = [runner.open("echo", {"seed": n}, sink) for n, sink in enumerate(sinks)]
        for live in lives:
            live.update(1, {})
        await until(lambda: runner.under_way == 0)
    shared = [0.25, 0.5 / min(room, 2), 0.5 / min(room, 2)]
    for live in lives:
        account = live.uses.drafting.account
        phases_of_all = (Phase.PREPARE, Phase.STEP, Phase.EMIT)
        assert [account.costs[Stage.DRAFT, phase] for phase in phases_of_all] == shared
        assert account.served == {Stage.DRAFT: sum(shared)}


class OnTheLoop(FakeSink):
    """A transport's end that minds who calls it."""

    def __init__(self) -> None:
        self._loop = threading.get_ident()
        self.room = True
        super().__init__()

    @property
    def ready(self) -> bool:
        assert threading.get_ident() == self._loop
        return self.room

    @ready.setter
    def ready(self, room: bool) -> None:
        self.room = room

    def take(self, result: Result) -> None:
        assert threading.get_ident() == self._loop
        super().take(result)

    def failed(self, id: int, error: LivedraftError) -> None:
        raise AssertionError(f"{id} failed: {error}")


@pytest.mark.parametrize("seed", range(5))
async def test_whatever_sessions_do_meanwhile_all_comes_to_its_end(seed: int) -> None:
    """On a thread of its own, so that the loop meets it at boundaries nobody chose."""
    chance = random.Random(seed)
    engine = Engine(models={"echo": Echo(), "other": Gated("other", jobs=0)})
    model = engine.models["other"]
    assert isinstance(model, Gated)
    model.go.set()
    async with serving(engine) as runner:
        sinks = [OnTheLoop() for _ in range(6)]
        lives = [
            runner.open(chance.choice(["echo", "other"]), {"steps": 7}, sink) for sink in sinks
        ]
        for id in range(1, 301):
            live = chance.choice(lives)
            word = chance.choice(["update", "update", "refine", "cancel", "detach"])
            if live.sink is None:
                live.attach(sinks[lives.index(live)])
            if word in ("update", "refine"):
                getattr(live, word)(id, {"seed": id})
            else:
                getattr(live, word)()
            for _ in range(chance.randrange(4)):
                await asyncio.sleep(0)
        for live, sink in zip(lives, sinks, strict=True):
            if live.sink is None:
                live.attach(sink)
            live.update(1000, {})
        await eventually(lambda: runner.under_way == 0)
        assert [sink.results[-1].id for sink in sinks] == [1000] * 6
        for sink in sinks:
            ids = [result.id for result in sink.results]
            assert ids == sorted(ids), "no older one after a newer one"
        for live in lives:
            live.close()
        await runner.released()
        assert not any(live.uses.drafting.cell.opened for live in lives)
    engine.close()
