"""Whether the other end is still there: it is asked where nothing comes (RFC 7675)."""

from __future__ import annotations

import asyncio
from typing import Any

from aioice.stun import TransactionError
from aiortc import RTCPeerConnection

GONE_S = 3.0  # without a sign: a line that breaks for two seconds is taken up again
_LOOK_S = 0.5  # as long as an answer is waited for


async def gone(pc: RTCPeerConnection, after_s: float = GONE_S) -> None:
    """Return once a peer that was connected has given no sign for so long.

    aiortc itself waits for half a minute. What came is counted in ``RTCDtlsTransport``, and asked
    for by ``aioice.Connection.build_request``; a test fails where they are no longer so.
    """
    assert pc.sctp is not None, "there is a data channel"
    transport: Any = pc.sctp.transport
    silent_s = 0.0
    came = -1
    while silent_s < after_s:
        await asyncio.sleep(_LOOK_S)
        before, came = came, transport._RTCDtlsTransport__rx_packets
        if came != before:
            silent_s = 0.0
        elif await _answers(transport.transport._connection):
            silent_s = 0.0
        else:
            silent_s += 2 * _LOOK_S


async def _answers(connection: Any) -> bool:
    """Ask by the way that packets go; return whether an answer came within ``_LOOK_S``."""
    pair = connection._nominated.get(1)
    if pair is None:
        return False
    key = connection.remote_password.encode()
    asked = connection.build_request(pair, nominate=False)
    try:
        await pair.protocol.request(asked, pair.remote_addr, integrity_key=key, retransmissions=0)
    except (TransactionError, OSError):
        return False
    return True
