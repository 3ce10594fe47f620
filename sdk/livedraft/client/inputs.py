"""What users hand over, by the names of a model's inputs, to the bytes that are sent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from livedraft.errors import InvalidImage, InvalidMedia, InvalidParams, did_you_mean
from livedraft.media.chunks import AudioChunk, VideoChunk
from livedraft.media.sources import PictureSource, pack
from livedraft.protocol.messages import Track
from livedraft.protocol.values import plain_params, size_of

from .info import ModelInfo
from .lines import Piece, Shot
from .uplink import Uplink

if TYPE_CHECKING:
    from livedraft.media.chunks import Samples

# One frame or picture, frames or sound with times, or an array of PCM.
Value: TypeAlias = "PictureSource | VideoChunk | AudioChunk | Samples"
Values: TypeAlias = "Value | Mapping[str, Value | None]"
Pictures = PictureSource | Mapping[str, PictureSource | None]

_ENVELOPE_BYTES = 1024  # of a message of media, all but its data


def sendable(params: Mapping[str, Any], most_bytes: int) -> dict[str, Any]:
    """Return params as they are sent; raise InvalidParams for what cannot be, or is too large."""
    plain = plain_params(params)
    if size_of(plain) > most_bytes:
        raise InvalidParams("the params are too large", fix=f"send at most {most_bytes} bytes")
    return plain


def named(info: ModelInfo, pictures: Pictures | None) -> Mapping[str, PictureSource | None]:
    """Return pictures by the names of a model's inputs; raise InvalidImage for one it has not.

    A picture without a name is the first input's.
    """
    if pictures is None:
        return {}
    names = [spec.name for spec in info.inputs]
    if not isinstance(pictures, Mapping):
        pictures = {next(iter(names), "image"): pictures}
    for name in pictures:
        if name not in names:
            fix = did_you_mean(name, names) if names else "send params alone"
            raise InvalidImage(f"{info.id} has no input '{name}'", fix=fix)
    return pictures


async def packed(
    info: ModelInfo, pictures: Mapping[str, PictureSource | None], most_bytes: int | None = None
) -> dict[str, bytes]:
    """Return each picture as bytes no larger than its input; nothing stands for None.

    Raises InvalidImage.
    """
    specs = {spec.name: spec for spec in info.inputs}
    made: dict[str, bytes] = {}
    for name, picture in pictures.items():
        spec = specs[name]
        made[name] = b""
        if picture is not None:
            made[name] = await asyncio.to_thread(
                pack, picture, spec.width, spec.height, alpha=spec.alpha
            )
    if most_bytes is not None and sum(map(len, made.values())) > most_bytes:
        raise InvalidImage("the pictures are too large", fix=f"send at most {most_bytes} bytes")
    return made


def parted(values: Values, up: Uplink) -> tuple[Pictures | None, list[tuple[Track, Any]]]:
    """Return the pictures for one ``input``, None for none, and what goes on which track.

    Raises InvalidMedia for what no track takes.
    """
    if not isinstance(values, Mapping):
        track = up.track(values)
        if track is not None:
            return None, [(track, values)]
        pictures: Any = values  # whether it is one is judged when it is packed
        return pictures, []
    tracks = {name: up.track(value, name) for name, value in values.items()}
    left: Any = {name: value for name, value in values.items() if tracks[name] is None}
    media = [(track, values[name]) for name, track in tracks.items() if track is not None]
    return left if left or not media else None, media


async def pieces(
    up: Uplink, media: list[tuple[Track, Any]], most_bytes: int
) -> list[tuple[Piece | Shot, Track]]:
    """Return all that is to be sent; raise InvalidMedia or InvalidImage.

    Frames are encoded on a thread; sound is not, so that it keeps its order.
    """
    made: list[tuple[Piece | Shot, Track]] = []
    for track, value in media:
        if track["kind"] == "audio":
            found = up.pieces(track, value)
        else:
            found = await asyncio.to_thread(up.pieces, track, value)
        for piece in found:
            if isinstance(piece, Piece) and len(piece.data) > most_bytes - _ENVELOPE_BYTES:
                raise InvalidMedia(f"a frame of {len(piece.data)} bytes", fix="send a smaller one")
            made.append((piece, track))
    return made
