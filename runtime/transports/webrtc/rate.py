"""How much of its bit rate a track may use, by what the other end reports of its packets.

Loss is heeded as Google Congestion Control's loss-based half does (draft-ietf-rmcat-gcc, 6): over
10 % lost takes half of that share off, under 2 % gives a little back, between them nothing moves.
An estimate of the other end's (REMB, draft-alvestrand-rmcat-remb) is a bound besides, but while
packets are lost alone: it follows what is sent, so after a still picture it would hold motion down.
"""

from __future__ import annotations

from collections.abc import Callable

from aiortc.rtp import (
    RTCP_PSFB_APP,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpSrPacket,
    unpack_remb_fci,
)

_MUCH, _LITTLE = 0.10, 0.02  # of packets lost
_BACK = 1.05  # that one good report gives
_LEAST = 0.1

Rated = Callable[[float, int], None]  # a share, 0 to 1, and at most so many bit/s; 0: no bound


class Rate:
    """What one receiver of one track lets through; ``changed`` hears each change."""

    def __init__(self, changed: Rated) -> None:
        self.share = 1.0
        self.most = 0  # bit/s
        self._estimate = 0  # bit/s, the newest
        self._changed = changed

    def lost(self, fraction: float) -> None:
        """Take a report of how many of the packets since the last one did not arrive, 0 to 1."""
        share = self.share
        if fraction > _MUCH:
            share *= 1 - fraction / 2
        elif fraction < _LITTLE:
            share *= _BACK
        self._set(min(1.0, max(_LEAST, share)))

    def bounded(self, bits: int) -> None:
        """Take an estimate of what the way bears, bit/s."""
        self._estimate = bits
        self._set(self.share)

    def heard(self, packet: AnyRtcpPacket, source: int) -> None:
        """Take what an RTCP packet says of a source of ours, if it says anything."""
        if isinstance(packet, (RtcpRrPacket, RtcpSrPacket)):
            for report in packet.reports:
                if report.ssrc == source:
                    self.lost(report.fraction_lost / 256)
        elif isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_APP:
            try:
                bits, sources = unpack_remb_fci(packet.fci)
            except (ValueError, IndexError):
                return  # another application's
            if source in sources:
                self.bounded(bits)

    def _set(self, share: float) -> None:
        most = self._estimate if share < 1 else 0
        if (share, most) != (self.share, self.most):
            self.share, self.most = share, most
            self._changed(share, most)
