"""A film as a file, written while its pieces are still being made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import ExitStack, aclosing, suppress
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from livedraft.errors import MissingExtraError, ModelFailed
from livedraft.media.chunks import SECOND, AudioChunk, Still, VideoChunk
from livedraft.media.marking import Marking
from livedraft.protocol.messages import Note

from .sessions.oneshot import Asked, final
from .sessions.result import Result
from .sessions.runner import Runner

if TYPE_CHECKING:
    from livedraft.media.codecs import Writer


P = ParamSpec("P")
T = TypeVar("T")
MIME = "video/mp4"
_WAITS_US = SECOND  # of frames, for sound that may come with them


@dataclass(frozen=True, slots=True)
class GeneratedFilm:
    """A finished film; of sound alone it has no frames."""

    first: Result  # piece of it
    width: int  # px
    height: int  # px
    frames: int
    duration: int  # µs
    notes: tuple[Note, ...]

    @property
    def seed(self) -> int | None:
        """That of a model which has one."""
        return self.first.seed


class FilmFolder(ExitStack):
    """A folder for a film, from when it is asked for until it is closed."""

    _path: Path | None = None

    def film(self) -> Path:
        """Return where the film lies."""
        if self._path is None:
            folder = self.enter_context(TemporaryDirectory(prefix="livedraft-"))
            self._path = Path(folder) / "film.mp4"
        return self._path


async def made(
    runner: Runner, asked: Asked, path: Callable[[], Path], marking: Marking
) -> Result | GeneratedFilm:
    """Return the final picture, or the film that was written; raise what went wrong.

    ``path`` is asked once there is a film to write: a picture touches no disk.
    Raises MissingExtraError at once where no films are written here, and the model makes no others.
    """
    model = runner.models.get(asked.model or next(iter(runner.models)))
    kinds = {spec.kind for spec in model.info.outputs} if model is not None else set()
    if model is not None and "image" not in kinds and find_spec("av") is None:
        raise MissingExtraError("media", "films")
    async with aclosing(final(runner, asked)) as pieces:
        first = await anext(pieces)
        if isinstance(first.output, Still):
            return first
        where = await _whole(path)
        return await written(_after(first, pieces), where, marking, sounds="audio" in kinds)


async def _after(
    first: Result, others: AsyncGenerator[Result, None]
) -> AsyncGenerator[Result, None]:
    yield first
    async for each in others:
        yield each


async def written(
    pieces: AsyncGenerator[Result, None], path: Path, marking: Marking, *, sounds: bool
) -> GeneratedFilm:
    """Write the pieces of a film from 0 µs on; whatever is raised leaves what was there before.

    ``sounds``: sound may come with it. Frames wait for it as long as a second of them takes; sound
    that begins later is told of in the notes, and left out.
    """
    notes: dict[str, Note] = {}
    with ExitStack() as stack:
        film = _Film(path, marking, stack, sounds=sounds)
        async with aclosing(pieces) as coming:
            async for piece in coming:
                notes |= {note["message"]: note for note in piece.notes}
                await _whole(film.write, piece)
        whole, recipe = await _whole(film.end)
    await _whole(marking.sign_film, path, recipe)
    if film.late:
        notes["late"] = _LATE
    return replace(whole, notes=tuple(notes.values()))


async def _whole(work: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
    """Return what comes of work on a thread; who gives it up waits for it, as its file is open."""
    working = asyncio.ensure_future(asyncio.to_thread(work, *args, **more))
    try:
        return await asyncio.shield(working)
    finally:
        while not working.done():  # however often it is cancelled
            with suppress(asyncio.CancelledError):
                await asyncio.wait([working])
        working.exception()  # told here, or nobody's any more


_LATE = Note(
    code="late_sound", message="Sound that came late is not in the file.", param="", choices=[]
)


class _Film:
    """A file that is begun once it is known what it is of; ``stack`` ends it."""

    def __init__(self, path: Path, marking: Marking, stack: ExitStack, *, sounds: bool) -> None:
        self.late = False  # whether sound was left out
        self._path = path
        self._marking = marking
        self._stack = stack
        self._sounds = sounds
        self._waiting: list[VideoChunk | AudioChunk] = []
        self._recipe: dict[str, Any] = {}
        self._writer: Writer | None = None
        self._first: Result | None = None
        self._start = self._end = 0  # µs
        self._frames = 0
        self._size = (0, 0)
        self._hears = False  # whether the file has sound

    def write(self, piece: Result) -> None:
        """Add a piece; raise InvalidMedia, or ConfigError where no file can be written."""
        chunk = piece.output
        if not isinstance(chunk, VideoChunk | AudioChunk):
            return
        if self._first is None:
            self._first, self._recipe = piece, self._marking.told(_recipe(piece))
        if self._writer is not None:
            self._put(self._writer, chunk)
            return
        self._waiting.append(chunk)
        if self._known:
            self._begin()

    def end(self) -> tuple[GeneratedFilm, dict[str, Any]]:
        """Return what was written, and its recipe; raise ModelFailed where nothing came."""
        if self._writer is None and self._waiting:
            self._begin()
        if self._first is None:
            raise ModelFailed("the model showed nothing", fix="try other params")
        self._stack.close()  # here, on a thread: encoders still hold frames
        lasts = self._end - self._start
        return GeneratedFilm(self._first, *self._size, self._frames, lasts, ()), self._recipe

    @property
    def _known(self) -> bool:
        """Whether what came tells what the file is of."""
        frames = [each for each in self._waiting if isinstance(each, VideoChunk)]
        both = bool(frames) and len(frames) < len(self._waiting)
        return both or (bool(frames) and not self._sounds) or _length(self._waiting) >= _WAITS_US

    def _begin(self) -> None:
        from livedraft.media.codecs import Writer

        frame = next((each for each in self._waiting if isinstance(each, VideoChunk)), None)
        sound = next((each for each in self._waiting if isinstance(each, AudioChunk)), None)
        self._start = min(each.pts for each in self._waiting)
        self._hears = sound is not None
        self._size = frame.size if frame is not None else (0, 0)
        self._writer = self._stack.enter_context(
            Writer(
                self._path,
                size=frame.size if frame is not None else None,
                frame_rate=len(frame) * SECOND / frame.duration if frame is not None else 30,
                sound=(sound.rate, sound.channels) if sound is not None else None,
                recipe=self._recipe,
            )
        )
        for chunk in self._waiting:
            self._put(self._writer, chunk)
        self._waiting.clear()

    def _put(self, writer: Writer, chunk: VideoChunk | AudioChunk) -> None:
        if isinstance(chunk, AudioChunk) and not self._hears:
            self.late = True
            return
        writer.write(replace(chunk, pts=chunk.pts - self._start))
        self._end = max(self._end, chunk.end)
        self._frames += len(chunk) if isinstance(chunk, VideoChunk) else 0


def _length(chunks: list[VideoChunk | AudioChunk]) -> int:
    return max(each.end for each in chunks) - min(each.pts for each in chunks)


def _recipe(piece: Result) -> dict[str, Any]:
    steps = piece.params.get("steps", piece.steps)  # of denoising, not what is left to decode
    return piece.recipe | {"steps": steps}
