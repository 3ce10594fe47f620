"""Jobs without an end of their own: in time, as far as there is room, and gone at a word."""

import asyncio
from collections.abc import Callable, Sequence

import pytest
from tests.doubles import FakeClock, FakeSink
from tests.runtime.sessions.turning import eventually, no_pictures

from livedraft.media.chunks import AudioChunk, VideoChunk
from livedraft.runtime.engine.engine import Engine
from livedraft.runtime.models.base import LEAD_US, AnyModel
from livedraft.runtime.models.metronome import TICK_US, Metronome, MetronomeJob
from livedraft.runtime.sessions.runner import Runner

pytestmark = pytest.mark.anyio


class Ticking:
    """A metronome before a sink, and a clock that is moved by hand."""

    def __init__(self, model: AnyModel | None = None) -> None:
        self.clock = FakeClock()
        self.sink = FakeSink()
        self.timers: list[Callable[[], None]] = []
        self.engine = Engine(models={"metronome": model or Metronome()})
        self.runner = Runner(
            [self.engine],
            no_pictures,
            clock=self.clock,
            later=lambda seconds, call: self.timers.append(call),
        )
        self.session = self.runner.open("metronome", {"beat_ms": 200}, self.sink)

    async def __aenter__(self) -> "Ticking":
        self._running = asyncio.create_task(self.runner.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.session.close()
        await self.runner.drain()
        await self.runner.released()
        self._running.cancel()
        self.engine.close()

    @property
    def ticks(self) -> list[int]:
        """When each frame is shown, in ticks."""
        outputs = [result.output for result in self.sink.results]
        return [each.pts // TICK_US for each in outputs if isinstance(each, VideoChunk)]

    async def rested(self) -> None:
        """Return when the job waits for its time."""
        await eventually(lambda: bool(self.timers))

    async def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        timers, self.timers = self.timers, []
        for call in timers:
            call()
        await self.rested()


LEAD = LEAD_US // TICK_US


async def test_it_runs_a_little_ahead_of_its_clock_and_no_further() -> None:
    async with Ticking() as made:
        made.session.update(1, {})
        await made.rested()
        assert made.ticks == list(range(LEAD + 1))
        await made.advance(1.0)
        assert made.ticks == list(range(25 + LEAD + 1))
        sounds = [r.output for r in made.sink.results if isinstance(r.output, AudioChunk)]
        assert [each.pts // TICK_US for each in sounds] == made.ticks
        assert [bool(each.samples.any()) for each in sounds[:6]] == [True, *[False] * 4, True]


class Hurried(Metronome):
    """A metronome that is made just in time."""

    def step(self, jobs: Sequence[MetronomeJob]) -> None:
        super().step(jobs)
        for job in jobs:
            job.lead = TICK_US


async def test_a_model_says_how_far_ahead_it_is_made() -> None:
    async with Ticking(Hurried()) as made:
        made.session.update(1, {})
        await made.rested()
        assert made.ticks == [0, 1]
        await made.advance(1.0)
        assert made.ticks == list(range(25 + 2))


async def test_it_waits_for_room_and_goes_on_where_it_was() -> None:
    async with Ticking() as made:
        made.session.update(1, {})
        await made.rested()
        made.sink.ready = False
        made.clock.advance(0.2)
        made.timers.pop()()
        await asyncio.sleep(0)
        assert made.ticks == list(range(LEAD + 1))
        made.sink.ready = True
        made.session.wake()
        await made.rested()
        assert made.ticks == list(range(LEAD + 1 + 5))


async def test_new_params_shape_what_comes_without_a_gap() -> None:
    async with Ticking() as made:
        made.session.update(1, {})
        await made.rested()
        made.session.update(2, {"beat_ms": 400})
        await made.advance(0.4)
        assert made.ticks == list(range(10 + LEAD + 1))
        ids = [result.id for result in made.sink.results]
        assert ids == sorted(ids)
        assert ids[-1] == 2
        beats = [r.output for r in made.sink.results if isinstance(r.output, AudioChunk)]
        later = [each.pts // TICK_US for each in beats[LEAD + 1 :] if each.samples.any()]
        assert later == [10]


@pytest.mark.parametrize("word", ["cancel", "detach", "close"])
async def test_a_word_ends_it(word: str) -> None:
    async with Ticking() as made:
        made.session.update(1, {})
        await made.rested()
        before = len(made.sink.results)
        getattr(made.session, word)()
        await eventually(lambda: made.runner.under_way == 0)
        assert len(made.sink.results) == before


async def test_a_server_that_stops_waits_for_none() -> None:
    async with Ticking() as made:
        made.session.update(1, {})
        await made.rested()
        async with asyncio.timeout(10):
            await made.runner.drain()
        assert made.sink.failures == []
