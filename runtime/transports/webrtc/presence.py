"""Whether the other end is still there: it is asked where nothing comes (RFC 7675)."""

from __future__ import annotations

import asyncio
from typing import Any

from aioice.stun import TransactionError
from aiortc import RTCPeerConnection

GONE_S = 3.0  # without a sign: a line that breaks for two seconds is taken up again
_LOOK_S = 0.5
_SOON_S = 0.05  # between looks while a sign is waited for


async def gone(pc: RTCPeerConnection, after_s: float = GONE_S) -> None:
    """Return once a peer that was connected has given no sign for so long.

    Where it gives one again, messages are repeated at once. aiortc itself waits for half a minute.
    What came is counted in ``RTCDtlsTransport``, and asked for by ``aioice.Connection``'s
    ``build_request``; a test fails where they are no longer so.
    """
    assert pc.sctp is not None, "there is a data channel"
    transport: Any = pc.sctp.transport
    clock = asyncio.get_running_loop().time
    came, heard_at, silent = -1, clock(), False
    while clock() - heard_at < after_s:
        await asyncio.sleep(_SOON_S if silent else _LOOK_S)
        asked_at = clock()
        before, came = came, transport._RTCDtlsTransport__rx_packets
        if came != before or await _answers(
            transport.transport._connection, retransmissions=0 if silent else 1
        ):
            heard_at = clock()
            if silent or heard_at - asked_at > _LOOK_S:  # it took a second time of asking
                silent = False
                _repeat(pc.sctp)
        else:
            silent = True


async def _answers(connection: Any, retransmissions: int) -> bool:
    """Ask by the way that packets go; return whether an answer came.

    Within .5 s where it is asked once, 1.5 s where it is asked again: a way may be long.
    """
    pair = connection._nominated.get(1)
    if pair is None:
        return False
    key = connection.remote_password.encode()
    asked = connection.build_request(pair, nominate=False)
    try:
        await pair.protocol.request(
            asked, pair.remote_addr, integrity_key=key, retransmissions=retransmissions
        )
    except (TransactionError, OSError):
        return False
    return True


def _repeat(sctp: Any) -> None:
    """Send again what is not confirmed, now and not when its time is up (RFC 9260, 6.3.3)."""
    if sctp._t3_handle is not None:
        sctp._t3_cancel()
        sctp._t3_expired()
