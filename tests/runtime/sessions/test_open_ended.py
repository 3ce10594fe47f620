"""Jobs without an end of their own: in time, as far as there is room, and gone at a word."""

import asyncio
from collections.abc import Callable, Sequence

import pytest
from tests.doubles import FakeClock, FakeSink
from tests.runtime.sessions.turning import eventually, no_pictures

from livedraft.errors import InvalidImage
from livedraft.media.chunks import AudioChunk, VideoChunk
from livedraft.runtime.engine.engine import Engine
from livedraft.runtime.models.base import LATE_US, LEAD_US, AnyModel, Request
from livedraft.runtime.models.metronome import TICK_US, Metronome, MetronomeJob, MetronomeParams
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


class Leaping(Metronome):
    """A metronome that leaves out what is past when it is told that it is late."""

    def __init__(self) -> None:
        super().__init__()
        self.prepared = 0

    def _job(self, request: Request[MetronomeParams]) -> MetronomeJob:
        job = super()._job(request)
        self.prepared += 1
        if request.at > job.at + LATE_US:
            job.at = -(-request.at // TICK_US) * TICK_US
        job.due = job.at
        return job


async def test_after_a_reader_stood_still_nothing_is_made_in_a_burst() -> None:
    model = Leaping()
    async with Ticking(model) as made:
        made.session.update(1, {})
        await made.rested()
        made.sink.ready = False
        made.clock.advance(0.2)
        made.timers.pop()()
        await asyncio.sleep(0)
        made.clock.advance(59.8)
        made.sink.ready = True
        made.session.wake()
        await made.rested()
        late = 60 * 1_000_000 // TICK_US
        assert made.ticks == [*range(LEAD + 1), *range(late, late + LEAD + 1)]
        assert model.prepared == 2, "it is told once"
        await made.advance(0.04)
        assert model.prepared == 2


class Picky(Metronome):
    """A metronome that refuses a beat of a second once, with the next tick."""

    refused = False

    def step(self, jobs: Sequence[MetronomeJob]) -> None:
        if not self.refused and any(job.beat_us == 1_000_000 for job in jobs):
            self.refused = True
            raise InvalidImage("no face is seen in the portrait", fix="send another")
        super().step(jobs)


async def test_what_is_refused_is_told_and_what_has_no_end_goes_on() -> None:
    async with Ticking(Picky()) as made:
        made.session.update(1, {})
        await made.rested()
        made.session.update(2, {"beat_ms": 1000})
        await made.advance(1.0)
        assert [(id, type(error)) for id, error in made.sink.failures] == [(2, InvalidImage)]
        await made.advance(1.0)
        assert made.ticks[: LEAD + 1] == list(range(LEAD + 1))
        assert made.ticks[-26:] == list(range(25 + LEAD, 50 + LEAD + 1))


class Stubborn(Metronome):
    """A metronome that refuses every tick but the first."""

    def step(self, jobs: Sequence[MetronomeJob]) -> None:
        if any(job.at for job in jobs):
            raise InvalidImage("no face is seen in the portrait", fix="send another")
        super().step(jobs)


async def test_a_model_that_refuses_all_is_not_asked_for_ever() -> None:
    async with Ticking(Stubborn()) as made:
        made.session.update(1, {})
        await eventually(lambda: len(made.sink.failures) == 2)
        await eventually(lambda: made.runner.under_way == 0)
        assert made.ticks == [0]


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
