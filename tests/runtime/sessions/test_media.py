"""Video and sound on their way in: merged by policy, counted where dropped, awaited if needed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.doubles import FakeClock, FakeEngine, FakeSink
from tests.runtime.sessions.turning import eventually

from livedraft.errors import InvalidImage, InvalidMedia
from livedraft.media.chunks import AudioChunk, VideoChunk
from livedraft.runtime.engine.engine import Engine
from livedraft.runtime.models.base import AudioInput, ImageInput, ModelInfo, VideoInput
from livedraft.runtime.models.echo import Echo, EchoParams
from livedraft.runtime.models.loopback import Loopback
from livedraft.runtime.models.mixins import seed_of
from livedraft.runtime.sessions.mailbox import MOST_PIECES, Encoded, Mailbox, MediaInput, Piece
from livedraft.runtime.sessions.runner import Runner

pytestmark = pytest.mark.anyio

CAMERA = VideoInput("camera")
FILM = VideoInput("film", policy="append", max_s=0.1)
MICROPHONE = AudioInput("microphone", max_s=0.05)


def frame(pts: int, shade: int = 0) -> VideoChunk:
    return VideoChunk(np.full((1, 2, 2, 3), shade, np.uint8), pts, 40_000)


def sound(pts: int, value: int = 0) -> AudioChunk:
    return AudioChunk(np.full((320, 1), value, np.int16), 16_000, pts)  # 20 ms


def merged(spec: MediaInput, pieces: Sequence[Piece]) -> tuple[list[int], int, int]:
    """Return what waits of so many pieces, by their times, and what was dropped."""
    box = Mailbox()
    for id, piece in enumerate(pieces):
        box.append(id, 0.0, Echo.params(), spec, piece)
    change = box.take()
    assert change is not None
    assert change.id == len(pieces) - 1
    kept = [piece.pts for piece in change.media[spec.name]]
    return kept, change.dropped, change.dropped_us


def test_of_a_camera_the_newest_frame_is_kept() -> None:
    assert merged(CAMERA, [frame(n) for n in range(5)]) == ([4], 4, 160_000)


def test_of_sound_all_is_kept_up_to_its_bound_and_then_the_oldest_goes() -> None:
    line = [sound(n * 20_000) for n in range(5)]
    assert merged(MICROPHONE, line[:2]) == ([0, 20_000], 0, 0)
    assert merged(MICROPHONE, line) == ([60_000, 80_000], 3, 60_000)
    assert merged(FILM, [frame(n * 40_000) for n in range(3)]) == ([40_000, 80_000], 1, 40_000)
    long = sound(0), replace(sound(9), samples=np.zeros((16_000, 1), np.int16))
    assert merged(MICROPHONE, long) == ([9], 1, 20_000), "one piece is kept, however long"


def test_small_pieces_are_bounded_by_their_number() -> None:
    tiny = [replace(sound(n), samples=np.zeros((1, 1), np.int16)) for n in range(MOST_PIECES + 9)]
    kept, dropped, _ = merged(MICROPHONE, tiny)
    assert kept == list(range(9, MOST_PIECES + 9))
    assert dropped == 9


def test_small_pieces_that_follow_each_other_are_joined_and_none_goes() -> None:
    rng = np.random.default_rng(0)
    samples = rng.integers(-9000, 9000, (4 * MOST_PIECES, 1)).astype(np.int16)
    box = Mailbox()
    for at in range(len(samples)):
        piece = replace(sound(round(at * 62.5)), samples=samples[at : at + 1])
        box.append(at, 0.0, EchoParams(), replace(MICROPHONE, max_s=1.0), piece)
    change = box.take()
    assert change is not None
    waiting = [each for each in change.media["microphone"] if isinstance(each, AudioChunk)]
    assert np.array_equal(np.concatenate([each.samples for each in waiting]), samples)
    assert len(waiting) <= 1 + len(samples) * 62.5 / 20_000
    assert (waiting[0].pts, change.dropped) == (0, 0)


def test_sound_is_joined_neither_over_a_gap_nor_to_another_kind() -> None:
    one = replace(sound(0), samples=np.ones((100, 1), np.int16))  # 6,250 µs
    others = {
        "after a gap": replace(one, pts=7_000),
        "of another rate": replace(one, pts=6_250, rate=8_000),
        "of two channels": replace(one, pts=6_250, samples=np.ones((100, 2), np.int16)),
        "as floats": replace(one, pts=6_250, samples=np.ones((100, 1), np.float32)),
    }
    for what, other in others.items():
        assert len(merged(MICROPHONE, [one, other])[0]) == 2, what
    assert len(merged(MICROPHONE, [one, replace(one, pts=6_250)])[0]) == 1


def test_pictures_params_and_media_wait_together() -> None:
    box = Mailbox()
    box.put(1, 0.0, EchoParams(seed=1), {"sketch": b"1"})
    box.append(2, 0.0, EchoParams(seed=1), MICROPHONE, sound(0))
    box.put(3, 0.0, EchoParams(seed=3), {})
    change = box.take()
    assert change is not None
    assert (change.id, seed_of(change.params), change.inputs) == (3, 3, {"sketch": b"1"})
    assert len(change.media["microphone"]) == 1
    assert change.held_bytes == 1 + 640
    assert change.dropped == 1, "the message of the picture was superseded"


class Seeing:
    """Decodes a frame to a pixel of its first byte, and counts what it was asked for."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []

    async def __call__(self, data: bytes, *_: Any) -> np.ndarray[Any, np.dtype[np.uint8]]:
        self.seen.append(data)
        return np.full((2, 2, 3), data[0], np.uint8)


