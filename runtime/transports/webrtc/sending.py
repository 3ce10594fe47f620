"""RTP and RTCP of one track to one peer (RFC 3550), in place of what aiortc's sender does.

That builds each packet anew for each peer, with a chain of coroutines around it and reports every
second. Here a packet is a header of this peer's before bytes that all share, sent at once.
"""

from __future__ import annotations

import asyncio
import random
import time
from struct import Struct, pack
from typing import Any

from aiortc import RTCRtpParameters
from aiortc.rtp import (
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpByePacket,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
)

from .outgoing import Outgoing
from .packing import Parcel
from .rate import Rate
from .srtp import Wire, at_once

_KEPT = 512  # packets that may be asked for again: a large key frame
_MOST_AGAIN = 128  # that one report gets
_REPORT_S = 5.0  # between reports, half to one and a half of it (RFC 3550, 6.2)
_NTP_S = 2_208_988_800  # from 1900 to 1970
_ONE_BYTE = 0xBEDE  # a header's extensions of up to 16 bytes each (RFC 8285, 4.2)
_MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
_SENT_AT = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
HOLDING = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
_HELD = (0 << 12 | 50).to_bytes(
    3, "big"
)  # none at least, and at most 500 ms, to keep up with sound
_ROUND16, _ROUND32 = 2**16, 2**32
_HEAD = Struct("!BBHII").pack  # of RTP: what is in it, kind, number, ticks, source


