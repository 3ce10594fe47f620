"""RTP to and from one peer: a packet goes between its socket and its track in one call (RFC 3711).

aiortc takes each that goes through five coroutines and two copies, and has a task woken for each
that comes.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterable
from typing import Any

import pylibsrtp
from aiortc.clock import current_ms
from aiortc.rtcdtlstransport import State
from aiortc.rtp import is_rtcp
from pylibsrtp import SRTP_MAX_TRAILER_LEN, Error

_BINDING: Any = pylibsrtp  # of libsrtp, which it does not export
_ROOM_BYTES = 1500  # of a packet with what protects it
_MEDIA = range(128, 192)  # first bytes of RTP and RTCP (RFC 7983)


class Wire:
    """The way to the other end of an ``RTCDtlsTransport``.

    Its state, its ``_tx_srtp`` and the pair that its ``aioice.Connection`` has nominated are asked
    for with each call; a test fails where they are no longer there.
    """

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._connection = transport.transport._connection
        self._room = _BINDING.ffi.new("char[]", _ROOM_BYTES)
        self._bytes = _BINDING.ffi.buffer(self._room)
        self._length = _BINDING.ffi.new("int *")

    def send(self, packets: Iterable[tuple[bytes, bytes]]) -> None:
        """Send packets, each a header and what is behind it; where nobody is, nothing is sent."""
        pair = self._connection._nominated.get(1)
        if self._transport._state is not State.CONNECTED or pair is None:
            return
        sendto, address = pair.protocol.transport.sendto, pair.remote_addr
        session = self._transport._tx_srtp._srtp[0]
        protect = _BINDING.lib.srtp_protect
        room, there, length = self._room, self._bytes, self._length
        for head, payload in packets:
            begins, size = len(head), len(head) + len(payload)
            if size > _ROOM_BYTES - SRTP_MAX_TRAILER_LEN:
                raise ValueError(f"a packet of {size} bytes")
            there[:begins] = head
            there[begins:size] = payload
            length[0] = size
            if fault := protect(session, room, length):
                raise Error(f"a packet cannot be protected: {fault}")
            sendto(there[: length[0]], address)


def hear(transport: Any) -> None:
    """Have what comes to an ``RTCDtlsTransport`` from now on reach its tracks at once.

    ``aioice.Connection`` hands over by ``data_received``, which is replaced. A test fails where it
    is not asked any more.
    """
    connection = transport.transport._connection
    connection.data_received = _Hearing(transport, connection).take


class _Hearing:
    def __init__(self, transport: Any, connection: Any) -> None:
        self._transport = transport
        self._usual = connection.data_received

    def take(self, data: bytes, component: int) -> None:
        """Take what is no STUN: before the handshake is over, and of DTLS, it waits its turn."""
        state = self._transport._state
        if not data or state is State.CLOSED or state is State.FAILED:
            return  # of nothing aiortc would read the first byte, and end
        media = data[0] in _MEDIA
        if media and len(data) > _ROOM_BYTES:
            return  # pylibsrtp has room for no more, and raises ValueError
        if not media or state is not State.CONNECTED:
            self._usual(data, component)
            return
        self._transport._RTCDtlsTransport__rx_packets += 1
        self._transport._RTCDtlsTransport__rx_bytes += len(data)
        try:
            if is_rtcp(data):
                told = self._transport._rx_srtp.unprotect_rtcp(data)
                at_once(self._transport._handle_rtcp_data(told))
            else:
                packet = self._transport._rx_srtp.unprotect(data)
                now = current_ms()
                at_once(self._transport._handle_rtp_data(packet, arrival_time_ms=now))
        except Error:
            return  # a stranger's, or one that came before


def at_once(work: Coroutine[Any, Any, None]) -> None:
    """Run what waits for nothing; where the other end is gone, nothing is sent."""
    try:
        work.send(None)
    except (StopIteration, ConnectionError):
        return
    work.close()
    raise RuntimeError("a packet has begun to wait")
