"""Media through the real server and its null models: what went up comes down, all on one clock."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from tests.sdk.client.test_real_server import serving
from tests.sdk.client.tracks import taken
from tests.sdk.media.codecs.films import plain, tone

from livedraft.client import AsyncClient, AsyncSession, Client
from livedraft.errors import InvalidMedia
from livedraft.media.chunks import SECOND, AudioChunk, Output, VideoChunk

pytestmark = pytest.mark.anyio

RATE = 16_000
STEP = 320  # samples: 20 ms


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    async with serving(models=("loopback", "metronome", "echo")) as client:
        yield client


@pytest.fixture
async def loop(client: AsyncClient) -> AsyncIterator[AsyncSession]:
    async with client.session("loopback") as session:
        yield session


def piece(sound: Any, at: int) -> AudioChunk:
    return AudioChunk(sound[at : at + STEP], RATE, at * SECOND // RATE)


async def test_models_tell_what_they_give(client: AsyncClient) -> None:
    kinds = {each.id: [out.kind for out in each.outputs] for each in await client.models()}
    assert kinds["loopback"] == kinds["metronome"] == ["video", "audio"]
    assert kinds["echo"] == ["image"]


async def test_each_sample_comes_back_in_its_place(loop: AsyncSession) -> None:
    sound = (np.arange(RATE) % 30_000).astype(np.int16)[:, None]
    heard: list[Output] = []
    for at in range(0, len(sound), STEP):  # one comes back before the next goes: none is late
        await loop.send(piece(sound, at))
        heard += await taken(loop, 1)
    chunks = [each for each in heard if isinstance(each, AudioChunk)]
    assert np.array_equal(np.concatenate([chunk.samples for chunk in chunks]), sound)
    assert all(after.pts == before.end for before, after in pairwise(chunks))
    assert loop.unsent == {}


async def test_what_is_not_taken_holds_the_server_back_and_is_not_lost(loop: AsyncSession) -> None:
    sound = tone(1.5, RATE)  # more than the server runs ahead, less than it lets wait
    for at in range(0, len(sound), STEP):
        await loop.send(piece(sound, at))
    heard = await taken(loop, len(sound) // STEP)
    chunks = [each for each in heard if isinstance(each, AudioChunk)]
    assert np.array_equal(np.concatenate([chunk.samples for chunk in chunks]), sound)


async def test_frames_come_back_at_their_times(loop: AsyncSession) -> None:
    for number, shade in enumerate((250, 130, 10)):
        frame = plain((shade,) * 3, (64, 36))
        await loop.send(VideoChunk(frame[None], 7_000 + number * 40_000, 40_000))
        (shown,) = await taken(loop, 1)
        assert isinstance(shown, VideoChunk)
        assert (shown.size, shown.duration) == ((64, 36), 40_000)
        assert abs(int(shown.frames.mean()) - shade) <= 3


async def test_the_newest_frame_always_comes(loop: AsyncSession) -> None:
    for number in range(30):
        frame = plain((8 * number,) * 3, (64, 36))
        await loop.send(VideoChunk(frame[None], number * 40_000, 40_000))
    async with asyncio.timeout(10):
        async for shown in loop.outputs():
            assert isinstance(shown, VideoChunk)
            if abs(int(shown.frames.mean()) - 8 * 29) <= 3:
                break


async def test_flash_and_click_stand_at_one_time(client: AsyncClient) -> None:
    async with client.session("metronome", beat_ms=200) as session:
        await session.update(beat_ms=200)
        outputs = await taken(session, 44)
    frames = [each for each in outputs if isinstance(each, VideoChunk)]
    sounds = [each for each in outputs if isinstance(each, AudioChunk)]
    flashes = [each.pts for each in frames if each.frames.mean() > 200]
    clicks = [each.pts for each in sounds if np.abs(each.samples).max() > 9_000]
    assert len(flashes) >= 4
    assert flashes == clicks
    assert all(after - before == 200_000 for before, after in pairwise(flashes))
    assert all(after.pts == before.end for before, after in pairwise(sounds))


async def test_what_the_model_does_not_take_is_told(client: AsyncClient) -> None:
    async with client.session("echo") as session:
        with pytest.raises(InvalidMedia, match="takes no audio") as refusal:
            await session.send(piece(tone(0.02, RATE), 0))
    assert "inputs" in refusal.value.fix


async def test_the_blocking_client_hears_it_too(client: AsyncClient) -> None:
    def work() -> list[Output]:
        with Client(client.url) as blocking, blocking.session("loopback") as session:
            sound, outputs, heard = tone(0.1, RATE), session.outputs(), []
            for at in range(0, len(sound), STEP):
                session.send(piece(sound, at))
                heard.append(next(outputs))
            return heard

    heard = await asyncio.to_thread(work)
    assert sum(len(each) for each in heard if isinstance(each, AudioChunk)) == RATE // 10
