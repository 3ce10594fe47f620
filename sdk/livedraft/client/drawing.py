"""What was drawn, as its user gave it: the next model may read it larger than this one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from livedraft.media.sources import PictureSource, own
from livedraft.protocol.switching import renamed

from .info import ModelInfo
from .inputs import packed


class Drawing:
    """The newest picture of each input; nobody else writes to them."""

    def __init__(self) -> None:
        self._pictures: dict[str, PictureSource] = {}

    def put(self, pictures: Mapping[str, PictureSource | None]) -> None:
        """Keep pictures, in place of those of the same name; None removes one."""
        drawn = {**self._pictures, **pictures}
        self._pictures = {name: each for name, each in drawn.items() if each is not None}

    async def read_by(self, of: ModelInfo, to: ModelInfo, most_bytes: int) -> dict[str, bytes]:
        """Return each picture by the name, and at the size, at which another model reads it."""
        there = renamed(self._pictures, of.picture_names, to.picture_names)
        return await packed(to, there, most_bytes)

    def rename(self, of: ModelInfo, to: ModelInfo) -> None:
        """Go on under the names of another model."""
        self._pictures = renamed(self._pictures, of.picture_names, to.picture_names)


async def owned(
    pictures: Mapping[str, PictureSource | None], most_pixels: int
) -> dict[str, PictureSource | None]:
    """Return pictures as they are now, whatever their user does with them; raise InvalidImage.

    Those of more pixels than a server takes are shrunk to that.
    """
    kept: dict[str, PictureSource | None] = {}
    for name, picture in pictures.items():
        kept[name] = picture
        if picture is not None and not isinstance(picture, bytes):  # these are worth no thread
            kept[name] = await asyncio.to_thread(own, picture, most_pixels)
    return kept
