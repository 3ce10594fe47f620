"""Pictures on their way into force: given up with their task, decoded for the next one."""

import asyncio

import numpy as np
import pytest
from tests.doubles import FakeClock, FakeEngine, FakeSink
from tests.runtime.sessions.turning import until

from livedraft.runtime.models.base import ImageInput, Pixels, VideoInput
from livedraft.runtime.sessions.runner import Runner
from livedraft.runtime.sessions.session import Session

pytestmark = pytest.mark.anyio


class Decoder:
    """Decodes when it is let; knows what was begun and what was given up."""

    def __init__(self) -> None:
        self.begun: list[bytes] = []
        self.given_up: list[bytes] = []
        self.gate = asyncio.Event()

    async def __call__(
        self, encoded: bytes, spec: ImageInput | VideoInput, session: Session
    ) -> Pixels:
        self.begun.append(encoded)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.given_up.append(encoded)
            raise
        return np.full((1, 1, 3), len(encoded), np.uint8)


async def test_who_leaves_has_nothing_decoded_any_more_and_loses_no_picture() -> None:
    decoder = Decoder()
    runner = Runner([FakeEngine()], decoder, clock=FakeClock())
    running = asyncio.create_task(runner.run())
    live = runner.open("echo", {}, FakeSink())
    live.input(1, {"sketch": b"abc"}, {})
    await until(lambda: decoder.begun == [b"abc"])
    live.detach()
    await until(lambda: decoder.given_up == [b"abc"])
    assert runner.under_way == 0
    assert live.held_bytes == 3

    sink = FakeSink()
    live.attach(sink)
    live.update(2, {"seed": 5})
    decoder.gate.set()
    await until(lambda: bool(sink.results))
    assert decoder.begun == [b"abc", b"abc"]
    assert int(live.pixels["sketch"][0, 0, 0]) == 3
    running.cancel()


async def test_of_pictures_that_wait_the_newest_is_decoded_and_no_other() -> None:
    decoder = Decoder()
    runner = Runner([FakeEngine()], decoder, clock=FakeClock())
    running = asyncio.create_task(runner.run())
    sink = FakeSink()
    live = runner.open("echo", {}, sink)
    live.input(1, {"sketch": b"1"}, {})
    for id in range(2, 50, 2):  # each refine takes what waits, each input gives it up
        live.refine(id, {})
        live.input(id + 1, {"sketch": b"x" * id}, {})
        await asyncio.sleep(0)
    assert decoder.begun == [b"1"]
    decoder.gate.set()
    await until(lambda: len(sink.results) == 2)
    assert decoder.begun == [b"1", b"x" * 48]
    await runner.drain()
    running.cancel()


async def test_a_closed_session_waits_for_no_decoder() -> None:
    decoder = Decoder()
    engine = FakeEngine()
    runner = Runner([engine], decoder, clock=FakeClock())
    live = runner.open("echo", {}, FakeSink())
    live.input(1, {"sketch": b"abc"}, {})
    live.refine(2, {})
    await until(lambda: bool(decoder.begun))
    live.close()
    await until(lambda: engine.released >= 1)
    async with asyncio.timeout(1):
        await runner.drain()
