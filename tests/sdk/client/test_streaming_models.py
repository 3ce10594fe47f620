"""A camera through the real server to a diffusion model and back, over a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from tests.sdk.client.test_real_server import serving
from tests.sdk.client.tracks import taken

from livedraft.client import AsyncClient, AsyncSession
from livedraft.media.chunks import VideoChunk
from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.diffusion.streams import SDTurboStream

pytestmark = pytest.mark.anyio

STEP = 40_000  # µs
BEGUN = 7_000


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights") / "turbo"
    SDTurboStream.tiny().save(folder)
    return folder


@pytest.fixture
async def client(weights: Path) -> AsyncIterator[AsyncClient]:
    async with serving(models=(f"sd-turbo-stream={weights}",), threads=1) as client:
        yield client


def frame(number: int) -> Pixels:
    """Return a smooth frame, that JPEG keeps, with a bar that moves."""
    rows = np.linspace(40, 160, 64)[:, None, None]
    made = np.broadcast_to(rows, (64, 64, 3)).astype(np.uint8).copy()
    made[:, 8 * number % 56 : 8 * number % 56 + 8] = 240
    return made


async def shown(session: AsyncSession, number: int) -> VideoChunk:
    await session.send(VideoChunk(frame(number)[None], BEGUN + number * STEP, STEP))
    (made,) = await taken(session, 1)
    assert isinstance(made, VideoChunk)
    return made


async def test_a_camera_comes_back_painted_on_the_media_clock(client: AsyncClient) -> None:
    (info,) = await client.models()
    assert [(each.name, each.kind) for each in info.inputs] == [
        ("sketch", "image"),
        ("camera", "video"),
    ]
    assert [each.kind for each in info.outputs] == ["image", "video"]
    async with client.session("sd-turbo-stream", prompt="a fox", still=2.0) as session:
        made = [await shown(session, number) for number in (0, 1, 2)]
        assert [after.pts - made[0].pts for after in made] == [0, STEP, 2 * STEP]
        assert all(each.size == (64, 64) and each.duration == STEP for each in made)
        final = await session.refine(steps=2)
        assert (final.stage, final.image.size) == ("final", (64, 64))


async def test_the_newest_frame_wins_where_the_camera_is_quicker(client: AsyncClient) -> None:
    async with client.session("sd-turbo-stream", prompt="a fox") as session:
        first = await shown(session, 0)
        for number in range(1, 40):
            await session.send(VideoChunk(frame(number)[None], BEGUN + number * STEP, STEP))
        times = [first.pts]
        async with asyncio.timeout(30):
            while times[-1] < first.pts + 39 * STEP:
                (made,) = await taken(session, 1)
                assert isinstance(made, VideoChunk)
                times.append(made.pts)
        assert times == sorted(set(times))
