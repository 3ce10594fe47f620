"""Packets that come: what is whole is decoded at once, not as the next packets come.

aiortc's buffer gives a picture when the first packet of the next one is there, and never more than
one for a packet, so that a picture is a frame late, and what one late packet held back stays late.
Of sound it keeps four packets back, and waits for one that is lost until sixteen others are there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiortc.codecs import is_rtx
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtp import RtpPacket

_MOST_AFTER = 4  # packets of sound behind one that is missing: nobody sends it again


def decode_at_once(receiver: Any) -> None:
    """Have a receiver's pictures and sound decoded as they are whole.

    Packets come to ``RTCRtpReceiver._handle_rtp_packet``, which puts them into its buffer; a test
    fails where they no longer do so.
    """
    inner = receiver._handle_rtp_packet

    async def heard(packet: RtpPacket, arrival_time_ms: int) -> None:
        await inner(packet, arrival_time_ms=arrival_time_ms)
        codecs = receiver._RTCRtpReceiver__codecs
        codec = codecs.get(packet.payload_type)
        if codec is not None and is_rtx(codec):  # one that was lost, and is sent again
            codec = codecs.get(codec.parameters.get("apt"))
        if codec is None or receiver._RTCRtpReceiver__decoder_thread is None:
            return
        times = receiver._RTCRtpReceiver__timestamp_mapper
        kind = receiver._RTCRtpReceiver__kind
        for frame in whole(receiver._RTCRtpReceiver__jitter_buffer, kind == "audio"):
            frame.timestamp = times.map(frame.timestamp)
            receiver._RTCRtpReceiver__decoder_queue.put((codec, frame))

    receiver._handle_rtp_packet = heard


def whole(buffer: Any, sound: bool) -> Iterator[JitterFrame]:
    """Take out what is whole, in order: a picture ends with a marked packet (RFC 7741, 4.1)."""
    while True:
        if sound:
            _skip_lost(buffer)
        packets: list[Any] = []  # with what is in them, as the receiver has read it
        for place in range(buffer.capacity):
            packet = _at(buffer, place)
            if packet is None:
                return
            packets.append(packet)
            if sound or packet.marker:
                break
        buffer.remove(len(packets))
        data = b"".join(packet._data for packet in packets)
        yield JitterFrame(data=data, timestamp=packets[0].timestamp)


def _skip_lost(buffer: Any) -> None:
    """Go on behind packets that are missing once enough others have come."""
    there = [place for place in range(buffer.capacity) if _at(buffer, place) is not None]
    if len(there) >= _MOST_AFTER and there[0] > 0:
        buffer.remove(there[0])


def _at(buffer: Any, place: int) -> Any:
    """Return the packet so many places behind the first that is awaited; None where none came."""
    if buffer._origin is None:
        return None
    return buffer._packets[(buffer._origin + place) % buffer.capacity]
