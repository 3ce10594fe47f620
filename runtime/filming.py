"""A film as a file, written while its pieces are still being made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack, aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livedraft.errors import ModelFailed
from livedraft.media.chunks import SECOND, VideoChunk
from livedraft.media.marking import Marking
from livedraft.protocol.messages import Note

from .sessions.result import Result

if TYPE_CHECKING:
    from livedraft.media.codecs import Writer


@dataclass(frozen=True, slots=True)
class GeneratedFilm:
    """A finished film."""

    width: int  # px
    height: int  # px
    frames: int
    duration: int  # µs
    seed: int | None  # of a model that has one
    notes: tuple[Note, ...]


async def written(
    pieces: AsyncGenerator[Result, None], path: Path, marking: Marking
) -> GeneratedFilm:
    """Write the pieces of a film from 0 µs on; whatever is raised leaves what was there before."""
    recipe: dict[str, Any] = {}
    frames, start, end = 0, 0, 0
    notes: dict[str, Note] = {}
    writer: Writer | None = None
    (width, height), seed = (0, 0), None
    with ExitStack() as stack:
        async with aclosing(pieces) as coming:
            async for piece in coming:
                notes |= {note["message"]: note for note in piece.notes}
                chunk = piece.output
                if not isinstance(chunk, VideoChunk):
                    continue
                if writer is None:
                    start = chunk.pts
                    recipe = marking.told(_recipe(piece))
                    writer = stack.enter_context(_begun(path, chunk, recipe))
                moved = VideoChunk(chunk.frames, chunk.pts - start, chunk.duration)
                await asyncio.to_thread(writer.write, moved)
                frames, end = frames + len(chunk), moved.end
                (width, height), seed = chunk.size, piece.seed
    if writer is None:
        raise ModelFailed("the model showed nothing", fix="try other params")
    await asyncio.to_thread(marking.sign_film, path, recipe)
    return GeneratedFilm(width, height, frames, end, seed, tuple(notes.values()))


def _recipe(piece: Result) -> dict[str, Any]:
    steps = piece.params.get("steps", piece.steps)  # of denoising, not what is left to decode
    return piece.recipe | {"steps": steps}


def _begun(path: Path, chunk: VideoChunk, recipe: Mapping[str, Any]) -> Writer:
    from livedraft.media.codecs import Writer

    rate = len(chunk) * SECOND / chunk.duration
    return Writer(path, size=chunk.size, frame_rate=rate, recipe=recipe)
