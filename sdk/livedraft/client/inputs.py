"""Pictures by the names of a model's inputs, to the bytes that are sent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from livedraft.errors import InvalidImage, did_you_mean
from livedraft.media.sources import Picture, pack

from .info import ModelInfo

Pictures = Picture | Mapping[str, Picture | None]


async def packed(info: ModelInfo, pictures: Pictures) -> dict[str, bytes]:
    """Return each picture as bytes no larger than its input; nothing stands for None.

    A picture without a name is the model's first input. Raises InvalidImage.
    """
    specs = {spec.name: spec for spec in info.inputs}
    if not isinstance(pictures, Mapping):
        pictures = {next(iter(specs), "image"): pictures}
    made: dict[str, bytes] = {}
    for name, picture in pictures.items():
        if name not in specs:
            fix = did_you_mean(name, specs) if specs else "send params alone"
            raise InvalidImage(f"{info.id} has no input '{name}'", fix=fix)
        spec = specs[name]
        made[name] = b""
        if picture is not None:
            made[name] = await asyncio.to_thread(
                pack, picture, spec.width, spec.height, alpha=spec.alpha
            )
    return made
