"""The tracks of a session, as clients that speak ``media`` are told of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from livedraft.errors import BadMessage
from livedraft.media.chunks import AudioChunk, Output, VideoChunk
from livedraft.protocol.messages import MEDIA, Media, Open, Track
from livedraft.protocol.tracks import PCM, PICTURES, family

from ..models.base import (
    AudioInput,
    AudioOutput,
    ImageInput,
    ImageOutput,
    InputSpec,
    ModelInfo,
    VideoOutput,
)
from ..sessions.mailbox import Encoded, Piece

MEDIA_WINDOW_MS = 500  # of each track; a round trip over a slow line, and no more

_KINDS: dict[str, type[Output]] = {"video": VideoChunk, "audio": AudioChunk}
_OURS = {"video": list(PICTURES), "audio": [PCM]}  # what is encoded here, the likeliest first


def tracks(info: ModelInfo, asked: Open) -> list[Track]:
    """Return what a model takes and gives, as tracks."""
    return [*map(_input, info.inputs), *output_tracks(info, asked).values()]


def output_tracks(info: ModelInfo, asked: Open) -> dict[type[Output], Track]:
    """Return the tracks that come down, each with the codec that it will have.

    Nothing comes to who did not ask for media; raises BadMessage where nothing else would come.
    """
    wanted = [spec for spec in info.outputs if not isinstance(spec, ImageOutput)]
    if MEDIA not in asked.features:
        if len(wanted) == len(info.outputs):
            raise BadMessage(
                f"{info.id} gives sound or moving pictures alone",
                fix='name "media" in open.features',
            )
        return {}
    return {_KINDS[spec.kind]: _output(spec, asked.codecs) for spec in wanted}


def piece(media: Media) -> Piece:
    """Return what a message brings on a track of video or sound; raise InvalidMedia."""
    if media.codec != PCM:
        return Encoded(media.data, media.pts, media.duration)
    samples = np.frombuffer(media.data, "<i2").reshape(-1, media.channels)
    return AudioChunk(samples.astype(np.int16, copy=False), media.rate, media.pts)


def _input(spec: InputSpec) -> Track:
    video = spec.kind != "audio"
    return Track(
        name=spec.name,
        way="in",
        kind=spec.kind,
        policy="latest" if isinstance(spec, ImageInput) else spec.policy,
        max_s=0.0 if isinstance(spec, ImageInput) else spec.max_s,
        codecs=_OURS["video" if video else "audio"],
        width=0 if isinstance(spec, AudioInput) else spec.width,
        height=0 if isinstance(spec, AudioInput) else spec.height,
        rate=0.0 if isinstance(spec, ImageInput) else float(spec.rate),
        channels=spec.channels if isinstance(spec, AudioInput) else 0,
        required=spec.required,
    )


def _output(spec: VideoOutput | AudioOutput, wished: Sequence[str]) -> Track:
    width, height = (spec.width, spec.height) if isinstance(spec, VideoOutput) else (0, 0)
    return Track(
        name=spec.name,
        way="out",
        kind=spec.kind,
        policy="",
        max_s=0.0,
        codecs=[_codec(spec.kind, wished)],
        width=width,
        height=height,
        rate=float(spec.rate),
        channels=spec.channels if isinstance(spec, AudioOutput) else 0,
        required=False,
    )


def _codec(kind: str, wished: Iterable[str]) -> str:
    """Return the first codec that a client wishes and we have, else what all can show."""
    ours = _OURS[kind]
    return next((codec for codec in map(family, wished) if codec in ours), ours[0])
