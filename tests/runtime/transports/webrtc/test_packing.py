"""Frames on their way into packets, and those who ask for a key frame."""

from __future__ import annotations

import numpy as np
import pytest

from livedraft.media.chunks import VideoChunk
from livedraft.runtime.transports.picture_pool import PicturePool
from livedraft.runtime.transports.turns import Flow
from livedraft.runtime.transports.webrtc.pace import Pace
from livedraft.runtime.transports.webrtc.packing import Packing, Parcel

pytestmark = pytest.mark.anyio
TICK = 33_333  # µs
GREY = np.full((1, 64, 64, 3), 128, np.uint8)


class Nowhere:
    """A way on which packets are lost."""

    def put(self, parcel: Parcel) -> None:
        """Lose one."""

    def forget(self) -> None:
        """Nothing waits."""


async def test_however_many_lose_frames_key_frames_are_rare() -> None:
    pool = PicturePool(threads=1, max_pixels=10_000)
    packing = Packing("vp8", Nowhere(), pool, Flow("", ""), Pace(lambda: 0))
    keys = []
    for at in range(30):  # a second
        for _ in range(20):
            packing.key()
        [made] = await packing.pieces(VideoChunk(GREY, at * TICK, TICK))
        keys.append(made.key)
    assert keys[0]
    assert 2 <= sum(keys[1:]) <= 3
    pool.close()


async def test_who_asks_for_a_key_frame_too_soon_gets_it_later() -> None:
    pool = PicturePool(threads=1, max_pixels=10_000)
    packing = Packing("vp8", Nowhere(), pool, Flow("", ""), Pace(lambda: 0))
    keys = []
    for at in range(30):
        if at in (5, 7):
            packing.key()
        [made] = await packing.pieces(VideoChunk(GREY, at * TICK, TICK))
        keys.append(made.key)
    assert [at for at, key in enumerate(keys) if key] == [0, 5, 15]
    pool.close()
