"""Packets that come: what is whole is decoded at once, not as the next packets come.

aiortc's buffer gives a picture when the first packet of the next one is there, and never more than
one for a packet, so that a picture is a frame late, and what one late packet held back stays late.
Of sound it keeps four packets back, and waits for one that is lost until sixteen others are there.
What waits for its decoder has no bound: a camera too large for this machine would be ever later.
"""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from aiortc.codecs import is_rtx
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtp import RtpPacket

_MOST_AFTER = 4  # packets of sound behind one that is missing: nobody sends it again
_MOST_WAITING = 30  # whole ones that wait to be decoded: a second, from which on all are late
_ASK_EVERY = 15  # pictures that are left out for want of a key frame


def decode_at_once(receiver: Any) -> None:
    """Have a receiver's pictures and sound decoded as they are whole, and none that are late.

    To be called before it receives, since its decoder's thread takes the line that it finds then.
    Packets come to ``RTCRtpReceiver._handle_rtp_packet``, which puts them into its buffer; a test
    fails where they no longer do so.
    """
    receiver._handle_rtp_packet = _Reception(receiver).heard


class _Reception:
    """What goes from one receiver's buffer to its decoder, whose line has no bound of its own."""

    def __init__(self, receiver: Any) -> None:
        self._receiver = receiver
        self._inner = receiver._handle_rtp_packet
        self._codecs = receiver._RTCRtpReceiver__codecs
        self._buffer = receiver._RTCRtpReceiver__jitter_buffer
        self._line: queue.SimpleQueue[Any] = queue.SimpleQueue()  # without locks in Python
        receiver._RTCRtpReceiver__decoder_queue = self._line  # its thread has not begun yet
        self._sound = receiver._RTCRtpReceiver__kind == "audio"
        self._buffer._remove_frame = lambda number: None  # `whole` alone gives what is decoded
        self._left_out = 0  # since a key frame is missing

    async def heard(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        """Take a packet, and hand on what it makes whole."""
        await self._inner(packet, arrival_time_ms=arrival_time_ms)
        codec = self._codecs.get(packet.payload_type)
        if codec is not None and is_rtx(codec):  # one that was lost, and is sent again
            codec = self._codecs.get(codec.parameters.get("apt"))
        if codec is None or self._receiver._RTCRtpReceiver__decoder_thread is None:
            return
        if self._line.qsize() > _MOST_WAITING:
            self._clear()
        for frame in whole(self._buffer, self._sound):
            frame.timestamp = self._receiver._RTCRtpReceiver__timestamp_mapper.map(frame.timestamp)
            if self._wanted(codec.mimeType, frame.data):
                self._line.put((codec, frame))

    def _clear(self) -> None:
        """Let go what waits: the decoder is too slow, and who sends may send less."""
        with suppress(queue.Empty):
            while True:
                self._line.get_nowait()
        self._left_out = 0 if self._sound else 1
        self._ask()

    def _wanted(self, mime: str, data: bytes) -> bool:
        """Return whether a picture needs none of those that were let go, or none were."""
        if not self._left_out or begins_key(mime, data):
            self._left_out = 0
            return True
        self._left_out += 1
        if self._left_out % _ASK_EVERY == 0:
            self._ask()
        return False

    def _ask(self) -> None:
        """Have a key frame asked for, with the next packet."""
        self._receiver._RTCRtpReceiver__decoder_error.set()


def begins_key(mime: str, data: bytes) -> bool:
    """Return whether a key frame begins here (RFC 6386, 9.1); of H.264, with its parameters.

    aiortc gives H.264 as Annex B; what delimits a frame, or tells of it, may come first.
    """
    if mime.lower() == "video/h264":
        return any(part[:1] and part[0] & 31 in (5, 7) for part in data.split(b"\0\0\1")[1:])
    return bool(data) and not data[0] & 1


def whole(buffer: Any, sound: bool) -> Iterator[JitterFrame]:
    """Take out what is whole, in order: a picture ends with a marked packet (RFC 7741, 4.1)."""
    while True:
        if sound:
            _skip_lost(buffer)
        packets: list[Any] = []  # with what is in them, as the receiver has read it
        for place in range(buffer.capacity):
            packet = at(buffer, place)
            if packet is None:
                return
            if packets and packet.timestamp != packets[0].timestamp:
                break  # its last packet was not marked
            packets.append(packet)
            if sound or packet.marker or not packets[0]._data:  # padding stands for itself
                break
        buffer.remove(len(packets))
        data = b"".join(packet._data for packet in packets)
        if data:  # for a decoder, nothing means the end
            yield JitterFrame(data=data, timestamp=packets[0].timestamp)


def _skip_lost(buffer: Any) -> None:
    """Go on behind packets that are missing once enough others have come."""
    there = [place for place in range(buffer.capacity) if at(buffer, place) is not None]
    if len(there) >= _MOST_AFTER and there[0] > 0:
        buffer.remove(there[0])


def at(buffer: Any, place: int) -> Any:
    """Return the packet so many places behind the first that is awaited; None where none came."""
    if buffer._origin is None:
        return None
    return buffer._packets[(buffer._origin + place) % buffer.capacity]
