"""The outbox: room, order, and what happens to frames that came too late."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.doubles import FakeClock, result

from livedraft.errors import ModelFailed
from livedraft.media.chunks import AudioChunk, Still
from livedraft.protocol.codec import client_codec
from livedraft.protocol.connection import ServerConnection
from livedraft.protocol.messages import (
    Error,
    Frame,
    Media,
    Open,
    Opened,
    Progress,
    ServerMessage,
    Stage,
)
from livedraft.runtime.metrics import Metrics
from livedraft.runtime.models.base import ModelInfo, Params
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.models.loopback import Loopback
from livedraft.runtime.sessions.result import Result
from livedraft.runtime.sessions.session import Session
from livedraft.runtime.transports.outbox import Outbox
from livedraft.runtime.transports.picture_pool import PicturePool

pytestmark = pytest.mark.anyio


def picture(id: int, stage: Stage = Stage.DRAFT) -> Result:
    still = Still(np.zeros((4, 6, 3), np.uint8))
    return result("echo", still, id=id, stage=stage, params={"seed": id}, seed=id)


class Desk:
    """An outbox with what it sent, and a gate that holds each message back."""

    def __init__(self, window: int) -> None:
        self.sent: list[ServerMessage] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.room = asyncio.Semaphore(0)
        self.wire = ServerConnection(window)
        self.pictures = PicturePool(threads=1, max_pixels=100)
        self.outbox = Outbox(
            self.wire, self.send, pictures=self.pictures, metrics=Metrics(), clock=FakeClock()
        )
        self.outbox.on_room = self.room.release
        self.outbox.configure(self.session(Echo.info), Open())

    def session(self, info: ModelInfo) -> Session:
        return Session(info, Params, {}, self.outbox, notify=lambda _: None, clock=FakeClock())

    async def send(self, message: ServerMessage) -> None:
        self.wire.send(message)
        await self.gate.wait()
        self.sent.append(message)


@asynccontextmanager
async def desk(window: int = 2) -> AsyncIterator[Desk]:
    made = Desk(window)
    made.wire.receive(client_codec().encode(Open()))
    await made.send(
        Opened(
            session="s", resume="r", model={}, params={}, window=window,
            max_message_bytes=1, max_pixels=1,
        )
    )  # fmt: skip
    made.sent.clear()
    running = asyncio.create_task(made.outbox.run())
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    made.pictures.close()


async def test_what_is_on_its_way_takes_room() -> None:
    async with desk(window=2) as made:
        assert made.outbox.ready
        made.gate.clear()
        made.outbox.take(picture(1))
        assert made.outbox.ready
        made.outbox.failed(2, ModelFailed("x"))
        assert not made.outbox.ready
        made.gate.set()
        await made.outbox.flushed()
        assert made.wire.unacked == 1
        assert made.outbox.ready  # a failure is not confirmed


async def test_news_that_is_taken_back_ends_nothing() -> None:
    """As an input does that comes just after a step was told."""
    async with desk() as made:
        made.outbox.progress(Progress(id=1, model="echo", step=1, steps=2, notes=[]))
        made.outbox.finals.forget()
        await asyncio.sleep(0)
        made.outbox.take(picture(2))
        await made.outbox.flushed()
        assert [message.type for message in made.sent] == ["frame"]


async def test_frames_and_failures_go_out_in_order_and_room_is_told() -> None:
    async with desk(window=8) as made:
        made.outbox.take(picture(1))
        made.outbox.failed(2, ModelFailed("x"))
        made.outbox.take(picture(3, Stage.FINAL))
        await made.outbox.flushed()
        for _ in range(3):
            await made.room.acquire()
        first, second, third = made.sent
        assert isinstance(first, Frame)
        assert isinstance(second, Error)
        assert isinstance(third, Frame)
        assert (first.id, second.id, third.id) == (1, 2, 3)
        assert (first.seq, third.seq, first.mime, third.mime) == (1, 2, "image/jpeg", "image/png")
        assert (first.width, first.height, first.timings["model"]) == (6, 4, 250.0)


async def test_a_frame_that_a_newer_one_overtook_is_not_sent() -> None:
    async with desk(window=8) as made:
        made.outbox.take(picture(5))
        made.outbox.take(picture(4))
        made.outbox.take(picture(5, Stage.FINAL))
        await made.outbox.flushed()
        assert [message.id for message in made.sent if isinstance(message, Frame)] == [5, 5]


async def test_what_was_dropped_is_told_with_the_packet_that_sound_completes() -> None:
    asked = Open(features=["media"], codecs=["opus"])
    async with desk(window=8) as made:
        made.outbox.configure(made.session(Loopback.info), asked)
        for id in range(1, 9):  # of 5 ms: a packet has 20 ms
            sound = AudioChunk(np.zeros((240, 1), np.int16), 48_000, id * 5_000)
            how: dict[str, Any] = {"output": sound, "dropped": 1, "dropped_us": 5_000}
            made.outbox.take(replace(picture(id), **how))
        await made.outbox.flushed()
        first, second = [each for each in made.sent if isinstance(each, Media)][:2]
        assert (first.id, first.dropped, first.dropped_us) == (4, 4, 20_000)
        assert (second.id, second.dropped, second.dropped_us) == (8, 4, 20_000)
