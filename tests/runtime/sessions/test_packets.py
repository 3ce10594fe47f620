"""Packets on their way in: those that others need stay with them, in a bounded number."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from tests.doubles import FakeClock, FakeSink
from tests.runtime.sessions.turning import eventually, no_pictures

from livedraft.errors import InvalidImage, InvalidMedia
from livedraft.media.chunks import VideoChunk
from livedraft.runtime.engine.engine import Engine
from livedraft.runtime.models.base import VideoInput
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.models.loopback import Loopback
from livedraft.runtime.sessions.mailbox import (
    MOST_PACKET_BYTES,
    MOST_PACKETS,
    Change,
    Mailbox,
    Packet,
    Packets,
)
from livedraft.runtime.sessions.runner import Runner

pytestmark = pytest.mark.anyio
CAMERA = VideoInput("camera")
FILM = VideoInput("film", policy="append", max_s=0.1)


class Blind:
    """Stands in for a decoder that needs a key frame; remembers what it was given."""

    def __init__(self) -> None:
        self.given: list[tuple[int, ...]] = []

    async def decode(self, piece: Packets) -> Sequence[VideoChunk]:
        self.given.append(tuple(packet.number for packet in piece.packets))
        if not piece.packets[0].key:
            return []
        return [VideoChunk(np.zeros((1, 2, 2, 3), np.uint8), piece.pts, piece.duration)]


def packets(number: int, *, key: bool = False, data: bytes = b"x") -> Packets:
    packet = Packet(number, number + 1, data, key, 40_000)
    return Packets(Blind(), (packet,), number * 40_000, 40_000)


def waiting(spec: VideoInput, pieces: Sequence[Packets]) -> tuple[Change, list[list[int]]]:
    """Return the change that so many pieces make, and the numbers of each that waits."""
    box = Mailbox()
    for id, piece in enumerate(pieces):
        box.append(id, 0.0, Echo.params(), spec, piece)
    change = box.take()
    assert change is not None
    line = [piece for piece in change.media[spec.name] if isinstance(piece, Packets)]
    return change, [[packet.number for packet in piece.packets] for piece in line]


def test_the_newest_frame_keeps_those_that_it_needs() -> None:
    change, kept = waiting(CAMERA, [packets(n, key=n == 0) for n in range(5)])
    assert kept == [[0, 1, 2, 3, 4]]
    assert (change.dropped, change.dropped_us, change.held_bytes) == (4, 160_000, 5)
    assert waiting(CAMERA, [packets(n, key=n == 3) for n in range(5)])[1] == [[3, 4]]


def test_what_falls_out_of_a_line_stays_with_the_next() -> None:
    _, kept = waiting(FILM, [packets(n, key=n == 0) for n in range(5)])
    assert kept == [[0, 1, 2, 3], [4]]


def test_no_more_wait_than_may() -> None:
    change, kept = waiting(CAMERA, [packets(n) for n in range(3 * MOST_PACKETS + 7)])
    assert len(kept[0]) <= MOST_PACKETS
    assert kept[0][-1] == 3 * MOST_PACKETS + 6
    large = bytes(MOST_PACKET_BYTES // 4)
    change, _ = waiting(CAMERA, [packets(n, data=large) for n in range(50)])
    assert change.held_bytes <= MOST_PACKET_BYTES


class Needing(Loopback):
    """A null model that does nothing before it sees."""

    info = replace(Loopback.info, id="needing", inputs=(VideoInput("camera"),))


async def test_a_model_that_needs_a_camera_is_not_asked_before_it_sees() -> None:
    engine, sink, decoder = Engine(models={"needing": Needing()}), FakeSink(), Blind()
    runner = Runner([engine], no_pictures, clock=FakeClock())
    running = asyncio.create_task(runner.run())
    session = runner.open("needing", {}, sink)
    session.media(1, "camera", replace(packets(0), decoder=decoder))
    await eventually(lambda: decoder.given == [(0,)] and session.draft is None)
    assert (sink.results, sink.failures) == ([], []), "nothing is made, and nothing is told"
    with pytest.raises(InvalidImage, match="needs a camera"):
        session.refine(2, {})
    sink.ready = False
    session.media(3, "camera", replace(packets(1), decoder=decoder))
    session.refine(4, {})
    sink.ready = True
    session.wake()
    await eventually(lambda: len(sink.failures) == 1)
    id, error = sink.failures[0]
    assert (id, type(error)) == (4, InvalidMedia), "but to who waits for it"
    session.media(5, "camera", replace(packets(2, key=True), decoder=decoder))
    await eventually(lambda: len(sink.results) == 1)
    assert sink.results[0].id == 5
    await runner.drain()
    running.cancel()
    engine.close()


class Slow(Blind):
    """Decodes when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def decode(self, piece: Packets) -> Sequence[VideoChunk]:
        chunks = await super().decode(piece)
        await self.go.wait()
        return chunks


async def test_a_key_frame_that_comes_while_what_is_broken_is_decoded_is_shown() -> None:
    """Once nobody began it: that nothing could be decoded was taken for that nothing had come."""
    engine, sink, decoder = Engine(models={"needing": Needing()}), FakeSink(), Slow()
    runner = Runner([engine], no_pictures, clock=FakeClock())
    running = asyncio.create_task(runner.run())
    session = runner.open("needing", {}, sink)
    session.media(1, "camera", replace(packets(0), decoder=decoder))
    await eventually(lambda: decoder.given == [(0,)])
    session.media(2, "camera", replace(packets(1, key=True), decoder=decoder))
    decoder.go.set()
    await eventually(lambda: len(sink.results) == 1)
    assert sink.results[0].id == 2
    await runner.drain()
    running.cancel()
    engine.close()


async def test_what_a_refine_took_and_could_decode_has_come() -> None:
    """It comes while a draft finds nothing in what came before: a later refine needs it, too."""
    engine, sink, decoder = Engine(models={"needing": Needing()}), FakeSink(), Slow()
    runner = Runner([engine], no_pictures, clock=FakeClock())
    running = asyncio.create_task(runner.run())
    session = runner.open("needing", {}, sink)
    session.media(1, "camera", replace(packets(0), decoder=decoder))
    await eventually(lambda: decoder.given == [(0,)])
    session.media(2, "camera", replace(packets(1, key=True), decoder=decoder))
    session.refine(3, {})
    decoder.go.set()
    await eventually(lambda: len(sink.results) == 1)
    session.refine(4, {})  # of what stands: nothing is missing
    await runner.drain()
    running.cancel()
    engine.close()
