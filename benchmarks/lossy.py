"""A network between a peer and the server that loses, delays and breaks off what passes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

from aiortc import RTCPeerConnection


class Network:
    """Stands before a peer's sockets, both ways. What passes is counted in bytes."""

    def __init__(self, pc: RTCPeerConnection, *, loss: float = 0.0, jitter_s: float = 0.0) -> None:
        self.loss = loss
        self.jitter_s = jitter_s
        self.broken = False  # nothing passes
        self.lost = 0  # datagrams
        self.came = 0  # bytes
        self._chance = random.Random(7)
        assert pc.sctp is not None, "there is a data channel"
        for protocol in pc.sctp.transport.transport._connection._protocols:
            self._stand_before(protocol)

    def _stand_before(self, protocol: Any) -> None:
        receive = protocol.datagram_received

        def received(data: bytes, address: Any) -> None:
            self.came += len(data)
            receive(data, address)

        protocol.datagram_received = lambda data, address: self._pass(received, data, address)
        protocol.transport = _Sending(protocol.transport, self._pass)

    def _pass(self, on: Callable[[Any, Any], None], data: Any, address: Any) -> None:
        if self.broken or self._chance.random() < self.loss:
            self.lost += 1
            return
        if not self.jitter_s:
            on(data, address)
            return
        loop = asyncio.get_running_loop()
        loop.call_later(self._chance.random() * self.jitter_s, on, data, address)


class _Sending:
    """A socket's transport whose datagrams go through the network."""

    def __init__(self, transport: Any, passes: Callable[[Any, Any, Any], None]) -> None:
        self._transport = transport
        self._passes = passes

    def sendto(self, data: Any, address: Any = None) -> None:
        """Send, perhaps."""
        self._passes(self._sent, data, address)

    def _sent(self, data: Any, address: Any) -> None:
        if not self._transport.is_closing():
            self._transport.sendto(data, address)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
