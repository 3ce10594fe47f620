"""A film that the queue made: a file, until it is dropped and nobody reads it any more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send

from livedraft.media.chunks import SECOND

from ...filming import MIME, FilmFolder, GeneratedFilm

NAMES = ("film.mp4", "sound.m4a")  # of what moves, and of sound alone


class KeptFilm:
    """A film in its folder, which goes with it."""

    def __init__(self, made: GeneratedFilm, folder: FilmFolder) -> None:
        self.made = made
        self.path = folder.film()
        self.bytes = self.path.stat().st_size
        self._folder = folder
        self._readers = 0
        self._dropped = False

    @property
    def moves(self) -> bool:
        """Whether there is anything to see; else it is sound alone."""
        return self.made.frames > 0

    @property
    def mime(self) -> str:
        """Its type."""
        return MIME if self.moves else "audio/mp4"

    @property
    def name(self) -> str:
        """What a file of it is called."""
        return NAMES[not self.moves]

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.made.duration / SECOND

    def drop(self) -> None:
        """Have its file removed: at once, or when those who read it have it."""
        self._dropped = True
        self._clear()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Keep the file meanwhile."""
        self._readers += 1
        try:
            yield
        finally:
            self._readers -= 1
            self._clear()

    def _clear(self) -> None:
        if self._dropped and not self._readers:
            self._folder.close()


class FilmResponse(FileResponse):
    """The file, or the ranges of it that a player asks for, kept until it has them."""

    def __init__(self, film: KeptFilm, headers: Mapping[str, str]) -> None:
        super().__init__(film.path, headers=headers, media_type=film.mime)
        self._film = film

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        with self._film.reading():
            await super().__call__(scope, receive, send)
