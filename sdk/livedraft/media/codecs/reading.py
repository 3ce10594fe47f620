"""Video and sound of files: what they hold, their frames and their PCM, on one clock from 0.

Whatever a file's bytes are, the answer is frames or InvalidMedia.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from livedraft.errors import InvalidMedia

from ..chunks import SECOND, AudioChunk, VideoChunk
from ..images import fitted
from ..recipes import from_text
from .ffmpeg import (
    STRANGERS,
    Limits,
    Source,
    audio_stream,
    opened,
    too_long,
    video_stream,
)
from .frames import OnDamage, frames_of
from .pixels import RGB, alpha_refused, to_rgb
from .resampling import Resampler

if TYPE_CHECKING:
    from ..chunks import Samples

_CUT_OFF_US = SECOND // 2  # that pictures may end before a file says so
_MOST_US = 2**63  # of FFmpeg's times
_CUT_OFF = 10  # usual frames that they may, where it says so of all that it holds


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What a file says that it holds; 0 or empty where it does not say or has none."""

    duration: int  # µs, of what lasts longest
    width: int = 0  # px, of the first frame once upright
    height: int = 0
    shown: int = 0  # µs, until its pictures end
    frame_rate: Fraction = Fraction(0)  # mean, frames a second
    video: str = ""  # codec
    sound: str = ""  # codec
    rate: int = 0  # Hz
    channels: int = 0
    recipe: dict[str, Any] | None = None  # of what livedraft made


def probe(source: Source, limits: Limits = STRANGERS) -> MediaInfo:
    """Return what a file holds, of which one frame is decoded; raise InvalidMedia."""
    with opened(source, limits) as file:
        video, sound = video_stream(file, limits), audio_stream(file)
        if video is None and sound is None:
            raise _nothing("video nor sound")
        tags = {key.upper(): value for key, value in file.metadata.items()}
        info = MediaInfo(duration=file.duration or 0, recipe=from_text(tags.get("COMMENT", "")))
        if sound is not None:
            info = replace(
                info,
                sound=sound.codec_context.codec.canonical_name,
                rate=sound.codec_context.sample_rate,
                channels=sound.codec_context.layout.nb_channels,
            )
        if video is None:
            return info
        first = next(frames_of(file, video, limits), None)
        if first is None:
            raise _nothing("frame")
        width, height = first.width, first.height
        turned = round(first.rotation / 90) % 2
        return replace(
            info,
            width=height if turned else width,
            height=width if turned else height,
            shown=_declared(video, file.start_time or 0),
            frame_rate=video.average_rate or Fraction(0),
            video=video.codec_context.codec.canonical_name,
        )


def read_video(
    source: Source,
    *,
    limits: Limits = STRANGERS,
    background: RGB | None = None,
    within: tuple[int, int] | None = None,
    start: int = 0,
    on_damage: OnDamage | None = None,
) -> Iterator[VideoChunk]:
    """Yield each frame as a chunk of its own, upright, in sRGB, with the file's times.

    A transparent video is laid on ``background``, and refused without one. Frames are shrunk to be
    ``within`` a width and height, px: then their sides are even, and all are as large as the
    first. Those that are over before
    ``start``, µs, are left out. Raises InvalidMedia: for a damaged file perhaps after some frames;
    with ``on_damage`` what cannot be read is told there, and left out.
    """
    with opened(source, limits) as file:
        stream = video_stream(file, limits)
        if stream is None:
            raise _nothing("video")
        if stream.metadata.get("alpha_mode") == "1" and background is None:
            raise alpha_refused()
        rate = stream.average_rate or stream.guessed_rate
        codec = stream.codec_context.codec.canonical_name
        usual = round(SECOND / rate) if rate else 0
        begins = file.start_time or 0
        if start:
            with suppress(FFmpegError):  # then it is read from its beginning
                file.seek(begins + start)
        held: tuple[av.VideoFrame, int] | None = None
        size: tuple[int, int] | None = None
        for frame in frames_of(file, stream, limits, on_damage):
            if within is not None and size is None:
                size = _even(frame, within)
            pts = _pts(frame, begins)
            if held is None:
                pts = max(0, pts if pts is not None else 0)
            elif pts is None or pts <= held[1]:
                pts = held[1] + _spacing(usual)
            if pts > limits.seconds * SECOND:
                raise too_long(limits)
            if held is not None and pts > start:
                yield _chunk(*held, pts - held[1], codec, background, size)
            held = frame, pts
        if held is None:
            raise _nothing("frame")
        last = _length(held[0], usual)
        yield _chunk(*held, last, codec, background, size)
        end = held[1] + last
        declared = _declared(stream, begins)
        if not stream.duration:  # then it is less sure
            if on_damage is None:
                return
            declared = declared or _meant(source, limits, end, usual)
        _check_whole(end, declared, on_damage)


