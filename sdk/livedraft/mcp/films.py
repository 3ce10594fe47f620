"""Films that assistants were given: resources to read, bounded in number, bytes and time."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Iterator
from importlib.util import find_spec

import numpy as np
from mcp_types import ResourceLink
from PIL import Image

from livedraft.client import FilmFile
from livedraft.errors import BadInput, InvalidMedia

MOST = 64  # then the oldest are forgotten
MOST_BYTES = 64 * 2**20  # of all; the newest is kept in any case
KEEP_S = 3600.0
URI = "livedraft://films/{name}"
_SHOWN = 4  # frames that an assistant sees of a film
_WITHIN = (320, 320)  # px, each of them
_LOOKED_AT_US = 8_000_000  # of its beginning, as what is decoded for it is bounded


class Films:
    """Films by names that nobody can guess."""

    def __init__(self) -> None:
        self._films: OrderedDict[str, bytes] = OrderedDict()
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def __len__(self) -> int:
        return len(self._films)

    def keep(self, film: FilmFile) -> ResourceLink:
        """Keep a film for a time, and return where it is read."""
        name = f"{secrets.token_urlsafe(12)}.mp4"
        self._films[name] = film.data
        loop = asyncio.get_running_loop()
        self._timers[name] = loop.call_later(KEEP_S, self._forget, name)
        while len(self._films) > 1 and (len(self._films) > MOST or self._bytes > MOST_BYTES):
            self._forget(next(iter(self._films)))
        return link(URI.format(name=name), film)

    def read(self, name: str) -> bytes:
        """Return a film's file; raise BadInput for one that is not there."""
        film = self._films.get(name)
        if film is None:
            raise BadInput(
                f"no film '{name[:40]}'",
                fix=f"make it again: films are kept for {KEEP_S / 3600:g} h, the newest {MOST}",
            )
        return film

    def close(self) -> None:
        """Forget all."""
        for name in list(self._films):
            self._forget(name)

    @property
    def _bytes(self) -> int:
        return sum(len(film) for film in self._films.values())

    def _forget(self, name: str) -> None:
        self._timers.pop(name).cancel()
        del self._films[name]


def link(uri: str, film: FilmFile) -> ResourceLink:
    """Return a film as an assistant is told of it."""
    return ResourceLink(
        uri=uri,
        name=uri.rpartition("/")[2],
        title="The film" if film.frames else "The sound",
        mime_type=film.mime,
        size=len(film.data),
    )


def sheet(film: FilmFile) -> Image.Image | None:
    """Return frames of a film's first seconds side by side; None where none can be read."""
    if not film.frames or find_spec("av") is None:
        return None
    try:
        frames = list(_frames(film))
    except InvalidMedia:  # larger than is decoded here, say; the film is there all the same
        return None
    width, height = frames[0].size
    made = Image.new("RGB", (width * len(frames), height))
    for number, frame in enumerate(frames):
        made.paste(frame, (number * width, 0))
    return made


def _frames(film: FilmFile) -> Iterator[Image.Image]:
    """Yield the first frame, the last that is looked at, and those between, evenly."""
    from livedraft.media.codecs import read_video

    last = max(0, min(film.duration, _LOOKED_AT_US) - film.duration // max(1, film.frames))
    wanted = list(np.linspace(0, last, min(_SHOWN, film.frames)))
    for chunk in read_video(film.data, within=_WITHIN):
        if chunk.end > wanted[0]:
            yield Image.fromarray(chunk.frames[0])
            wanted.pop(0)
        if not wanted:
            return
