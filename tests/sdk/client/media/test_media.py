"""Frames and sound up, frames and sound down: all of it, in order, by their tracks and times."""

import asyncio
from contextlib import suppress
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image
from tests.fake_server import FakeServer
from tests.sdk.client.drawn import QUICK, picture, until
from tests.sdk.client.tracks import (
    RATE,
    pieces,
    taken,
    track,
)
from tests.sdk.media.codecs.films import plain, tone

from livedraft.client import AsyncClient, AsyncSession, Client
from livedraft.media.chunks import SECOND, AudioChunk, Output, Still, VideoChunk
from livedraft.protocol import messages as wire

pytestmark = pytest.mark.anyio


async def test_a_client_asks_for_media_and_says_what_it_plays(
    session: AsyncSession, server: FakeServer
) -> None:
    opening = next(message for message in server.received if isinstance(message, wire.Open))
    assert (opening.features, opening.codecs) == (
        ["media", "models", "loras", "talk", "loading", "films"],
        ["jpeg", "webp", "png", "pcm-s16"],
    )


async def test_frames_with_times_come_back_as_they_went(session: AsyncSession) -> None:
    for number, shade in enumerate((40, 120, 220)):
        chunk = VideoChunk(plain((shade,) * 3, (32, 24))[None], number * 40_000, 40_000)
        await session.send(chunk)
        (shown,) = await taken(session, 1)
        assert isinstance(shown, VideoChunk)
        assert (shown.pts, shown.duration, shown.size) == (chunk.pts, 40_000, (32, 24))
        assert abs(int(shown.frames[0, 9, 9, 0]) - shade) <= 3


