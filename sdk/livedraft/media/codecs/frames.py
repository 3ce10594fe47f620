"""A file's packets to frames, as many and as large as they may be; damage is told or raised."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias, cast

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from livedraft.errors import InvalidMedia

from .ffmpeg import Limits, check_size, too_long

OnDamage: TypeAlias = Callable[[InvalidMedia], None]

_TRANSPARENT = {"vp8": "libvpx", "vp9": "libvpx-vp9"}  # decoders that see alpha: the usual do not


def frames_of(
    file: InputContainer, stream: VideoStream, limits: Limits, on_damage: OnDamage | None = None
) -> Iterator[av.VideoFrame]:
    """Yield a stream's frames, as many as it may have, of the sizes that they may have.

    Packets that cannot be read are told to ``on_damage``, and left out; else the error is raised.
    """
    context = stream.codec_context
    if stream.metadata.get("alpha_mode") == "1" and context.name in _TRANSPARENT:
        context = cast(VideoCodecContext, VideoCodecContext.create(_TRANSPARENT[context.name], "r"))
        context.options = {"max_pixels": str(limits.pixels)}
    count = 0
    for packet in _packets(file, stream, on_damage):
        try:
            found = context.decode(packet)
        except FFmpegError as error:
            _tell(error, on_damage)
            continue
        for frame in found:
            count += 1
            if count > limits.frames:
                raise too_long(limits)
            check_size(frame.width, frame.height, limits)
            yield frame


def _packets(
    file: InputContainer, stream: VideoStream, on_damage: OnDamage | None
) -> Iterator[Packet[VideoStream] | None]:
    """Yield a stream's packets, and at last what has a decoder give what it holds."""
    coming = file.demux(stream)
    try:
        yield from coming
    except FFmpegError as error:
        _tell(error, on_damage)
        yield None


def _tell(error: FFmpegError, on_damage: OnDamage | None) -> None:
    if on_damage is None:
        raise error
    on_damage(InvalidMedia(f"a part is damaged: {error.strerror}", fix="it is left out"))
