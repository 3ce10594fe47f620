"""Frames and sound onto the streams of a file that is written, each at its time."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from livedraft.errors import InvalidMedia

from ..chunks import SECOND, AudioChunk, microseconds
from .kinds import Kind
from .pixels import RGB, tag, to_frame
from .resampling import LAYOUTS, Resampler

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..chunks import Pixels

TICKS = 90_000  # a second, of video
MOST_GAP_S = 3_600  # that is filled with silence
_SLACK_US = 2_000  # that sound may lie off its place


class VideoTrack:
    """A stream of frames of one size."""

    def __init__(
        self,
        file: OutputContainer,
        kind: Kind,
        size: tuple[int, int],
        rate: Fraction,
        background: RGB | None,
    ) -> None:
        stream: Any = file.add_stream(kind.video, rate=rate, options=dict(kind.video_options))
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = size[0] + size[0] % 2, size[1] + size[1] % 2
        stream.pix_fmt = "yuv420p"
        context: Any = stream.codec_context
        context.time_base = Fraction(1, TICKS)
        tag(context, kind.video)
        context.gop_size = max(1, round(2 * rate))  # players jump to every other second
        self.count = 0
        self._codec = kind.video
        self._file = file
        self._stream = stream
        self._size = size
        self._background = background
        self._reformatter = VideoReformatter()
        self._last = -1  # ticks, of the newest frame
        self._lengths: dict[int, int] = {}  # ticks, of frames that are not written yet

    def push(self, pixels: Pixels, pts: int, duration: int) -> None:
        """Encode a frame; raise InvalidMedia for one of another size, or that comes too late."""
        size = (pixels.shape[1], pixels.shape[0])
        if size != self._size:
            raise InvalidMedia(
                f"a frame of {size[0]} × {size[1]} px in a film of "
                f"{self._size[0]} × {self._size[1]} px",
                fix="scale it before it is written",
            )
        at = _ticks(pts)
        if at <= self._last:
            raise InvalidMedia(
                f"a frame at {pts} µs after one at {self._last * SECOND // TICKS} µs",
                fix="write frames in the order of their times",
            )
        frame = to_frame(pixels, self._codec, self._background, self._reformatter)
        frame.pts, frame.time_base = at, Fraction(1, TICKS)
        self._last = at
        self._lengths[at] = max(1, _ticks(duration))
        self._write(frame)
        self.count += 1

    def end(self) -> None:
        """Write what the encoder holds."""
        self._write(None)

    def _write(self, frame: av.VideoFrame | None) -> None:
        for packet in self._stream.encode(frame):
            if packet.pts in self._lengths:  # or the last frame would be as long as none
                packet.duration = self._lengths.pop(packet.pts)
            self._file.mux(packet)


class Voice:
    """A stream of sound, silent where there is none."""

    def __init__(self, file: OutputContainer, kind: Kind, rate: int, channels: int) -> None:
        self._rate = kind.rate(rate)
        self._layout = LAYOUTS[channels]
        stream: Any = file.add_stream(kind.sound, rate=self._rate, layout=self._layout)
        assert isinstance(stream, AudioStream)
        self._file = file
        self._stream = stream
        self._channels = channels
        self._resampler = Resampler(self._rate, channels)
        self._written = 0  # samples

    def push(self, chunk: AudioChunk) -> None:
        """Encode sound; what lies before the end of what is written is left out."""
        for ready in self._resampler.push(chunk):
            self._place(ready)

    def end(self) -> None:
        """Write what the resampler and the encoder hold."""
        for ready in self._resampler.flush():
            self._place(ready)
        self._file.mux(self._stream.encode(None))

    def _place(self, chunk: AudioChunk) -> None:
        missing_us = chunk.pts - microseconds(self._written, self._rate)
        missing = round(missing_us * self._rate / SECOND)
        samples: Any = chunk.samples
        if missing_us > MOST_GAP_S * SECOND:
            raise InvalidMedia(
                f"a gap of {missing_us // SECOND} s in the sound", fix="check the chunks' pts"
            )
        if missing_us > _SLACK_US:
            while missing > 0:
                block = min(missing, self._rate)
                self._encode(np.zeros((block, self._channels), np.int16))
                missing -= block
        elif missing_us < -_SLACK_US:
            samples = samples[-missing:]
        if len(samples):
            self._encode(samples)

    def _encode(self, samples: NDArray[np.int16]) -> None:
        flat: Any = np.ascontiguousarray(samples).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(flat, "s16", self._layout)
        frame.sample_rate = self._rate
        frame.pts, frame.time_base = self._written, Fraction(1, self._rate)
        self._written += len(samples)
        self._file.mux(self._stream.encode(frame))


def _ticks(time_us: int) -> int:
    return round(time_us * TICKS / SECOND)
