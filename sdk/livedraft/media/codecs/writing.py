"""Films written: an MP4 or WebM of frames and sound, whole or not at all, marked as made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from fractions import Fraction
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.error import FFmpegError
from av.packet import Packet

from livedraft.errors import InvalidMedia
from livedraft.files import check_writable, replacing

from .. import marks
from ..chunks import AudioChunk, VideoChunk
from ..recipes import MOST_JPEG_BYTES, to_text
from .copying import sound_of as kept_sound
from .ffmpeg import OWN, Source, refusals
from .kinds import kind_of
from .pixels import RGB
from .placing import VideoTrack, Voice

Part: TypeAlias = "tuple[int, Packet[AudioStream] | AudioChunk]"  # of kept sound: µs, and what


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
        self._copy: AudioStream | None = None  # takes kept sound as it is
        self._parts: Iterator[Part] = iter(())  # of kept sound, those to come
        self._next: Part | None = None

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
                self._follow(pts)
                self._pictures.push(frame, pts, chunk.duration // len(chunk))

    def _opened(self) -> OutputContainer:
        return av.open(
            f"file:{self._partial.absolute()}",
            "w",
            format=self._kind.muxer,
            container_options=dict(self._kind.options),
        )

    def _add_streams(self) -> None:
        if self._recipe is not None:
            self._file.metadata["comment"] = to_text(self._recipe, MOST_JPEG_BYTES)
            if self._kind.muxer == "webm":
                self._file.metadata[marks.TAG] = marks.SOURCE_TYPE
        if self._size is not None:
            self._pictures = VideoTrack(
                self._file, self._kind, self._size, self._rate, self._background
            )
        if self._sound is not None:
            self._voice = Voice(self._file, self._kind, *self._sound)
        if self._sound_of is not None:
            kept = self._source.enter_context(kept_sound(self._sound_of, self._kind.kept, OWN))
            if kept is None:
                return
            if kept.kept:
                self._copy = self._file.add_stream_from_template(kept.stream)
            else:
                self._voice = Voice(self._file, self._kind, kept.rate, kept.channels)
            self._parts = kept.parts
            self._next = next(self._parts, None)

    def _follow(self, until_us: int | None) -> None:
        """Write kept sound up to a time, or all of it: players read both side by side."""
        while self._next is not None and (until_us is None or self._next[0] <= until_us):
            part = self._next[1]
            if isinstance(part, AudioChunk):
                assert self._voice is not None
                self._voice.push(part)
            else:
                assert self._copy is not None
                part.stream = self._copy
                self._file.mux(part)
            self._next = next(self._parts, None)

    def _finish(self) -> None:
        if self._pictures is not None and not self._pictures.count:
            raise InvalidMedia("a film without a frame", fix="write at least one")
        self._follow(None)
        if self._pictures is not None:
            self._pictures.end()
        if self._voice is not None:
            self._voice.end()
        self._file.close()
        if self._recipe is not None and self._kind.muxer == "mp4":
            with self._partial.open("ab") as file:
                file.write(marks.mp4_box())

    def _give_up(self, error: BaseException) -> None:
        """Leave no file: ``replacing`` keeps the old one if it sees an error."""
        with suppress(FFmpegError):
            self._file.close()
        with suppress(type(error)):
            self._stack.__exit__(type(error), error, error.__traceback__)
