"""What is final, in one piece: a picture, or a film's file; and how far it is meanwhile."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

from PIL import Image
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, ValidationError

from livedraft.errors import TransportError, from_wire
from livedraft.files import replacing
from livedraft.media.chunks import SECOND
from livedraft.media.images import decode
from livedraft.media.recipes import with_recipe
from livedraft.protocol.messages import Note

from .asking import Event
from .info import RefineProgress

Told = Callable[[RefineProgress], object]  # may be a coroutine function


class FilmFile(BaseModel):
    """A film as a file, with its sound, its recipe and its mark; of sound alone without frames."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    data: bytes = Field(repr=False)
    mime: str  # "video/mp4"
    width: int  # px
    height: int  # px
    frames: int
    duration: int  # µs
    model: str
    seed: int | None = None  # of a model that has one
    params: dict[str, Any]  # as used
    notes: tuple[Note, ...] = ()  # what to know of how it was made

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.duration / SECOND

    def save(self, path: str | PathLike[str]) -> None:
        """Write the file; raise ConfigError where it cannot be."""
        with replacing(Path(path)) as partial:
            partial.write_bytes(self.data)


async def taken(
    events: AsyncGenerator[Event, None], on_progress: Told | None
) -> Image.Image | FilmFile:
    """Return what comes at the end, and tell how far it is; raise what went wrong."""
    async with aclosing(events) as coming:
        async for kind, fields in coming:
            if kind == "error":
                raise from_wire(_read(_Error, fields).error)
            if kind == "made":
                return await asyncio.to_thread(_made, fields)
            if kind == "progress" and on_progress is not None:
                way = _read(_Way, fields)
                told = on_progress(RefineProgress(way.step, way.steps, way.notes))
                if inspect.isawaitable(told):
                    await told
    raise TransportError("neither a picture nor a film came", fix="try again")


def _made(fields: dict[str, Any]) -> Image.Image | FilmFile:
    if "film" not in fields:
        return with_recipe(decode(_read(_Picture, fields).image))
    return _read(FilmFile, fields | {"data": _read(_Film, fields).film})


class _Way(BaseModel):
    step: int = 0
    steps: int = 0
    notes: tuple[Note, ...] = ()


class _Error(BaseModel):
    error: dict[str, Any] = {}


class _Film(BaseModel):
    film: Base64Bytes


class _Picture(BaseModel):
    image: Base64Bytes


T = TypeVar("T", bound=BaseModel)


def _read(kind: type[T], fields: dict[str, Any]) -> T:
    try:
        return kind.model_validate(fields)
    except ValidationError:
        raise TransportError(
            "the server's answer cannot be read", fix="use a client and a server of one version"
        ) from None
