"""Requests with something for each input, as models are tried with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from livedraft.media.chunks import SECOND, AudioChunk, TextChunk, VideoChunk
from livedraft.protocol.messages import Stage

from .models.base import (
    AnyModel,
    AudioInput,
    ImageInput,
    Inputs,
    Params,
    Pixels,
    Request,
    TextInput,
    VideoInput,
)

AT_US = 7_654_321  # on the media clock, where what is asked for begins
_PIECES = 5  # of sound and video that a request holds
_PIECE_US = 40_000


def request(model: AnyModel, *, steps: int = 1, shade: int = 0, **params: object) -> Request[Any]:
    """Return a request with something for each input."""
    stage = Stage.DRAFT if steps == model.info.draft_steps else Stage.FINAL
    video, audio = media(model)
    return Request(
        taken(model, **params),
        drawing(model, shade),
        stage,
        steps,
        video=video,
        audio=audio,
        at=AT_US,
        text=words(model),
    )


def taken(model: AnyModel, **params: object) -> Params:
    """Return params, those of these that a model takes."""
    known = {name: value for name, value in params.items() if name in model.params.model_fields}
    return model.params.model_validate(known)


def drawing(model: AnyModel, shade: int = 0) -> Inputs:
    """Return a thick diagonal on paper for each input of pictures."""
    inputs: dict[str, Pixels] = {}
    for spec in model.info.inputs:
        if not isinstance(spec, ImageInput):
            continue
        paper = np.full((spec.height, spec.width, 3), 255, np.uint8)
        for at in range(20, min(spec.width, spec.height) - 20):
            paper[at : at + 4, at + shade : at + shade + 4] = 0
        inputs[spec.name] = paper
    return inputs


def media(
    model: AnyModel,
) -> tuple[Mapping[str, Sequence[VideoChunk]], Mapping[str, Sequence[AudioChunk]]]:
    """Return a bright bar that moves, and a tone, for each input of video and sound."""
    times = range(AT_US, AT_US + _PIECES * _PIECE_US, _PIECE_US)
    video: dict[str, Sequence[VideoChunk]] = {}
    audio: dict[str, Sequence[AudioChunk]] = {}
    for spec in model.info.inputs:
        if isinstance(spec, VideoInput):
            frames = np.zeros((_PIECES, 1, spec.height or 90, spec.width or 160, 3), np.uint8)
            for at, frame in enumerate(frames):
                frame[..., 20 * at : 20 * at + 20, :] = 250
            video[spec.name] = [
                VideoChunk(frame, pts, _PIECE_US) for frame, pts in zip(frames, times, strict=True)
            ]
        elif isinstance(spec, AudioInput):
            rate = spec.rate or 16_000
            count = rate * _PIECE_US // SECOND
            wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(_PIECES * count) / rate)
            tone = np.repeat(wave.astype(np.float32)[:, None], spec.channels or 1, axis=1)
            audio[spec.name] = [
                AudioChunk(tone[number * count : (number + 1) * count], rate, pts)
                for number, pts in enumerate(times)
            ]
    return video, audio


def words(model: AnyModel) -> Mapping[str, Sequence[TextChunk]]:
    """Return a sentence, in two pieces and ended, for each input of text."""
    said = [TextChunk(text, AT_US) for text in ("Good mor", "ning to you.", "")]
    return {spec.name: said for spec in model.info.inputs if isinstance(spec, TextInput)}