async def test_loopback_returns_what_came_at_its_time_and_sound_later() -> None:
    engine, decode, sink, clock = (
        Engine(models={"loopback": Loopback()}),
        Seeing(),
        FakeSink(),
        FakeClock(),
    )
    runner = Runner([engine], decode, clock=clock)
    running = asyncio.create_task(runner.run())
    session = runner.open("loopback", {"delay_ms": 100}, sink)
    session.media(1, "camera", Encoded(b"\x07", 5_000_000, 40_000))
    session.media(2, "microphone", sound(5_010_000, value=3))
    await eventually(lambda: len(sink.results) == 2)
    first, second = (result.output for result in sink.results)
    assert isinstance(first, VideoChunk)
    assert isinstance(second, AudioChunk)
    assert (first.pts, second.pts) == (0, 110_000), "on the session's clock, in their distance"
    assert first.frames[0, 0, 0].tolist() == [7, 7, 7]
    session.update(3, {"delay_ms": 0})
    session.media(4, "microphone", sound(5_030_000))  # would lie over what is out
    session.media(5, "microphone", sound(5_150_000))
    await eventually(lambda: len(sink.results) == 3)
    third = sink.results[2].output
    assert isinstance(third, AudioChunk)
    assert third.pts == 150_000
    await runner.drain()
    running.cancel()
    engine.close()


async def test_a_frame_that_was_superseded_is_not_decoded() -> None:
    engine, decode, sink = Engine(models={"loopback": Loopback()}), Seeing(), FakeSink(ready=False)
    runner = Runner([engine], decode, clock=FakeClock())
    running = asyncio.create_task(runner.run())
    session = runner.open("loopback", {}, sink)
    for id in range(1, 6):
        session.media(id, "camera", Encoded(bytes([id]), id, 40_000))
    sink.ready = True
    session.wake()
    await eventually(lambda: bool(sink.results))
    assert decode.seen == [b"\x05"]
    (result,) = sink.results
    assert (result.id, result.dropped, result.dropped_us) == (5, 4, 160_000)
    await runner.drain()
    running.cancel()
    engine.close()


class Needy(Echo):
    """A model that makes nothing without a picture and sound."""

    info: ModelInfo = replace(
        Echo.info, id="needy", inputs=(ImageInput("sketch", 2, 2), replace(MICROPHONE, max_s=1.0))
    )


async def test_a_model_is_not_asked_before_all_that_it_needs_has_come() -> None:
    engine, sink = FakeEngine({"needy": Needy()}), FakeSink()
    runner = Runner([engine], Seeing(), clock=FakeClock())
    running = asyncio.create_task(runner.run())
    session = runner.open("needy", {}, sink)
    session.update(1, {"seed": 7})
    with pytest.raises(InvalidImage, match="needs a sketch"):
        session.refine(2, {})
    session.input(3, {"sketch": b"\x01"}, {})
    with pytest.raises(InvalidImage, match="needs a microphone"):
        session.refine(4, {})
    assert engine.calls == []
    session.media(5, "microphone", sound(0))
    await eventually(lambda: bool(sink.results))
    assert sink.results[0].id == 5
    calls = len(engine.calls)
    session.input(6, {"sketch": b""}, {})
    session.update(7, {"seed": 8})
    await asyncio.sleep(0)
    assert len(engine.calls) == calls, "what was taken away is missing again"
    await runner.drain()
    running.cancel()


async def test_a_damaged_picture_is_no_picture() -> None:
    async def damaged(data: bytes, *_: Any) -> Any:
        raise InvalidImage("damaged", fix="send another")

    engine, sink = FakeEngine({"needy": Needy()}), FakeSink()
    runner = Runner([engine], damaged, clock=FakeClock())
    running = asyncio.create_task(runner.run())
    session = runner.open("needy", {}, sink)
    session.media(1, "microphone", sound(0))
    session.input(2, {"sketch": b"\x01"}, {})
    await eventually(lambda: bool(sink.failures))
    session.update(3, {})
    await eventually(lambda: len(sink.failures) == 2)
    assert "needs a sketch" in sink.failures[1][1].message
    assert engine.calls == []
    await runner.drain()
    running.cancel()


@pytest.mark.parametrize(
    ("model", "name", "fix"),
    [("loopback", "camrea", "did you mean 'camera'"), ("echo", "sketch", "neither")],
)
def test_a_track_that_is_none_is_refused(model: str, name: str, fix: str) -> None:
    models: Mapping[str, Any] = {"loopback": Loopback(), "echo": Echo()}
    runner = Runner([FakeEngine(models)], Seeing(), clock=FakeClock())
    session = runner.open(model, {}, FakeSink(ready=False))
    with pytest.raises(InvalidMedia) as caught:
        session.media(1, name, frame(0))
    assert fix in caught.value.fix


def test_a_new_connection_begins_its_own_time() -> None:
    clock = FakeClock()
    runner = Runner([FakeEngine({"loopback": Loopback()})], Seeing(), clock=clock)
    session = runner.open("loopback", {}, FakeSink(ready=False))
    assert session.timeline.place(5_000_000) == 0
    clock.advance(1.0)
    assert session.timeline.place(5_900_000) == 900_000
    session.detach()
    session.attach(FakeSink(ready=False))
    assert session.timeline.place(70) == 1_000_000