class Sending:
    """Sends one track's parcels; its peer's reports are heard, and what is lost is sent again.

    aiortc asks ``RTCRtpSender.send`` to begin, ``stop`` to end and ``_handle_rtcp_packet`` for
    each report: these are replaced. A test fails where they are not asked any more.
    """

    def __init__(self, sender: Any, track: Outgoing) -> None:
        self._sender = sender
        self._track = track
        self._rate = Rate(track.rate)
        self._begun = False
        self._payload_type = 0
        self._again_type: int | None = None  # of what is sent again (RFC 4588)
        self._extensions = _Extensions(RTCRtpParameters())
        self._name = b""
        self._wire: Wire | None = None  # once it has begun
        # Below half of what there is: a round soon after the start confuses SRTP (RFC 3711, 3.3.1).
        self._next, self._next_again = random.randrange(2**15), random.randrange(2**15)
        self._first_tick = random.randrange(_ROUND32)
        self._kept: dict[int, tuple[int, int, int, bytes]] = {}  # number, marker, ticks, payload
        self._packets = self._bytes = 0
        self._last: tuple[float, int] | None = None  # s and ticks of the newest parcel
        self._report: asyncio.TimerHandle | None = None
        sender.send, sender.stop = self._begin, self._end
        sender._handle_rtcp_packet = self._heard

    def put(self, parcel: Parcel) -> None:
        """Send a parcel."""
        now = time.time()
        ticks = (self._first_tick + parcel.ticks) % _ROUND32
        extensions = self._extensions.at(now)
        left = len(parcel.payloads)
        packets = []
        for payload in parcel.payloads:
            number, left = self._next, left - 1
            marker = 0 if left else 0x80
            self._kept[number % _KEPT] = (number, marker, ticks, payload)
            head = _HEAD(0x90, marker | self._payload_type, number, ticks, self._sender._ssrc)
            packets.append((head + extensions, payload))
            self._next = (number + 1) % _ROUND16
            self._bytes += len(payload)
        self._packets += len(packets)
        self._put(packets)
        fresh, self._last = self._last is None, (now, ticks)
        if fresh:
            self._tell()

    async def _begin(self, parameters: Any) -> None:
        if self._begun:
            return
        self._begun = True
        self._payload_type = parameters.codecs[0].payloadType
        for codec in parameters.codecs[1:]:
            if codec.parameters.get("apt") == self._payload_type:
                self._again_type = codec.payloadType
        self._extensions = _Extensions(parameters)
        self._name = (parameters.rtcp.cname or "").encode()
        self._sender.transport._register_rtp_sender(self._sender, parameters)
        self._wire = Wire(self._sender.transport)
        self._track.begin(self.put, parameters.codecs[0].name.lower())

    async def _end(self) -> None:
        if not self._begun:
            return
        self._begun = False
        self._track.stop()
        if self._report is not None:
            self._report.cancel()
        self._out(bytes(RtcpByePacket(sources=[self._sender._ssrc])))
        self._sender.transport._unregister_rtp_sender(self._sender)

    async def _heard(self, packet: AnyRtcpPacket) -> None:
        self._rate.heard(packet, self._sender._ssrc)
        if isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            for number in packet.lost[:_MOST_AGAIN]:
                self._again(number)
        elif isinstance(packet, RtcpPsfbPacket) and packet.fmt in (RTCP_PSFB_FIR, RTCP_PSFB_PLI):
            self._track.key()

    def _again(self, number: int) -> None:
        """Send a packet again, if it is there: as itself, or on a line of its own (RFC 4588)."""
        kept = self._kept.get(number % _KEPT)
        if kept is None or kept[0] != number:
            return
        _, marker, ticks, payload = kept
        kind, source = self._payload_type, self._sender._ssrc
        if self._again_type is not None:
            kind, source = self._again_type, self._sender._rtx_ssrc
            payload = pack("!H", number) + payload
            number, self._next_again = self._next_again, (self._next_again + 1) % _ROUND16
        head = _HEAD(0x90, marker | kind, number, ticks, source)
        self._put([(head + self._extensions.at(time.time()), payload)])

    def _tell(self) -> None:
        """Report how much was sent, and which moment the newest parcel is of; and again later."""
        assert self._last is not None, "something was sent"
        at, ticks = self._last
        info = RtcpSenderInfo(
            ntp_timestamp=round((at + _NTP_S) * _ROUND32),
            rtp_timestamp=ticks,
            packet_count=self._packets % _ROUND32,
            octet_count=self._bytes % _ROUND32,
        )
        name = RtcpSourceInfo(ssrc=self._sender._ssrc, items=[(1, self._name)])
        report = RtcpSrPacket(ssrc=self._sender._ssrc, sender_info=info)
        self._out(bytes(report) + bytes(RtcpSdesPacket(chunks=[name])))
        later = _REPORT_S * (0.5 + random.random())
        self._report = asyncio.get_running_loop().call_later(later, self._tell)

    def _put(self, packets: list[tuple[bytes, bytes]]) -> None:
        assert self._wire is not None, "it has begun"
        self._wire.send(packets)

    def _out(self, data: bytes) -> None:
        at_once(self._sender.transport._send_rtp(data))


class _Extensions:
    """A header's extensions: which section of the offer it is of, and when it is sent.

    And how long who shows it may hold it back, where that is agreed on. Browsers else do so by what
    they guess of the line, and show frames by the clock of who sends; ours are paced already.
    """

    def __init__(self, parameters: RTCRtpParameters) -> None:
        ids = {each.uri: each.id for each in parameters.headerExtensions if each.id < 15}
        mid = parameters.muxId.encode()
        self._before = b""
        if _MID in ids and 0 < len(mid) <= 16:
            self._before = bytes([ids[_MID] << 4 | len(mid) - 1]) + mid
        if HOLDING in ids:
            self._before += bytes([ids[HOLDING] << 4 | 2]) + _HELD
        self._timed = _SENT_AT in ids
        if self._timed:
            self._before += bytes([ids[_SENT_AT] << 4 | 2])
        length = len(self._before) + 3 * self._timed
        self._after = bytes(-length % 4)
        self._before = pack("!HH", _ONE_BYTE, (length + 3) // 4) + self._before

    def at(self, now: float) -> bytes:
        """Return them, for a time in s since 1970: 6 bits of seconds, 18 of their parts."""
        if not self._timed:
            return self._before + self._after
        return self._before + (int(now * 2**18) % 2**24).to_bytes(3, "big") + self._after
