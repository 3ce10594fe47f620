"""Video and sound of a live line, packet by packet: H.264, VP8, VP9 and Opus, without delay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.codec.context import Flags
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.reformatter import VideoReformatter

from livedraft.errors import InvalidMedia, did_you_mean

from ..chunks import SECOND, AudioChunk, VideoChunk
from ..images import Size, fitted
from . import hardware
from .ffmpeg import LIVE, Limits, check_size, refusals
from .pixels import RGB, tag, to_frame, to_rgb
from .reading import samples_of
from .resampling import LAYOUTS, Resampler

if TYPE_CHECKING:
    from ..chunks import Pixels

_TICK: Final = Fraction(1, SECOND)
_OPUS_HZ = 48_000
_BUFFER_S = 1.0  # in which a bit rate is kept
_VPX = {"deadline": "realtime", "lag-in-frames": "0", "error-resilient": "1"}
_ENCODERS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    # Annex B, the parameter sets before each key frame: who joins or loses needs nothing else.
    # Of the profile that every decoder has, WebCodecs' "avc1.42E01F".
    "h264": (
        "libx264",
        {
            "preset": "veryfast",
            "tune": "zerolatency",
            "profile": "baseline",
            "forced-idr": "1",
        },
    ),
    # Below zero it is a speed that stays. Above, VP8 takes what time the frame rate leaves it:
    # at 15 frames a second 1.8 times the work for the same picture.
    "vp8": ("libvpx", {**_VPX, "cpu-used": "-6"}),
    "vp9": ("libvpx-vp9", {**_VPX, "cpu-used": "8", "row-mt": "1"}),
}


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """One packet; ``key`` tells whether it can be decoded without those before it."""

    data: bytes
    pts: int  # µs
    duration: int  # µs
    key: bool = True


class VideoEncoder:
    """Frames to packets, one for one.

    ``codec`` is h264, vp8 or vp9; odd sides grow by a px. Raises InvalidMedia.
    """

    def __init__(
        self,
        codec: str,
        size: tuple[int, int],
        *,
        frame_rate: float = 30,
        bit_rate: int = 2_000_000,
    ) -> None:
        if codec not in _ENCODERS:
            raise InvalidMedia(f"no codec '{codec[:40]}'", fix=did_you_mean(codec, _ENCODERS))
        self._context = _opened(codec, size, frame_rate, bit_rate)
        self._reformatter = VideoReformatter()
        self._codec = codec
        self._size = size
        self._last = -1
        self.frame_rate = frame_rate
        self.bit_rate = bit_rate

    def steer(self, bit_rate: int) -> bool:
        """Take another bit rate from the next frame on; return whether this codec does so."""
        if self._context.codec.name != "libx264":  # libvpx is not told, NVENC begins anew
            return False
        self._context.bit_rate = self.bit_rate = bit_rate
        return True

    def encode(
        self,
        pixels: Pixels,
        pts: int,
        duration: int,
        *,
        key: bool = False,
        background: RGB | None = None,
    ) -> Encoded:
        """Return a frame's packet, a key frame if it is the first or asked for as such."""
        size = (pixels.shape[1], pixels.shape[0])
        if size != self._size or pts <= self._last:
            raise InvalidMedia(
                f"a frame of {size[0]} × {size[1]} px at {pts} µs",
                fix=f"give {self._size[0]} × {self._size[1]} px, in the order of their times",
            )
        frame = to_frame(pixels, self._codec, background, self._reformatter)
        frame.pts, frame.time_base, self._last = pts, _TICK, pts
        frame.pict_type = PictureType.I if key else PictureType.NONE
        with refusals():
            (packet,) = self._context.encode(frame)
        return Encoded(bytes(packet), pts, duration, packet.is_keyframe)


class VideoDecoder:
    """Packets to frames, upright as they are; after a damaged packet a key frame has to come."""

    def __init__(self, codec: str, *, limits: Limits = LIVE) -> None:
        if codec not in _ENCODERS:
            raise InvalidMedia(f"no codec '{codec[:40]}'", fix=did_you_mean(codec, _ENCODERS))
        made: Any = VideoCodecContext.create(codec, "r")
        made.thread_count = 1
        made.flags |= Flags.low_delay
        made.options = {"max_pixels": str(limits.pixels)}
        self._context: VideoCodecContext = made
        self.codec = codec
        self._limits = limits
        self._whole = False  # whether what follows can be decoded

    @property
    def whole(self) -> bool:
        """Whether what follows can be decoded without a key frame."""
        return self._whole

    def lost(self) -> None:
        """Note that a packet did not come: the next has to be a key frame."""
        self._whole = False

    def decode(
        self, packet: Encoded, *, shown: bool = True, within: Size | None = None
    ) -> list[VideoChunk]:
        """Return the frames that a packet completes, none larger than ``within``.

        What is not ``shown`` is decoded for those that need it, and no more. Raises InvalidMedia.
        """
        if not (self._whole or packet.key):
            raise InvalidMedia("a packet without those before it", fix="send a key frame")
        if not packet.data:  # to a decoder it means the end, after which nothing is decoded
            self._whole = False
            raise InvalidMedia("an empty packet", fix="send a key frame")
        encoded = av.Packet(packet.data)
        encoded.pts, encoded.time_base = packet.pts, _TICK
        try:
            with refusals():
                frames = self._context.decode(encoded)
                if any(frame.is_corrupt for frame in frames):
                    raise InvalidMedia("a damaged packet", fix="send a key frame")
        except InvalidMedia:
            self._whole = False
            self._context.flush_buffers()
            raise
        self._whole = True
        made = []
        for frame in frames if shown else ():
            check_size(frame.width, frame.height, self._limits)
            size = fitted((frame.width, frame.height), within)
            pixels = to_rgb(frame, self.codec, None, size=size)
            pts = packet.pts if frame.pts is None else frame.pts
            made.append(VideoChunk(pixels[np.newaxis], pts, max(1, packet.duration)))
        return made


