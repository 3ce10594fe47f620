"""Text up, an interruption, and who reads slowly: over a connection, before a double."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from tests.memory import MemoryClient
from tests.parrot import TICK_US, serve_a_parrot

from livedraft.media.codecs import Encoded, VideoDecoder
from livedraft.protocol.messages import (
    Ack,
    Error,
    Input,
    Interrupt,
    Media,
    Message,
    Open,
    Opened,
    ParamsUpdate,
    Switch,
    Switched,
)
from livedraft.runtime.config import Config
from livedraft.runtime.server import Server
from livedraft.runtime.transports.tracks import MEDIA_WINDOW_MS

pytestmark = pytest.mark.anyio
TALK = Open(features=["media", "talk"])
WINDOW = MEDIA_WINDOW_MS * 1000 // TICK_US  # ticks


@pytest.fixture(autouse=True)
def with_a_parrot(monkeypatch: pytest.MonkeyPatch) -> None:
    serve_a_parrot(monkeypatch)


@asynccontextmanager
async def talking(asked: Open = TALK, depth: int = 200) -> AsyncIterator[tuple[Line, Opened]]:
    async with (
        Server(Config(models=("parrot", "echo"))) as service,
        Line(service, depth=depth) as client,
    ):
        yield client, await client.open(asked)


class Line(MemoryClient):
    """A client that says text, and takes pieces of sound."""

    async def speak(self, id: int, text: str) -> None:
        await self.say(said(id, text))

    async def piece(self, *, confirm: bool = True) -> Media:
        """Return the next piece; what else comes is taken, too."""
        while True:
            data = await self.channel.get()
            assert data is not None, f"closed: {self.channel.closed}"
            message: Message = self._in.decode(data)
            assert not isinstance(message, Error), message
            if isinstance(message, Media):
                if confirm and message.seq is not None:
                    await self.say(Ack(seq=message.seq))
                return message

    async def sound(self, *, confirm: bool = True) -> Media:
        """Return the next piece of sound."""
        while (piece := await self.piece(confirm=confirm)).track != "audio":
            pass
        return piece


def said(id: int, text: str | bytes, pts: int | None = None) -> Media:
    data = text if isinstance(text, bytes) else text.encode()
    at = 1000 * id if pts is None else pts
    return Media(track="text", id=id, pts=at, duration=0, codec="utf-8", data=data)


def loud(piece: Media) -> bool:
    return bool(np.frombuffer(piece.data, "<i2").any())


async def test_text_is_heard_in_its_order_and_each_tick_tells_of_itself() -> None:
    async with talking() as (client, opened):
        (track,) = [each for each in opened.tracks if each["kind"] == "text"]
        assert (track["way"], track["policy"], track["codecs"]) == ("in", "append", ["utf-8"])
        assert track.get("max_chars") == 100_000
        for id, text in enumerate(["Gu", "ten ", "🦊", ""], 1):
            await client.speak(id, text)
        words = ""
        while words != "Guten 🦊":
            piece = await client.sound()
            words += "".join(word["text"] for word in piece.about["words"])
            assert (piece.about["state"] == "speaking") == loud(piece)
        assert not loud(await client.sound())


async def test_nothing_older_comes_after_an_interruption() -> None:
    async with talking() as (client, _):
        await client.speak(1, "x" * 10_000)
        assert loud(await client.sound())
        await client.say(Interrupt(id=2))
        pieces = [await client.sound() for _ in range(40)]
        ids = [piece.id for piece in pieces]
        assert ids == sorted(ids)
        assert ids[-1] == 2
        assert all(loud(piece) == (piece.id == 1) for piece in pieces)
        await client.speak(3, "y")
        while (piece := await client.sound()).id < 3:
            assert not loud(piece)
        assert loud(piece)


async def test_of_what_is_unsent_nothing_is_sent_any_more() -> None:
    async with talking(depth=4) as (client, _):  # the line is full at once
        await client.speak(1, "x" * 10_000)
        for _ in range(3):
            await client.sound(confirm=False)
        await client.say(Interrupt(id=2))
        await client.say(ParamsUpdate(id=3, params={}))
        before = 0
        while (piece := await client.sound()).id < 2:
            before += 1
        assert before <= 4, "what the line held by then, and one on its way"
        assert not loud(piece)


@pytest.mark.parametrize("codec", ["vp8", "h264"])
async def test_frames_that_need_others_go_on_with_a_key_frame(codec: str) -> None:
    asked = Open(features=["media", "talk", "keys"], codecs=[codec, "opus"])
    async with talking(asked) as (client, _):
        for id in range(1, 20, 2):
            await client.speak(id, "x" * 100)
            await client.sound()
            await client.say(Interrupt(id=id + 1))
        decoder, shown = VideoDecoder(codec), 0
        while shown < 5:
            piece = await client.piece()
            if piece.track == "video" and piece.id == 20:
                assert piece.key == (shown == 0)
                (chunk,) = decoder.decode(Encoded(piece.data, piece.pts, piece.duration, piece.key))
                assert chunk.frames.max() < 40, "dark: it is silent"
                shown += 1


async def test_a_storm_of_interruptions_leaves_a_session_that_talks() -> None:
    async with talking() as (client, _):
        for id in range(1, 600, 2):
            await client.speak(id, "x" * 50)
            await client.say(Interrupt(id=id + 1))
        await client.speak(601, "ab")
        words = ""
        while words != "ab":
            piece = await client.sound()
            if piece.id == 601:
                words += "".join(word["text"] for word in piece.about["words"])


async def test_an_interruption_before_anything_is_no_fault() -> None:
    async with talking() as (client, _):
        await client.say(Interrupt(id=1))
        piece = await client.sound()
        assert (piece.id, loud(piece)) == (1, False)


@pytest.mark.parametrize("asked", [Open(features=["media"]), Open(model="echo")])
async def test_who_did_not_ask_to_talk_knows_of_no_text_and_interrupts_nothing(asked: Open) -> None:
    async with talking(asked) as (client, opened):
        assert all(track["kind"] != "text" for track in opened.tracks)
        assert "talk" not in opened.features
        await client.say(Interrupt(id=1))
        error = await client.hear(Error)
        assert (error.code, error.id, error.fatal) == ("bad_message", 1, False)
        assert '"talk"' in error.fix


@pytest.mark.parametrize(
    ("piece", "why"),
    [
        (said(1, b"\xff\xfe"), "no UTF-8"),
        (said(1, b"\xed\xa0\xbd"), "no UTF-8"),  # half of a surrogate pair
        (said(1, "x" * 100_001), "100001 characters"),
        (said(1, "a\x00b"), "U\\+0000"),
        (said(1, "a").model_copy(update={"duration": 1}), "duration 0"),
        (said(1, "a").model_copy(update={"codec": "pcm-s16"}), "no codec"),
        (said(1, "a").model_copy(update={"track": "speech"}), "no codec"),
        (said(1, "a").model_copy(update={"track": "tekst"}), "did you mean 'text'"),
    ],
)
async def test_what_is_no_text_is_refused_and_changes_nothing(piece: Media, why: str) -> None:
    async with talking() as (client, _):
        await client.say(piece)
        error = await client.hear(Error)
        assert (error.code, error.id) == ("invalid_media", 1)
        assert re.search(why, f"{error.message}; {error.fix}")
        await client.speak(2, "a")
        assert loud(await client.sound())


async def test_a_hundred_kilobytes_of_text_are_taken() -> None:
    async with talking() as (client, _):
        await client.speak(1, "a" * 100_000)
        assert loud(await client.sound())
        await client.say(Interrupt(id=2))
        while (await client.sound()).id < 2:
            pass


async def test_who_reads_slowly_loses_frames_and_no_sound() -> None:
    async with talking() as (client, _):
        await client.speak(1, "x" * 1000)
        tracks = {"video": 0, "audio": 0}
        last = -1
        newest = 0
        while tracks["audio"] < WINDOW + WINDOW // 2:  # nothing is confirmed
            piece = await client.hear(Media)
            newest = piece.seq or newest
            tracks[piece.track] += 1
            if piece.track == "audio":
                assert last in (-1, piece.pts - TICK_US), "no sound is left out"
                last = piece.pts
        assert tracks["video"] <= WINDOW + 1
        await client.say(Ack(seq=newest))
        piece = await client.hear(Media)
        while piece.track != "video":
            if piece.seq is not None:
                await client.say(Ack(seq=piece.seq))
            piece = await client.hear(Media)
        assert piece.pts > WINDOW * TICK_US, "a frame of now, not of then"


async def test_who_reads_nothing_any_more_holds_back_its_own_session_alone() -> None:
    async with Server(Config(models=("parrot",))) as service:
        async with Line(service, depth=2) as still, Line(service, depth=200) as other:
            await still.open(TALK)
            await still.speak(1, "x" * 1000)
            await other.open(TALK)
            await other.speak(1, "y" * 1000)
            for _ in range(100):
                await other.sound()


async def test_a_model_without_lines_takes_an_interruption_as_a_word_like_others() -> None:
    async with talking(Open(features=["media", "talk", "models"])) as (client, _):
        await client.say(Switch(id=1, model="echo"))
        await client.hear(Switched)
        await client.say(Interrupt(id=2))
        await client.say(Input(id=3, inputs={}, params={}))
        await client.leave()
