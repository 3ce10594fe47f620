"""Makes a first small thing with each model, so that the first user need not wait longer."""

from __future__ import annotations

import numpy as np
from PIL import Image

from livedraft.media import images
from livedraft.media.chunks import AudioChunk, VideoChunk

from .models.base import AudioInput, ImageInput, ModelInfo, VideoInput
from .sessions.mailbox import Piece
from .sessions.oneshot import first_output, one_shot
from .sessions.runner import Runner

_US = 40_000  # of blank sound and video
_RATE, _SIDE = 16_000, 64  # where a model takes any


async def warm_up(runner: Runner, info: ModelInfo) -> None:
    """Have a model make something from blank inputs; raise what goes wrong."""
    pictures = {spec.name: _picture(spec) for spec in info.inputs if isinstance(spec, ImageInput)}
    if all(isinstance(spec, ImageInput) for spec in info.inputs) and any(
        spec.kind == "image" for spec in info.outputs
    ):
        await one_shot(runner, info.id, pictures, {"steps": 1})
        return
    pieces = {spec.name: _piece(spec) for spec in info.inputs if not isinstance(spec, ImageInput)}
    await first_output(runner, info.id, pictures, pieces)


def _picture(spec: ImageInput) -> bytes:
    blank = np.zeros((spec.height, spec.width, 4 if spec.alpha else 3), np.uint8)
    return images.encode(Image.fromarray(blank))


def _piece(spec: VideoInput | AudioInput) -> Piece:
    if isinstance(spec, VideoInput):
        shape = (1, spec.height or _SIDE, spec.width or _SIDE, 3)
        return VideoChunk(np.zeros(shape, np.uint8), 0, _US)
    rate = spec.rate or _RATE
    silence = np.zeros((rate * _US // 1_000_000, spec.channels or 1), np.int16)
    return AudioChunk(silence, rate, 0)