def read_audio(
    source: Source,
    rate: int = 0,
    channels: int = 0,
    *,
    limits: Limits = STRANGERS,
) -> Iterator[AudioChunk]:
    """Yield sound as int16, at ``rate`` Hz and of ``channels``; the file's own where that is 0.

    A gap in the file's times is one in the chunks'. Raises InvalidMedia.
    """
    with opened(source, limits) as file:
        stream = audio_stream(file)
        if stream is None:
            raise _nothing("sound")
        context = stream.codec_context
        resampler = Resampler(
            rate or context.sample_rate, channels or min(2, context.layout.nb_channels)
        )
        for chunk in _placed(file, stream):
            if chunk.end > limits.seconds * SECOND:
                raise too_long(limits)
            yield from resampler.push(chunk)
        yield from resampler.flush()


def _placed(file: InputContainer, stream: AudioStream) -> Iterator[AudioChunk]:
    """Yield a stream's samples, those without a time behind those before them."""
    start = file.start_time or 0
    due = 0
    for packet in file.demux(stream):
        for frame in packet.decode():
            pts = _pts(frame, start)
            pts = due if pts is None or abs(pts - due) < SECOND // 1000 else max(0, pts)
            chunk = AudioChunk(samples_of(frame), frame.sample_rate, pts)
            due = chunk.end
            yield chunk


def _chunk(
    frame: av.VideoFrame,
    pts: int,
    duration: int,
    codec: str,
    background: RGB | None,
    size: tuple[int, int] | None,
) -> VideoChunk:
    pixels = to_rgb(frame, codec, background, frame.rotation, size)
    return VideoChunk(pixels[np.newaxis], pts, max(1, duration))


def _even(frame: av.VideoFrame, within: tuple[int, int]) -> tuple[int, int]:
    """Return the size, before it is turned upright, at which a frame is within another."""
    turned = 6 if round(frame.rotation / 90) % 2 else 1  # as EXIF has it
    width, height = fitted((frame.width, frame.height), within, turned)
    return max(2, width - width % 2), max(2, height - height % 2)


def _pts(frame: av.VideoFrame | av.AudioFrame, start: int) -> int | None:
    if frame.pts is None or frame.time_base is None:
        return None
    return round(frame.pts * frame.time_base * SECOND) - start


def _spacing(usual: int) -> int:
    """Return µs to the next frame where the file does not say."""
    if not usual:
        raise InvalidMedia("frames without times", fix="give the file a frame rate: remux it")
    return usual


def _length(last: av.VideoFrame, usual: int) -> int:
    """Return µs that the last frame is shown; where nothing says so, as long as any."""
    declared = round((last.duration or 0) * (last.time_base or 0) * SECOND)
    return declared or usual or SECOND // 25


def _declared(stream: VideoStream, begins: int) -> int:
    """Return until when a file says that its pictures last, µs from its beginning; 0: it does not.

    MP4 and its kin tell a stream's length, Matroska in a tag when it ends.
    """
    base = stream.time_base or Fraction(0)
    if stream.duration:
        starts = round((stream.start_time or 0) * base * SECOND) - begins
        return round(stream.duration * base * SECOND) + max(0, starts)
    with suppress(ValueError, OverflowError):  # of anybody's text: inf, nan, thousands of digits
        hours, minutes, seconds = stream.metadata.get("DURATION", "").split(":")
        end = round((int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * SECOND)
        if end < _MOST_US:
            return max(0, end - begins)
    return 0


def _meant(source: Source, limits: Limits, end: int, usual: int) -> int:
    """Return until when pictures that end were meant to last, of a file that tells its own length.

    Where something else of it lasts as long as that, sound as a rule, they end where they do.
    """
    slack = max(_CUT_OFF_US, _CUT_OFF * usual)
    with opened(source, limits) as file:
        begins = file.start_time or 0
        declared = (file.duration or 0) - max(0, begins)
        if end + slack >= declared:
            return end
        last = end
        with suppress(FFmpegError):
            file.seek(begins + end)
            for packet in file.demux():
                if packet.pts is not None and packet.time_base is not None:
                    last = max(last, round(packet.pts * packet.time_base * SECOND) - begins)
    return end if last + slack >= declared else declared


def _check_whole(end: int, declared: int, on_damage: OnDamage | None) -> None:
    if end + _CUT_OFF_US >= declared:
        return
    error = InvalidMedia(
        f"the video is cut off after {end / SECOND:.1f} of {declared / SECOND:.1f} s",
        fix="send it whole",
    )
    if on_damage is None:
        raise error
    on_damage(error)


def samples_of(frame: av.AudioFrame) -> Samples:
    """Return (n, channels) as int16 or float32."""
    held: Any = frame.to_ndarray()
    count = frame.layout.nb_channels
    made: Any = held.T if frame.format.is_planar else held.reshape(-1, count)
    if made.dtype == np.uint8:
        made = (made.astype(np.int16) - 128) * np.int16(256)
    elif made.dtype == np.int32:
        made = (made / 2.0**31).astype(np.float32)
    elif made.dtype != np.int16:
        made = made.astype(np.float32)
    return cast("Samples", made)


def _nothing(what: str) -> InvalidMedia:
    return InvalidMedia(f"the file has no {what}", fix="give one that has")
