"""A provider's file as outputs: a picture, or video and sound piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import islice

import numpy as np

from livedraft.errors import InvalidImage, InvalidMedia, ModelFailed
from livedraft.media.chunks import AudioChunk, Output, Still, VideoChunk
from livedraft.media.codecs import STRANGERS, probe, read_audio, read_video
from livedraft.media.images import decode
from livedraft.media.marks import is_signed

from .provider import File

_PIECE = 12  # outputs that are decoded ahead

_FIX = "try again; if it stays, the model makes what cannot be shown here"


def pieces(file: File, data: bytes) -> Iterator[Sequence[Output]]:
    """Yield what a file shows, piece by piece, on its own clock; raise ModelFailed."""
    try:
        if file.kind == "image":
            yield [_picture(data)]
            return
        every = _moving(data)
        while some := list(islice(every, _PIECE)):
            yield some
    except (InvalidImage, InvalidMedia) as error:
        raise ModelFailed(f"the provider's {file.kind}: {error.message}", fix=_FIX) from None


def _picture(data: bytes) -> Still:
    return Still(np.asarray(decode(data)), data if is_signed(data) else b"")


def _moving(data: bytes) -> Iterator[VideoChunk | AudioChunk]:
    """Yield frames and sound in the order of their times."""
    info = probe(data)
    streams: list[Iterator[VideoChunk | AudioChunk]] = []
    if info.video:
        streams.append(iter(read_video(data, background=(255, 255, 255))))
    if info.sound:
        streams.append(iter(read_audio(data, limits=STRANGERS)))
    yield from merge(*streams, key=lambda output: output.pts)