async def test_no_sample_of_the_sound_is_lost(session: AsyncSession) -> None:
    sound = tone(5, RATE)
    for at in range(0, len(sound), 320):
        await session.send(AudioChunk(sound[at : at + 320], RATE, at * SECOND // RATE))
        if at % 3_200 == 0:
            await asyncio.sleep(0)
    heard = await taken(session, len(sound) // 320)
    chunks = [each for each in heard if isinstance(each, AudioChunk)]
    assert np.array_equal(np.concatenate([chunk.samples for chunk in chunks]), sound)
    assert all(abs(after.pts - before.end) <= 1 for before, after in pairwise(chunks))
    assert session.unsent == {}


async def test_a_slow_taker_gets_all_of_it_and_the_server_waits(
    session: AsyncSession, server: FakeServer
) -> None:
    sound = tone(2, RATE)
    for at in range(0, len(sound), 1_600):  # 100 ms
        await session.send(sound[at : at + 1_600])
    await until(server, lambda: len(pieces(server)) == 20)
    sent = await taken(session, 20)
    assert sum(len(each) for each in sent if isinstance(each, AudioChunk)) == len(sound)


async def test_floats_are_clipped_and_stay_in_place(session: AsyncSession) -> None:
    await session.send(np.array([-2.0, -0.5, 0.0, 0.5, 2.0], np.float32))
    (heard,) = await taken(session, 1)
    assert isinstance(heard, AudioChunk)
    assert heard.samples[:, 0].tolist() == [-32_768, -16_384, 0, 16_384, 32_767]


async def test_sound_of_another_rate_is_resampled_for_its_track(
    session: AsyncSession, server: FakeServer
) -> None:
    sound = tone(1, 48_000, channels=2)
    for at in range(0, len(sound), 960):
        await session.send(AudioChunk(sound[at : at + 960], 48_000, at * SECOND // 48_000))
    await until(server, lambda: sum(len(each.data) for each in pieces(server)) >= 2 * 15_900)
    assert {(each.rate, each.channels) for each in pieces(server)} == {(RATE, 1)}


async def test_a_mapping_goes_to_its_tracks(session: AsyncSession, server: FakeServer) -> None:
    await session.send(
        {
            "sketch": picture(7),
            "camera": plain((9, 9, 9)),
            "line": AudioChunk(tone(0.1, 44_100, channels=2), 44_100, 0),
        },
        prompt="a fox",
    )
    await until(server, lambda: len(pieces(server)) == 2 and bool(server.inputs()))
    assert {each.track for each in pieces(server)} == {"camera", "line"}
    assert server.inputs()[0].params == {"prompt": "a fox"}


async def test_long_sound_goes_in_pieces(session: AsyncSession, server: FakeServer) -> None:
    await session.send({"line": AudioChunk(tone(1.5, 48_000, channels=2), 48_000, 5)})
    await until(server, lambda: len(pieces(server)) == 2)
    assert [(each.pts, each.duration) for each in pieces(server)] == [
        (5, SECOND),
        (SECOND + 5, SECOND // 2),
    ]


async def test_frames_are_no_larger_than_the_model_works_at(
    session: AsyncSession, server: FakeServer
) -> None:
    await session.send({"camera": plain((9, 9, 9), (640, 320))})
    await session.send({"camera": Image.new("RGBA", (640, 320), (9, 9, 9, 99))})
    (shown,) = await taken(session, 1)
    assert isinstance(shown, VideoChunk)
    assert shown.size == (64, 32)
    await until(server, lambda: len(pieces(server)) >= 1)


@pytest.mark.parametrize(("mode", "codec"), [("RGB", "jpeg"), ("RGBA", "webp")])
async def test_transparent_frames_go_as_webp(
    session: AsyncSession, server: FakeServer, mode: str, codec: str
) -> None:
    await session.send({"camera": Image.new(mode, (32, 32))})
    await until(server, lambda: bool(pieces(server)))
    assert pieces(server)[0].codec == codec
    (shown,) = await taken(session, 1)
    assert isinstance(shown, VideoChunk)
    assert shown.frames.shape[3] == len(mode)


async def test_a_broken_connection_goes_on_and_nothing_old_is_confirmed(
    client: AsyncClient, server: FakeServer
) -> None:
    async with client.session() as session:
        for number in range(3):
            await session.send(AudioChunk(tone(0.1, RATE), RATE, number * 100_000))
        await until(server, lambda: len(pieces(server)) == 3)
        first = await taken(session, 1)
        server.drop()
        await until(server, lambda: session.state == "reconnecting")
        await session.send(AudioChunk(tone(0.1, RATE), RATE, 300_000))
        rest = await taken(session, 3)
        times = [each.pts for each in first + rest if isinstance(each, AudioChunk)]
        assert times == [0, 100_000, 200_000, 300_000]
        await session.send(picture(3))
        assert await session.next_frame() is not None
    assert not [each for each in server.inputs() if not each.inputs]  # nothing was drawn before


async def test_pictures_come_among_them_as_stills(session: AsyncSession) -> None:
    await session.send(picture(7))
    (still,) = await taken(session, 1)
    assert isinstance(still, Still)
    assert still.size == (64, 64)


async def test_all_that_came_before_the_end_is_taken_after_it(
    client: AsyncClient, server: FakeServer
) -> None:
    async with client.session() as session:
        for _ in range(3):
            await session.send(tone(0.1, RATE))
        await until(server, lambda: len(pieces(server)) == 3)
        await session.update(seed=1)  # whose answer comes after them
        await session.close()
        heard = [each async for each in session.outputs()]
    assert [type(each) for each in heard[:3]] == [AudioChunk] * 3


async def test_who_gives_up_waiting_loses_no_sound(session: AsyncSession) -> None:
    made = []
    for number in range(20):
        await session.send(AudioChunk(tone(0.02, RATE), RATE, number * 20_000))
        with suppress(TimeoutError):
            async with asyncio.timeout(0):
                made += await taken(session, 1)
    while len(made) < 20:
        made += await taken(session, 1)
    times = [each.pts for each in made if isinstance(each, AudioChunk)]
    assert all(after == before + 20_000 for before, after in pairwise(times))


async def test_a_frame_of_a_video_model_needs_no_name() -> None:
    face = track("face", "video", "latest", width=64, height=64, rate=25.0)
    async with FakeServer(tracks=[face]) as server:
        async with AsyncClient(server.url, retry=QUICK) as client, client.session() as session:
            await session.send(plain((9, 9, 9)))
            await session.send(plain((9, 9, 9)))
            await until(server, lambda: bool(pieces(server)))
            assert pieces(server)[0].track == "face"


async def test_the_blocking_client_does_the_same(server: FakeServer) -> None:
    def work() -> list[Output]:
        with Client(server.url, retry=QUICK) as client, client.session() as session:
            for number in range(4):
                session.send(AudioChunk(tone(0.1, RATE), RATE, number * 100_000))
            outputs = session.outputs()
            made = [next(outputs) for _ in range(4)]
            assert session.unsent == {}
            return made

    made = await asyncio.to_thread(work)
    assert [each.pts for each in made if isinstance(each, AudioChunk)] == [
        0,
        100_000,
        200_000,
        300_000,
    ]
