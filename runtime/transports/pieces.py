"""Video and sound as the pieces that go over the wire: each frame encoded, PCM as it is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import numpy as np

from livedraft.media.chunks import AudioChunk, VideoChunk
from livedraft.protocol.tracks import PCM, PICTURES

from .picture_pool import PicturePool
from .turns import Flow

_FULL = 32767  # the largest 16-bit sample


@dataclass(frozen=True, slots=True)
class Piece:
    """What one ``media`` message carries."""

    pts: int  # µs
    duration: int  # µs
    data: bytes
    codec: str
    key: bool = True  # whether it can be decoded without those before it
    rate: int = 0  # of sound
    channels: int = 0


async def frames(chunk: VideoChunk, codec: str, pictures: PicturePool, flow: Flow) -> list[Piece]:
    """Return each frame as a picture of a codec; as WebP where that shows no transparency."""
    codec = "webp" if codec == "jpeg" and chunk.frames.shape[3] == 4 else codec
    found = list(chunk)
    ends = [*(pts for _, pts in found[1:]), chunk.end]
    encoded = await asyncio.gather(
        *(pictures.encode(frame, PICTURES[codec], flow=flow) for frame, _ in found)
    )
    return [
        Piece(pts, end - pts, data, codec)
        for (_, pts), end, data in zip(found, ends, encoded, strict=True)
    ]


def pcm(chunk: AudioChunk) -> Piece:
    """Return sound as 16-bit samples; what is beyond full scale is cut off."""
    samples = chunk.samples
    if samples.dtype == np.float32:
        samples = np.rint(np.clip(samples, -1, 1) * _FULL).astype(np.int16)
    data = samples.astype("<i2", copy=False).tobytes()
    return Piece(chunk.pts, chunk.duration, data, PCM, rate=chunk.rate, channels=chunk.channels)
