"""VP8, H.264 and Opus between the client and the real server: nothing is broken, no sound lost."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
from tests.sdk.media.codecs.films import plain, tone

from livedraft.client import AsyncClient, AsyncSession
from livedraft.client.downlink import Downlink
from livedraft.client.lines import Lines, Piece
from livedraft.client.terms import Retry
from livedraft.client.uplink import Uplink
from livedraft.errors import InvalidParams, MissingExtraError
from livedraft.media.chunks import AudioChunk, VideoChunk
from livedraft.media.codecs import Film
from livedraft.protocol import messages as wire
from livedraft.runtime.config import Config
from livedraft.runtime.running import running

pytestmark = pytest.mark.anyio
QUICK = Retry(attempts=20, first_s=0.02, longest_s=0.1)
STEP = 40_000  # µs


@asynccontextmanager
async def looped(*codecs: str) -> AsyncIterator[AsyncSession]:
    async with (
        running(Config(models=("loopback",), port=0)) as url,
        AsyncClient(url, retry=QUICK) as client,
        client.session("loopback", codecs=codecs) as session,
    ):
        yield session


def shade(chunk: VideoChunk) -> int:
    return int(chunk.frames[0, 9, 9, 0])


@pytest.mark.parametrize("codec", ["vp8", "h264"])
async def test_frames_go_and_come_in_a_codec(codec: str) -> None:
    async with looped(codec) as session:
        outputs = session.outputs()
        for number in range(8):
            grey = 20 + 25 * number
            await session.send(VideoChunk(plain((grey,) * 3)[None], number * STEP, STEP))
            shown = await anext(outputs)
            assert isinstance(shown, VideoChunk)
            assert abs(shade(shown) - grey) < 12
            assert shown.size == (64, 48)


async def test_frames_that_newer_ones_supersede_are_not_missed_by_them() -> None:
    async with looped("vp8") as session:
        outputs = session.outputs()
        for number in range(60):
            await session.send(VideoChunk(plain((4 * number,) * 3)[None], number * STEP, STEP))
        while True:
            shown = await anext(outputs)
            assert isinstance(shown, VideoChunk)
            sent = shown.pts // STEP  # the first that went may not be the first that was given
            if sent >= 50 or abs(shade(shown) - 4 * 59) < 12:
                break


async def test_all_of_the_sound_comes_back_by_opus() -> None:
    async with looped("opus") as session:
        sound = tone(1, 48_000)
        for at in range(0, len(sound), 480):
            await session.send(AudioChunk(sound[at : at + 480], 48_000, at * 1_000 // 48))
        heard: list[Any] = []
        outputs = session.outputs()
        async with asyncio.timeout(20):
            while sum(map(len, heard)) < 48_000 - 2 * 960:
                output = await anext(outputs)
                assert isinstance(output, AudioChunk)
                heard.append(output.samples[:, 0])
        made = np.concatenate(heard).astype(float)
        spectrum = np.abs(np.fft.rfft(made * np.hanning(len(made))))
        assert abs(np.argmax(spectrum) * 48_000 / len(made) - 440) < 5


async def test_sound_that_becomes_stereo_is_heard_in_stereo() -> None:
    async with looped("opus") as session:
        for number in range(4):
            sound = tone(0.1, 48_000, channels=1 + number // 2)
            await session.send(AudioChunk(sound, 48_000, number * 100_000))
        channels: list[int] = []
        async with asyncio.timeout(20):
            async for output in session.outputs():
                assert isinstance(output, AudioChunk)
                channels.append(output.samples.shape[1])
                if len(channels) == 18:  # of 20 packets, of which the last may wait for more
                    break
        assert sorted(channels) == channels
        assert set(channels) == {1, 2}


async def test_who_gives_up_waiting_loses_no_output() -> None:
    async with looped("vp8") as session:
        await session.send(VideoChunk(plain((200,) * 3)[None], 0, STEP))
        shown: VideoChunk | None = None
        while shown is None:
            waiting = asyncio.ensure_future(anext(session.outputs()))
            for _ in range(3):
                await asyncio.sleep(0)
            if not waiting.done():
                waiting.cancel()
            (found,) = await asyncio.gather(waiting, return_exceptions=True)
            shown = found if isinstance(found, VideoChunk) else None
        assert abs(shade(shown) - 200) < 12


def track(codecs: list[str]) -> wire.Track:
    return wire.Track(
        name="camera",
        way="in",
        kind="video",
        policy="latest",
        max_s=0.0,
        codecs=codecs,
        width=0,
        height=0,
        rate=25.0,
        channels=0,
        required=False,
    )


async def test_a_key_frame_mends_what_is_damaged_and_is_asked_for_once() -> None:
    film, asked, told = Film("vp8"), list[str](), list[None]()
    made = []
    for number in range(7):
        if number == 5:
            film.key()
        made.append(film.encode(plain((30 * number,) * 3), number * STEP, STEP))
    coming = iter(
        wire.Media(
            track="video",
            id=0,
            pts=packet.pts,
            duration=STEP,
            codec="vp8",
            key=packet.key,
            data=bytes(len(packet.data)) if number == 2 else packet.data,
        )
        for number, packet in enumerate(made)
    )

    async def take() -> wire.Media | None:
        return next(coming, None)

    down = Downlink(asked.append, lambda: told.append(None))
    shown = [await down.next(take) for _ in range(4)]
    assert [each.pts // STEP for each in shown if isinstance(each, VideoChunk)] == [0, 1, 5, 6]
    assert (asked, len(told)) == (["video"], 1)
    assert await down.next(take) is None


async def test_frames_are_encoded_as_they_go_and_begin_with_a_key_frame() -> None:
    up, lines = Uplink(lambda: 0.0, ["vp8"]), Lines()
    camera = track(["jpeg", "vp8"])
    keys = []
    for step in ("", "", "asked", "", "opened", "", "lost", ""):
        if step == "asked":
            up.key("camera")
        elif step == "opened":
            up.opened([camera])
            lines.reopened()
        for shade_ in (10, 200):  # of which the newest goes
            for piece in up.pieces(camera, plain((shade_,) * 3)):
                lines.put(piece, camera)
        await lines.encode()
        if step == "lost":  # with its line
            lines.reopened()
            up.opened([camera])
            continue
        piece = lines.take()
        keys.append((step, piece.key))
        assert len(lines) == 0
    assert [key for _, key in keys] == [True, False, True, False, True, False, True]


async def test_a_client_without_a_wish_speaks_as_before() -> None:
    piece, *_ = Uplink(lambda: 0.0).pieces(track(["jpeg", "vp8"]), plain((9, 9, 9)))
    assert isinstance(piece, Piece)
    assert piece.codec == "jpeg"


async def test_what_is_no_codec_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async with AsyncClient() as client:
        with pytest.raises(InvalidParams, match="no codec 'vp9'") as refusal:
            client.session(codecs="vp9")
        assert "vp8" in refusal.value.fix
        monkeypatch.setitem(sys.modules, "av", None)
        with pytest.raises(MissingExtraError, match="media"):
            client.session(codecs="vp8")
        client.session(codecs="webp")
