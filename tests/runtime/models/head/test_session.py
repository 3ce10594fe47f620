"""A head in a session: what is being said goes on whatever becomes of portraits and readers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
import numpy as np
import pytest
from tests.doubles import FakeClock, FakeSink
from tests.runtime.sessions.turning import eventually

from livedraft.errors import InvalidImage
from livedraft.media.chunks import AudioChunk
from livedraft.runtime.engine.engine import Engine
from livedraft.runtime.models.at_once import AtOnce
from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.head.line import RATE, Sound
from livedraft.runtime.models.head.model import Head
from livedraft.runtime.models.head.ticks import TICK_US
from livedraft.runtime.sessions.runner import Runner
from livedraft.runtime.sessions.session import Session

from .test_model import BLACK, fake_prepare

pytestmark = pytest.mark.anyio
SPEECH = np.arange(1, 4 * RATE + 1, dtype=np.int64).astype(np.int16)  # each sample another


async def black(encoded: bytes, *_: object) -> Pixels:
    """Stand in for the decoder: each picture is black."""
    return BLACK.copy()


@dataclass
class Talking:
    """A head before a sink, and a clock that is moved by hand."""

    session: Session
    sink: FakeSink
    clock: FakeClock
    timers: list[Callable[[], None]] = field(default_factory=list)

    @property
    def heard(self) -> list[AudioChunk]:
        outputs = [result.output for result in self.sink.results]
        return [each for each in outputs if isinstance(each, AudioChunk)]

    @property
    def said(self) -> Sound:
        sound: Sound = np.concatenate([each.pcm[:, 0] for each in self.heard])
        said: Sound = sound[sound != 0]
        return said

    async def rested(self) -> None:
        await eventually(lambda: bool(self.timers))

    async def advance(self, seconds: float) -> None:
        """Let time pass, a tick after the other."""
        for _ in range(round(seconds * 1_000_000 / TICK_US)):
            self.clock.advance(TICK_US / 1_000_000)
            timers, self.timers[:] = [*self.timers], []
            for call in timers:
                call()
            await self.rested()


@asynccontextmanager
async def talking() -> AsyncIterator[Talking]:
    clock, sink, timers = FakeClock(), FakeSink(), list[Callable[[], None]]()
    engine = Engine(models={"head": Head(worker=AtOnce(), voices=AtOnce, prepared=fake_prepare)})
    runner = Runner([engine], black, clock=clock, later=lambda _, call: timers.append(call))
    session = runner.open("head", {"badge": False, "consent": True}, sink)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(runner.run)
        yield Talking(session, sink, clock, timers)
        session.close()
        await runner.drain()
        await runner.released()
        tasks.cancel_scope.cancel()
    engine.close()


async def begun(made: Talking) -> None:
    made.session.update(1, {})
    made.session.media(2, "speech", AudioChunk(SPEECH[:, None], RATE, 0))
    await made.rested()
    await made.advance(1.0)


async def test_a_portrait_that_is_refused_is_told_and_what_is_being_said_goes_on() -> None:
    async with talking() as made:
        await begun(made)
        made.session.input(3, {"portrait": b"a picture of nobody"}, {})
        await made.advance(2.0)
        assert [(id, type(error)) for id, error in made.sink.failures] == [(3, InvalidImage)]
        times = [each.pts for each in made.heard]
        assert times == list(range(0, len(times) * TICK_US, TICK_US)), "no tick is missing"
        assert len(times) >= 75
        np.testing.assert_array_equal(made.said, SPEECH[SPEECH != 0][: len(made.said)])
        assert [note["code"] for note in made.sink.results[-1].notes] == ["no_face"]
        made.session.input(4, {"portrait": b""}, {})
        await made.advance(0.2)
        assert made.sink.results[-1].notes == ()


async def test_after_a_reader_stood_still_all_is_said_and_at_the_clock() -> None:
    async with talking() as made:
        await begun(made)
        before = len(made.heard)
        made.sink.ready = False
        made.clock.advance(TICK_US / 1_000_000)
        for call in made.timers:
            call()
        made.timers.clear()
        made.clock.advance(30.0)
        made.sink.ready = True
        made.session.wake()
        await made.rested()
        assert len(made.heard) <= before + 3, "no burst"
        assert made.heard[before].pts >= 31_000_000
        await made.advance(3.5)
        np.testing.assert_array_equal(made.said, SPEECH[SPEECH != 0])
        gaps = np.diff([each.pts for each in made.heard])
        assert sorted(gaps)[-2:] == [TICK_US, made.heard[before].pts - made.heard[before - 1].pts]
