"""FFmpeg through PyAV: which files it may open, how much they may hold, its errors as ours."""

from __future__ import annotations

import errno
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import ArgumentError, InvalidDataError
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from livedraft.errors import ConfigError, InvalidMedia, LivedraftError
from livedraft.files import stat_file

from ..chunks import SECOND

Source = bytes | str | PathLike[str]  # a file's bytes, or its path

# Containers and codecs that cameras, phones, browsers and recorders write. Others are not tried:
# playlists name further files and addresses, and rare decoders are where decoders break.
_OPTIONS = {
    "format_whitelist": "mov,matroska,wav,ogg,mp3,flac,aac",
    "protocol_whitelist": "file",
}
_VIDEO = {"h264", "hevc", "vp8", "vp9", "libvpx", "libvpx-vp9", "av1", "libdav1d", "mpeg4", "mjpeg"}
_SOUND = {"aac", "opus", "libopus", "vorbis", "mp3", "mp3float", "flac", "alac"}
_PCM = "pcm_"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)  # reading ends in none of them
KINDS = "MP4, MOV, WebM, Matroska, WAV, Ogg, MP3, FLAC or AAC"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may hold; beyond it InvalidMedia is raised, at the latest when it is read."""

    pixels: int = 4096 * 2304  # of a frame
    seconds: int = 600
    file_bytes: int = 512 * 2**20

    @property
    def frames(self) -> int:
        """How many frames of video: more a second than any camera takes."""
        return self.seconds * 240


STRANGERS = Limits()
LIVE = Limits(pixels=1920 * 1088)  # of a line: a decoder may keep 16 frames of that size
OWN = Limits(pixels=8192 * 4320, seconds=24 * 3600, file_bytes=2**40)  # for one's own files


@contextmanager
def opened(source: Source, limits: Limits) -> Iterator[InputContainer]:
    """Give a file to read from; raise InvalidMedia if it is none, or holds too much."""
    with refusals():
        with _opened(source, limits) as file:
            duration = file.duration or 0
            if duration > limits.seconds * SECOND:
                raise too_long(limits)
            for stream in (*file.streams.video, *file.streams.audio):
                if stream.codec_context is None:
                    continue  # of no known codec
                stream.codec_context.options = {"max_pixels": str(limits.pixels)}
                stream.codec_context.thread_count = 2
            yield file


def video_stream(file: InputContainer, limits: Limits) -> VideoStream | None:
    """Return a file's first video whose frames are no cover; raise InvalidMedia for its kind."""
    for stream in file.streams.video:
        if stream.disposition & Disposition.attached_pic:
            continue
        context = stream.codec_context
        if context is None or context.name not in _VIDEO:
            raise InvalidMedia(
                f"video of the codec '{_codec(stream)}'",
                fix="save it as H.264, HEVC, VP8/9 or AV1",
            )
        check_size(context.width, context.height, limits)
        return stream
    return None


def audio_stream(file: InputContainer) -> AudioStream | None:
    """Return a file's first sound; raise InvalidMedia for its kind."""
    for stream in file.streams.audio:
        name = _codec(stream)
        if name not in _SOUND and not name.startswith(_PCM):
            raise InvalidMedia(
                f"sound of the codec '{name}'", fix="save it as AAC, Opus, MP3, FLAC or WAV"
            )
        return stream
    return None


def check_size(width: int, height: int, limits: Limits) -> None:
    """Raise InvalidMedia for frames of no known size, or of too many px."""
    if not 0 < width * height <= limits.pixels:
        size = f"of {width} × {height} px" if width * height else "without a size, or too large"
        raise InvalidMedia(f"frames {size}", fix=f"give 1 to {limits.pixels} px a frame")


def too_long(limits: Limits) -> InvalidMedia:
    """Return the error of a file that plays too long."""
    return InvalidMedia(
        f"over {limits.seconds} s of video or sound", fix=f"cut it to {limits.seconds} s"
    )


@contextmanager
def refusals() -> Iterator[None]:
    """Raise what a decoder or encoder raises as InvalidMedia; a full disk is a ConfigError."""
    try:
        yield
    except LivedraftError:
        raise
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise ConfigError(
                f"the film cannot be written: {error.strerror}",
                fix="make room there, or choose another place",
            ) from None
        raise _damaged(error) from None
    except MemoryError:
        raise InvalidMedia("it does not fit into memory", fix="make it smaller") from None
    except Exception as error:  # a decoder's boundary, as in images.decode: strangers' bytes
        raise _damaged(error) from None


def _damaged(error: Exception) -> InvalidMedia:
    reason = str(getattr(error, "strerror", None) or error)[:120]
    return InvalidMedia(
        f"the video or sound is damaged: {reason}", fix=f"send it whole, as {KINDS}"
    )


def _opened(source: Source, limits: Limits) -> InputContainer:
    """Open a file; raise InvalidMedia where it is of a kind that is not read, or of none."""
    options = {**_OPTIONS, "max_pixels": str(limits.pixels)}
    try:
        return av.open(_readable(source, limits), "r", options=options, metadata_errors="replace")
    except ArgumentError:  # it knows the kind, which is none of ours
        raise InvalidMedia(
            "a kind of file that is not read here", fix=f"convert it: to {KINDS}"
        ) from None
    except InvalidDataError:
        raise InvalidMedia(
            "this is no video or sound, or it is damaged: its beginning or end is missing",
            fix=f"send it whole, as {KINDS}",
        ) from None


def _codec(stream: Stream) -> str:
    context = stream.codec_context
    return context.name if context is not None else "unknown"


def _readable(source: Source, limits: Limits) -> io.BytesIO | str:
    """Return what PyAV opens: no pipe or device, and no name that FFmpeg takes for an address."""
    if isinstance(source, bytes):
        _check_bytes(len(source), limits)
        return io.BytesIO(source)
    if not isinstance(source, (str, PathLike)):
        raise InvalidMedia(
            f"a {type(source).__name__} is no film", fix="give a path, or the bytes of a file"
        )
    try:
        size = stat_file(source).st_size
    except OSError as error:
        raise InvalidMedia(
            f"cannot read '{_shown(source)}': {error.strerror}", fix="name a file that exists"
        ) from None
    _check_bytes(size, limits)
    return f"file:{Path(source).absolute()}"


def _check_bytes(size: int, limits: Limits) -> None:
    if not size:
        raise InvalidMedia("the file is empty", fix="send it whole")
    if size > limits.file_bytes:
        raise InvalidMedia(
            f"a file of {size} bytes", fix=f"give one of at most {limits.file_bytes} bytes"
        )


def _shown(path: str | PathLike[str]) -> str:
    return str(path)[:200].encode(errors="replace").decode()
