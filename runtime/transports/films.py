"""A final film of a session as one file, written while its pieces come, for who asks for a file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from pathlib import Path
from typing import Any

from livedraft.errors import InvalidMedia, LivedraftError
from livedraft.media.chunks import Still
from livedraft.media.marking import Marking
from livedraft.protocol.codec import MAX_FRAME_BYTES
from livedraft.protocol.messages import Film, Progress, Wants

from ..engine.faults import unexpected
from ..filming import MIME, FilmFolder, written
from ..models.base import ModelInfo
from ..sessions.reel import Reel
from ..sessions.result import Result

_MOST_BYTES = MAX_FRAME_BYTES - 2**20  # what else a message holds is less


class Finals:
    """What the newest refine gives beside outputs: how far it is, its end, a file.

    ``put`` takes what is to be sent in its order, also what went wrong; ``taken`` hears that there
    is room for more, ``told`` that there is news.
    """

    def __init__(
        self,
        marking: Marking,
        *,
        put: Callable[[Film | Progress | tuple[int, LivedraftError]], None],
        taken: Callable[[], None],
        told: Callable[[], None],
    ) -> None:
        self.news: Progress | None = None  # the newest that was not sent
        self._marking = marking
        self._put = put
        self._taken = taken
        self._told = told
        self._file: _FilmFile | None = None

    @property
    def ready(self) -> bool:
        """Whether a file has room for one more piece, if there is one."""
        return self._file is None or self._file.ready

    def begin(self, id: int, wants: Wants, info: ModelInfo) -> None:
        """Expect what a refine asked for; ``info`` is of the model that makes it."""
        self.forget()
        if wants in ("file", "either"):
            sounds = any(spec.kind == "audio" for spec in info.outputs)
            self._file = _FilmFile(id, self._write, self._taken, sounds=sounds)

    def forget(self) -> None:
        """Expect it no more: something newer came."""
        self.news = None
        if self._file is not None:
            self._file.give_up()
            self._file = None

    def take(self, result: Result) -> bool:
        """Take an output if it is a piece of the file, and return whether it is."""
        file = self._file
        if file is None or result.id != file.id or isinstance(result.output, Still):
            return False
        file.take(result)
        return True

    def progress(self, progress: Progress) -> None:
        """Take how far it is; the end of what goes piece by piece is told after all of them."""
        if not progress.done:
            self.news = progress
            self._told()
            return
        self.news = None
        if self._file is not None and self._file.id == progress.id and self._file.begun:
            self._file.end()
        else:
            self._put(progress)

    def fail(self, id: int, error: LivedraftError) -> bool:
        """End a file whose film went wrong, which then says so; return whether there is one."""
        file = self._file
        if file is None or file.id != id or not file.begun:
            return False
        file.end(error)
        return True

    def next(self) -> Progress | None:
        """Take the news."""
        news, self.news = self.news, None
        return news

    async def _write(self, id: int, pieces: AsyncGenerator[Result, None], sounds: bool) -> None:
        try:
            self._put(await _written(id, pieces, self._marking, sounds))
        except LivedraftError as error:
            self._put((id, error))
        except Exception as error:  # a task's boundary: who asked is told
            self._put((id, unexpected(error, "writing a film")))


class _FilmFile:
    """The pieces of one film, on their way into a file."""

    def __init__(
        self,
        id: int,
        write: Callable[[int, AsyncGenerator[Result, None], bool], Coroutine[Any, Any, None]],
        taken: Callable[[], None],
        *,
        sounds: bool,
    ) -> None:
        self.id = id
        self._write = write
        self._sounds = sounds  # whether sound may come with frames
        self._reel = Reel(taken)
        self._writing: asyncio.Task[None] | None = None

    @property
    def begun(self) -> bool:
        return self._writing is not None

    @property
    def ready(self) -> bool:
        return self._reel.ready or (self._writing is not None and self._writing.done())

    def take(self, piece: Result) -> None:
        if self._writing is None:
            work = self._write(self.id, self._reel.pieces(), self._sounds)
            self._writing = asyncio.create_task(work)
        if not self._writing.done():  # else it failed, and the rest is nobody's
            self._reel.put(piece)

    def end(self, error: LivedraftError | None = None) -> None:
        self._reel.end(error)

    def give_up(self) -> None:
        if self._writing is not None:
            self._writing.cancel()


async def _written(
    id: int, pieces: AsyncGenerator[Result, None], marking: Marking, sounds: bool
) -> Film:
    with FilmFolder() as folder:
        path = folder.film()
        made = await written(pieces, path, marking, sounds=sounds)
        data = await asyncio.to_thread(_read, path)
    first = made.first
    return Film(
        id=id,
        model=first.model,
        seed=first.seed,
        params=first.params,
        mime=MIME,
        width=made.width,
        height=made.height,
        frames=made.frames,
        duration=made.duration,
        data=data,
        notes=list(made.notes),
        about=marking.told(first.data),
    )


def _read(path: Path) -> bytes:
    size = path.stat().st_size
    if size > _MOST_BYTES:
        raise InvalidMedia(
            f"a film of {size / 1e6:.0f} MB is too large for a session",
            fix="ask for it by POST /v1/generate, or for a smaller one",
        )
    return path.read_bytes()
