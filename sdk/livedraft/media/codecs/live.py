"""Either end's way of a live line into a codec: frames of any size, and sound in even packets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from livedraft.protocol.tracks import opus_us

from ..chunks import SECOND, AudioChunk, microseconds
from .packets import Encoded, OpusEncoder, VideoEncoder

if TYPE_CHECKING:
    from ..chunks import Pixels

_BITS_A_PIXEL: Final = 0.1  # of a camera's motion
_BIT_RATES: Final = (150_000, 8_000_000)  # least and most, bit/s
_LEAST_BITS: Final = 50_000  # bit/s, of a way that bears little
_TOO_MUCH: Final = (
    1.25  # times what the way bears, from which on a new encoder is worth a key frame
)
_TOO_LITTLE: Final = 0.6
_RATES: Final = (1.0, 60.0)  # frames a second that a bit rate is reckoned for
_GAP_US: Final = 20_000  # by which sound may be off its place and still follow: less is not heard


class Film:
    """Frames to packets of h264 or vp8; the first is a key frame, as is one of another size.

    Raises InvalidMedia, and then the next frame is a key frame.
    """

    def __init__(self, codec: str) -> None:
        self.codec = codec
        self._encoder: VideoEncoder | None = None
        self._size = (0, 0)
        self._key = False
        self._share, self._most = 1.0, 0  # of the bit rate, see ``rate``
        self._last = -1  # µs, pts of the newest frame

    def rate(self, share: float, most: int) -> None:
        """Take a share of the usual bit rate, and at most so many bit/s; 0: no bound.

        An encoder of h264 on the processor changes in place. Others are made anew: at the next key
        frame, or at once where it takes far more, or less, than it shall.
        """
        self._share, self._most = share, most

    def key(self) -> None:
        """Let the next frame be a key frame."""
        self._key = True

    def encode(self, pixels: Pixels, pts: int, duration: int) -> Encoded:
        """Return the packet of a frame, uint8 (H, W, 3); times in µs."""
        key, self._key = self._key, False
        try:
            encoder = self._fitting((pixels.shape[1], pixels.shape[0]), duration, key)
            self._last = max(self._last + 1, pts)
            made = encoder.encode(pixels, self._last, duration, key=key)
        except Exception:
            self._encoder = None  # nobody knows what it would go on from
            raise
        return Encoded(made.data, pts, duration, made.key)

    def _fitting(self, size: tuple[int, int], duration: int, key: bool) -> VideoEncoder:
        rate = min(max(SECOND / max(1, duration), _RATES[0]), _RATES[1])
        if self._encoder is not None and size == self._size:
            rate = self._encoder.frame_rate  # reckoned once: durations waver
            bits = self._bits(size, rate)
            off = self._encoder.bit_rate / bits
            if off == 1 or self._encoder.steer(bits) or not _worth(off, key):
                return self._encoder
        bits = self._bits(size, rate)
        self._encoder = VideoEncoder(self.codec, size, frame_rate=rate, bit_rate=bits)
        self._size = size
        return self._encoder

    def _bits(self, size: tuple[int, int], rate: float) -> int:
        usual = min(max(size[0] * size[1] * rate * _BITS_A_PIXEL, _BIT_RATES[0]), _BIT_RATES[1])
        bits = usual * self._share
        return max(_LEAST_BITS, round(min(bits, self._most) if self._most else bits))


def _worth(off: float, key: bool) -> bool:
    """Return whether an encoder whose rate is so many times what it should be is made anew."""
    return key or off > _TOO_MUCH or off < _TOO_LITTLE


class Packets:
    """Sound to packets of 20 ms of Opus, one after the other; a gap begins a new row.

    More than two channels become two. What is no whole packet waits for the next chunk. The
    codec's 6.5 ms of delay stay in the sound.
    """

    def __init__(self) -> None:
        self._row: _Row | None = None

    def push(self, chunk: AudioChunk) -> list[Encoded]:
        """Return the packets that sound completes; raise InvalidMedia."""
        made: list[Encoded] = []
        row = self._row
        if row is None:
            row = self._row = _Row(chunk, chunk.pts)
        elif not row.goes_on(chunk):
            made = row.end()
            row = self._row = _Row(chunk, max(chunk.pts, row.pts))  # times only grow
        return made + row.push(chunk)


class _Row:
    """Sound without a gap; packets are placed by their number, the first at ``pts`` µs."""

    def __init__(self, first: AudioChunk, pts: int) -> None:
        self._kind = (first.rate, first.channels)
        self._encoder = OpusEncoder(min(2, first.channels))
        self._first, self.pts = first.pts, pts  # the latter: of the next packet
        self._taken = 0  # samples

    def goes_on(self, chunk: AudioChunk) -> bool:
        due = self._first + microseconds(self._taken, self._kind[0])
        same = (chunk.rate, chunk.channels) == self._kind
        return same and abs(chunk.pts - due) < _GAP_US

    def push(self, chunk: AudioChunk) -> list[Encoded]:
        self._taken += len(chunk)
        return [self._placed(packet) for packet in self._encoder.encode(chunk)]

    def end(self) -> list[Encoded]:
        return [self._placed(packet) for packet in self._encoder.flush()]

    def _placed(self, packet: Encoded) -> Encoded:
        length = opus_us(packet.data)  # of the last, the silence that fills it, too
        pts, self.pts = self.pts, self.pts + length
        return Encoded(packet.data, pts, length)
