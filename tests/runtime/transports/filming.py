"""A camera and a screen that speak codecs, for connections of tests over memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from tests.memory import MemoryClient
from tests.sdk.media.codecs.films import plain
from tests.sdk.media.codecs.test_reading import COLOURS

from livedraft.media.chunks import VideoChunk
from livedraft.media.codecs import Encoded, VideoDecoder, VideoEncoder
from livedraft.protocol.messages import Ack, Media, Open, Opened
from livedraft.runtime.clock import MONOTONIC, Clock
from livedraft.runtime.config import Config
from livedraft.runtime.server import Server

STEP = 40_000  # µs
ASKED = ["media", "keys"]


@asynccontextmanager
async def loopback(
    *codecs: str, clock: Clock = MONOTONIC, **more: Any
) -> AsyncIterator[tuple[MemoryClient, Opened]]:
    """Give a client of the null model that plays these codecs, and what it was told."""
    fields = {"features": ASKED, "codecs": list(codecs)} | more
    async with Server(Config(models=("loopback",))) as service:
        service.clock = clock
        async with MemoryClient(service, depth=200) as client:
            yield client, await client.open(Open.model_validate(fields))


class Camera:
    """Films colours in a codec."""

    def __init__(self, codec: str, size: tuple[int, int] = (64, 48)) -> None:
        self.codec = codec
        self.number = 0
        self.resize(size)

    def resize(self, size: tuple[int, int]) -> None:
        self.size = size
        self._encoder = VideoEncoder(self.codec, size, frame_rate=25)

    def frame(self, *, key: bool = False) -> Media:
        """Return the next frame."""
        self.number += 1
        pixels = plain(COLOURS[self.number % 4], self.size)
        made = self._encoder.encode(pixels, self.number * STEP, STEP, key=key)
        return Media(
            track="camera",
            id=self.number,
            pts=made.pts,
            duration=STEP,
            codec=self.codec,
            key=made.key,
            data=made.data,
        )


class Screen:
    """Decodes what comes down, as a client has to."""

    def __init__(self, client: MemoryClient, codec: str) -> None:
        self.client = client
        self.decoder = VideoDecoder(codec)
        self.codec = codec

    def decode(self, media: Media) -> VideoChunk:
        """Return the frame of a piece."""
        assert media.codec == self.codec
        [chunk] = self.decoder.decode(Encoded(media.data, media.pts, media.duration, media.key))
        return chunk

    async def next(self, *, confirm: bool = True) -> tuple[Media, VideoChunk]:
        """Return the next frame."""
        media = await self.client.hear(Media)
        chunk = self.decode(media)
        if confirm:
            await self.client.say(Ack(seq=media.seq))
        return media, chunk


def shows(chunk: VideoChunk, number: int) -> bool:
    height, width = chunk.frames.shape[1:3]
    seen = chunk.frames[0, height // 2, width // 2].astype(int)
    return bool(np.abs(seen - COLOURS[number % 4]).max() < 24)
