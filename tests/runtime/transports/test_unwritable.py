"""Outputs that a codec does not take, or that lie across each other: the session goes on."""

import numpy as np
import pytest
from PIL import Image
from tests.memory import MemoryClient
from tests.runtime.transports.filming import loopback
from tests.sdk.media.codecs.films import tone

from livedraft.media.chunks import AudioChunk
from livedraft.media.codecs import Packets
from livedraft.media.images import encode
from livedraft.protocol.messages import Error, Media

pytestmark = pytest.mark.anyio


def sound(id: int, pts: int, rate: int, *, samples: int) -> Media:
    return Media(
        track="microphone",
        id=id,
        pts=pts,
        duration=round(samples * 1_000_000 / rate),
        codec="pcm-s16",
        rate=rate,
        channels=1,
        data=np.zeros(samples, "<i2").tobytes(),
    )


async def frame(client: MemoryClient, id: int, size: tuple[int, int]) -> None:
    data = encode(Image.new("RGB", size), "image/jpeg")
    await client.say(
        Media(track="camera", id=id, pts=id * 40_000, duration=40_000, codec="jpeg", data=data)
    )


async def test_a_frame_that_no_codec_takes_is_told_and_the_next_comes() -> None:
    async with loopback("vp8") as (client, _):
        await frame(client, 1, (16383, 1))
        told = await client.hear(Error)
        assert (told.id, told.fatal, told.code) == (1, False, "model_failed")
        assert "its codec refuses" in told.message
        await frame(client, 2, (64, 48))
        media = await client.hear(Media)
        assert (media.id, media.key) == (2, True)


async def test_sound_that_opus_does_not_take_is_told_and_the_next_comes() -> None:
    async with loopback("opus") as (client, _):
        await client.say(sound(1, 0, 500, samples=50))
        told = await client.hear(Error)
        assert (told.id, told.fatal) == (1, False)
        await client.say(sound(2, 200_000, 48_000, samples=960 * 2))
        assert (await client.hear(Media)).id == 2


def test_sound_that_lies_over_what_went_before_follows_on_it() -> None:
    packets = Packets()
    times: list[int] = []
    for pts in (100_000, 120_000, 220_000, 90_000, 600_000):
        chunk = AudioChunk(tone(0.1, 48_000), 48_000, pts)
        times += [each.pts for each in packets.push(chunk)]
    assert times == sorted(set(times)), "on a track times only grow"
    assert times[-5:] == [600_000 + 20_000 * n for n in range(5)], "in its place again"
