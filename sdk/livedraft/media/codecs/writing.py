"""Films written: an MP4 or WebM of frames and sound, whole or not at all, marked as made."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack, suppress
from fractions import Fraction
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
from av.container import OutputContainer
from av.error import FFmpegError

from livedraft.errors import InvalidMedia
from livedraft.files import check_writable, replacing

from .. import marks
from ..chunks import AudioChunk, VideoChunk
from ..recipes import MOST_JPEG_BYTES, to_text
from .copying import Beside
from .ffmpeg import Source, refusals
from .kinds import Kind, kind_of
from .pixels import RGB
from .placing import VideoTrack, Voice


class Writer:
    """Writes a film within ``with``: the file is there, whole, when the block ends without error.

    ``size`` is (width, height) of the frames in px, None for sound alone. ``sound`` is (rate in
    Hz, channels) of the chunks that will come; ``sound_of`` is a file whose sound is kept, as it
    is wherever the container takes it. ``frame_rate`` is what to expect: frames are shown at their
    own times. Alpha is laid on ``background``. A ``recipe`` goes along, and with it the mark of
    what a model made. Raises InvalidMedia, or ConfigError where no file can be written.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        size: tuple[int, int] | None = None,
        frame_rate: float = 30,
        sound: tuple[int, int] | None = None,
        sound_of: Source | None = None,
        background: RGB | None = None,
        recipe: Mapping[str, Any] | None = None,
    ) -> None:
        if size is None and sound is None:
            raise InvalidMedia("a film of nothing", fix="give the size of its frames")
        if sound is not None and sound_of is not None:
            raise InvalidMedia("two sounds for a film", fix="give 'sound' or 'sound_of'")
        self._kind = kind_of(path)
        self._path = Path(path)
        self._size = size
        self._rate = Fraction(frame_rate).limit_denominator(1001)
        self._sound = sound
        self._sound_of = sound_of
        self._background = background
        self._recipe = recipe
        self._stack = ExitStack()
        self._source = ExitStack()  # of kept sound
        self._pictures: VideoTrack | None = None
        self._voice: Voice | None = None
        self._kept: Beside | None = None  # sound of another file

    def __enter__(self) -> Self:
        check_writable(self._path)  # the muxer would notice at the first packet
        with ExitStack() as stack:
            self._partial = stack.enter_context(replacing(self._path))
            with refusals():
                self._file = self._opened()
                stack.callback(self._file.close)
                stack.callback(self._source.close)  # which sees no error: none is of its file
                self._add_streams()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            try:
                with refusals():
                    self._finish()
            except BaseException as failed:
                self._give_up(failed)
                raise
            self._stack.close()
        else:
            self._give_up(error)

    def write(self, chunk: VideoChunk | AudioChunk) -> None:
        """Add frames or sound, each in the order of its times; raise InvalidMedia."""
        with refusals():
            if isinstance(chunk, AudioChunk):
                if self._voice is None or self._sound is None:
                    raise InvalidMedia("sound for a film without", fix="give Writer its 'sound'")
                self._voice.push(chunk)
                return
            if self._pictures is None:
                raise InvalidMedia("frames for a film of sound", fix="give Writer their 'size'")
            for frame, pts in chunk:
                if self._kept is not None:
                    self._kept.follow(pts)
                self._pictures.push(frame, pts, chunk.duration // len(chunk))

    def _opened(self) -> OutputContainer:
        return opened_for(self._partial, self._kind, self._recipe)

    def _add_streams(self) -> None:
        if self._size is not None:
            self._pictures = VideoTrack(
                self._file, self._kind, self._size, self._rate, self._background
            )
        if self._sound is not None:
            self._voice = Voice(self._file, self._kind, *self._sound)
        if self._sound_of is not None:
            self._kept = self._source.enter_context(Beside(self._file, self._kind, self._sound_of))

    def _finish(self) -> None:
        if self._pictures is not None and not self._pictures.count:
            raise InvalidMedia("a film without a frame", fix="write at least one")
        if self._kept is not None:
            self._kept.end()
        if self._pictures is not None:
            self._pictures.end()
        if self._voice is not None:
            self._voice.end()
        self._file.close()
        mark(self._partial, self._kind, self._recipe)

    def _give_up(self, error: BaseException) -> None:
        """Leave no file: ``replacing`` keeps the old one if it sees an error."""
        with suppress(FFmpegError):
            self._file.close()
        with suppress(type(error)):
            self._stack.__exit__(type(error), error, error.__traceback__)


def opened_for(
    path: Path,
    kind: Kind,
    recipe: Mapping[str, Any] | None,
    options: Mapping[str, str] | None = None,
) -> OutputContainer:
    """Open a file to write to, which tells a recipe; ``options`` instead of the container's own."""
    file = av.open(
        f"file:{path.absolute()}",
        "w",
        format=kind.muxer,
        container_options=dict(kind.options if options is None else options),
    )
    if recipe is not None:
        file.metadata["comment"] = to_text(recipe, MOST_JPEG_BYTES)
        if kind.muxer == "webm" and (word := marks.source_type(recipe)):
            file.metadata[marks.TAG] = marks.SOURCES + word
    return file


def mark(path: Path, kind: Kind, recipe: Mapping[str, Any] | None) -> None:
    """Mark a file that was written and closed, where it tells a recipe and its container cannot."""
    packet = marks.xmp(recipe)
    if packet and kind.muxer == "mp4":
        with path.open("ab") as file:
            file.write(marks.mp4_box(packet))
