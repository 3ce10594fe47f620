"""The tracks of a session, as clients that speak ``media`` are told of them."""

from __future__ import annotations

from importlib.util import find_spec

from livedraft.errors import BadMessage
from livedraft.media.chunks import AudioChunk, Output, VideoChunk
from livedraft.protocol.features import FEATURES, FILMS, KEYS, MEDIA, RTP, TALK
from livedraft.protocol.messages import Open, Track
from livedraft.protocol.tracks import MOVING, OPUS, PCM, PICTURES, TEXT, family
from livedraft.protocol.tracks import RTP as BY_RTP

from ..models.base import (
    AudioInput,
    AudioOutput,
    ImageInput,
    ImageOutput,
    ModelInfo,
    TextInput,
    VideoInput,
    VideoOutput,
)
from .lines import Lines

MEDIA_WINDOW_MS = 500  # of each track; a round trip over a slow line, and no more

_KINDS: dict[str, type[Output]] = {"video": VideoChunk, "audio": AudioChunk}


def tracks(info: ModelInfo, asked: Open, lines: Lines | None = None) -> list[Track]:
    """Return what a model takes and gives, as tracks."""
    talks = TALK in asked.features  # others know of no such track
    inputs = [
        _text(spec) if isinstance(spec, TextInput) else _input(spec, asked)
        for spec in info.inputs
        if talks or not isinstance(spec, TextInput)
    ]
    return [*inputs, *output_tracks(info, asked, lines).values()]


def features(asked: Open, lines: Lines | None = None) -> list[str]:
    """Return those of a client's features that this server has, over this channel."""
    here = {KEYS: has_codecs(), RTP: lines is not None}
    return [name for name in FEATURES if name in asked.features and here.get(name, True)]


def output_tracks(
    info: ModelInfo, asked: Open, lines: Lines | None = None
) -> dict[type[Output], Track]:
    """Return the tracks that come down, each with the codec that it will have.

    Nothing comes to who did not ask for media; raises BadMessage where nothing else would come.
    """
    wanted = [spec for spec in info.outputs if not isinstance(spec, ImageOutput)]
    if MEDIA not in asked.features:
        if len(wanted) == len(info.outputs) and not (FILMS in asked.features and info.films):
            raise BadMessage(
                f"{info.id} gives sound or moving pictures alone",
                fix='name "media" in open.features',
            )
        return {}
    return {_KINDS[spec.kind]: _output(spec, asked, lines) for spec in wanted}


def has_codecs() -> bool:
    """Return whether moving pictures and sound can be coded here: the extra ``media`` is there."""
    return find_spec("av") is not None


def _ours(kind: str, asked: Open) -> list[str]:
    """Return the codecs of a kind that are spoken with a client, the likeliest first."""
    coded = has_codecs()
    if kind == "audio":
        return [PCM, OPUS] if coded else [PCM]
    moving = kind == "video" and coded and KEYS in asked.features
    return [*PICTURES, *MOVING] if moving else list(PICTURES)


def _text(spec: TextInput) -> Track:
    return Track(
        name=spec.name,
        way="in",
        kind=spec.kind,
        policy=spec.policy,
        max_s=0.0,
        codecs=[TEXT],
        width=0,
        height=0,
        rate=0.0,
        channels=0,
        required=spec.required,
        max_chars=spec.max_chars,
    )


def _input(spec: ImageInput | VideoInput | AudioInput, asked: Open) -> Track:
    return Track(
        name=spec.name,
        way="in",
        kind=spec.kind,
        policy="latest" if isinstance(spec, ImageInput) else spec.policy,
        max_s=0.0 if isinstance(spec, ImageInput) else spec.max_s,
        codecs=_ours(spec.kind, asked),
        width=0 if isinstance(spec, AudioInput) else spec.width,
        height=0 if isinstance(spec, AudioInput) else spec.height,
        rate=0.0 if isinstance(spec, ImageInput) else float(spec.rate),
        channels=spec.channels if isinstance(spec, AudioInput) else 0,
        required=spec.required,
    )


def _output(spec: VideoOutput | AudioOutput, asked: Open, lines: Lines | None) -> Track:
    width, height = (spec.width, spec.height) if isinstance(spec, VideoOutput) else (0, 0)
    return Track(
        name=spec.name,
        way="out",
        kind=spec.kind,
        policy="",
        max_s=0.0,
        codecs=[_codec(spec.kind, asked, lines)],
        width=width,
        height=height,
        rate=float(spec.rate),
        channels=spec.channels if isinstance(spec, AudioOutput) else 0,
        required=False,
    )


def _codec(kind: str, asked: Open, lines: Lines | None) -> str:
    """Return RTP where there is a track, the first codec wished that we have, or what all show."""
    if lines is not None and RTP in asked.features and lines.gives(kind):
        return BY_RTP
    ours = _ours(kind, asked)
    return next((codec for codec in map(family, asked.codecs) if codec in ours), ours[0])