class OpusEncoder:
    """Sound to packets of 20 ms."""

    def __init__(self, channels: int = 1, *, bit_rate: int = 48_000) -> None:
        if channels not in (1, 2):
            raise InvalidMedia(f"Opus of {channels} channels", fix="give 1 or 2")
        made: Any = AudioCodecContext.create("libopus", "w")
        made.sample_rate = _OPUS_HZ
        made.layout = LAYOUTS[channels]
        made.format = "s16"
        made.bit_rate = bit_rate
        made.time_base = Fraction(1, _OPUS_HZ)
        self._context: AudioCodecContext = made
        self._layout = LAYOUTS[channels]
        self._resampler = Resampler(_OPUS_HZ, channels)

    def encode(self, chunk: AudioChunk) -> list[Encoded]:
        """Return the packets that sound completes, of any rate and layout."""
        return self._packets(self._resampler.push(chunk))

    def flush(self) -> list[Encoded]:
        """Return the packets of what was held back; the encoder ends."""
        rest = self._packets(self._resampler.flush())
        with refusals():
            return rest + [_encoded(packet) for packet in self._context.encode(None)]

    def _packets(self, chunks: list[AudioChunk]) -> list[Encoded]:
        made = []
        for chunk in chunks:
            flat: Any = np.ascontiguousarray(chunk.samples).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(flat, "s16", self._layout)
            frame.sample_rate = _OPUS_HZ
            frame.pts = round(chunk.pts * _OPUS_HZ / SECOND)
            frame.time_base = Fraction(1, _OPUS_HZ)
            with refusals():
                made += [_encoded(packet) for packet in self._context.encode(frame)]
        return made


class OpusDecoder:
    """Packets to int16 at 48 kHz."""

    def __init__(self, channels: int = 1) -> None:
        if channels not in (1, 2):
            raise InvalidMedia(f"Opus of {channels} channels", fix="give 1 or 2")
        made: Any = AudioCodecContext.create("opus", "r")
        made.sample_rate = _OPUS_HZ
        made.layout = LAYOUTS[channels]
        self._context: AudioCodecContext = made

    def decode(self, packet: Encoded) -> list[AudioChunk]:
        """Return the sound of a packet; raise InvalidMedia."""
        if not packet.data:  # as of video
            raise InvalidMedia("an empty packet", fix="send whole packets of Opus")
        made: list[AudioChunk] = []
        pts = packet.pts
        with refusals():
            for frame in self._context.decode(av.Packet(packet.data)):
                sound = AudioChunk(samples_of(frame), frame.sample_rate, pts)
                made.append(AudioChunk(sound.pcm, sound.rate, pts))
                pts = sound.end
        return made


def _opened(
    codec: str, size: tuple[int, int], frame_rate: float, bit_rate: int
) -> VideoCodecContext:
    """Return an encoder: of H.264 the GPU's, where there is one and it takes this line, too."""
    if codec == "h264" and hardware.works():
        try:
            made = _context(hardware.NAME, hardware.OPTIONS, codec, size, frame_rate, bit_rate)
            made.open()
        except (FFmpegError, ValueError) as error:  # too many lines for it, or too small frames
            hardware.log.warning("NVENC takes no line of %d × %d px: %s", *size, error)
        else:
            return made
    with refusals():
        return _context(*_ENCODERS[codec], codec, size, frame_rate, bit_rate)


def _context(
    name: str,
    options: Mapping[str, str],
    codec: str,
    size: tuple[int, int],
    frame_rate: float,
    bit_rate: int,
) -> VideoCodecContext:
    made: Any = VideoCodecContext.create(name, "w")
    made.width, made.height = size[0] + size[0] % 2, size[1] + size[1] % 2
    made.pix_fmt = "yuv420p"
    made.time_base = _TICK
    made.framerate = Fraction(frame_rate).limit_denominator(1001)
    made.bit_rate = bit_rate
    made.gop_size = 10**6  # key frames come when they are asked for
    made.max_b_frames = 0
    made.thread_count = 1  # more would hold frames back
    made.options = {**options, **_even(codec, bit_rate)}
    tag(made, codec)
    opened: VideoCodecContext = made
    return opened


def _even(codec: str, bit_rate: int) -> dict[str, str]:
    """Return options with which no frame takes the line for longer than a buffer lasts."""
    if codec == "vp9":  # does so by itself
        return {}
    made = {"maxrate": str(bit_rate), "bufsize": str(round(bit_rate * _BUFFER_S))}
    return made | ({"minrate": str(bit_rate)} if codec == "vp8" else {})  # that is libvpx's CBR


def _encoded(packet: Any) -> Encoded:
    at = round((packet.pts or 0) * packet.time_base * SECOND)
    length = round((packet.duration or 0) * packet.time_base * SECOND)
    return Encoded(bytes(packet), max(0, at), length)
