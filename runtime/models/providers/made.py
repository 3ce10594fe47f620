"""A provider's file as outputs: a picture, or video and sound piece by piece."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
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

_SAY = "set kinds in the model's card to what it makes"
_FIX = "try again; if it stays, the model makes what cannot be shown here"


def chosen(files: Sequence[File], kinds: Collection[str]) -> File:
    """Return the first file of kinds that a model gives; raise ModelFailed for none."""
    for file in files:
        if file.kind in kinds:
            return file
    raise _other(files[0].kind, kinds)


def pieces(file: File, data: bytes, kinds: Collection[str]) -> Iterator[Sequence[Output]]:
    """Yield what a file shows, piece by piece, on its own clock; raise ModelFailed.

    A stream of another kind than ``kinds`` is left out: of sound alone, the pictures beside it.
    """
    if file.kind not in kinds:
        raise _other(file.kind, kinds)
    try:
        if file.kind == "image":
            yield [_picture(data)]
            return
        every = _moving(data, kinds)
        while some := list(islice(every, _PIECE)):
            yield some
    except (InvalidImage, InvalidMedia) as error:
        raise ModelFailed(f"the provider's {file.kind}: {error.message}", fix=_FIX) from None


def _picture(data: bytes) -> Still:
    return Still(np.asarray(decode(data)), data if is_signed(data) else b"")


def _moving(data: bytes, kinds: Collection[str]) -> Iterator[VideoChunk | AudioChunk]:
    """Yield frames and sound in the order of their times."""
    info = probe(data)
    streams: list[Iterator[VideoChunk | AudioChunk]] = []
    if info.video and "video" in kinds:
        streams.append(iter(read_video(data, background=(255, 255, 255))))
    if info.sound and "audio" in kinds:
        streams.append(iter(read_audio(data, limits=STRANGERS)))
    if not streams:
        raise _other("video" if info.video else "audio", kinds)
    yield from merge(*streams, key=lambda output: output.pts)


def _other(kind: str, kinds: Collection[str]) -> ModelFailed:
    return ModelFailed(
        f"the provider made {kind}, where {' and '.join(kinds)} was expected", fix=_SAY
    )
