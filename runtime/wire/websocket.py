"""WebSockets as uvicorn speaks them, with bounds on what a client can make the server keep."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame

from livedraft.errors import LivedraftError

from ..transports.websocket import WIDEN
from .http import plain_answer
from .limits import Deadline, Settings

OPENING_BYTES = 64 * 2**10  # of a message before its sender has a place: 'open' needs far less
_FRAGMENT_BYTES = 4 * 2**10  # on average at least, or a message takes many times its size
_FRAGMENTS = 16  # that any message may have

_UNREADABLE = LivedraftError(
    "no handshake of a WebSocket", fix="send it as RFC 6455 has it, without a body"
)


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """One WebSocket. Its messages are small until the app widens it."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        assert isinstance(config, Settings), "made by Settings"
        self._limits, self._lines = config.limits, config.lines
        self.conn.max_message_size = min(OPENING_BYTES, config.ws_max_size)
        self._unsent: list[bytes] = []
        self._reading = Deadline(lambda: self.transport.abort())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over a connection, whose client is nobody if it is the server itself."""
        super().connection_made(cast(asyncio.Transport, transport))
        if self._lines.own(transport):
            self.client = None

    def data_received(self, data: bytes) -> None:
        """Read on; a handshake comes as a whole, so one that cannot be read is answered."""
        super().data_received(data)
        if not self.handshake_initiated and not self.transport.is_closing():
            self.close_sent = True
            self.transport.write(plain_answer(400, _UNREADABLE))
            self.transport.close()
            self._reading.set(self._limits.send_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count a client no longer."""
        self._reading.clear()
        self._lines.leave(self.transport)
        super().connection_lost(exc)

    def handle_connect(self, event: Any) -> None:
        """Begin, and give the app the means to widen."""
        super().handle_connect(event)
        if not self.close_sent:
            cast(dict[str, Any], self.scope)["extensions"][WIDEN] = {"call": self._widen}

    def handle_cont(self, event: Frame) -> None:
        """Take one more fragment of a message, of which there are not too many."""
        if len(self.frames) > max(_FRAGMENTS, self.config.ws_max_size // _FRAGMENT_BYTES):
            self.conn.fail(1009, "too many fragments")
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self.transport.close()
            return
        super().handle_cont(event)

    def handle_ping(self) -> None:
        """Answer, or while the client reads nothing keep the last answer (RFC 6455, 5.5.3)."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self._unsent = self.conn.data_to_send()[-1:]

    def pause_writing(self) -> None:
        """Wait for a client that reads slowly, but not for ever."""
        super().pause_writing()
        self._reading.set(self._limits.send_s)

    def resume_writing(self) -> None:
        """Go on: it has read."""
        super().resume_writing()
        self._reading.clear()
        self.transport.writelines(self._unsent)
        self._unsent = []

    async def send(self, message: Any) -> None:
        """Pass on what the app sends; a refusal that went out whole ends the handshake, too.

        uvicorn takes it for none, logs an error for each, and answers a second time.
        """
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True

    async def run_asgi(self) -> None:
        """Serve, and then wait for the client to close, but not for ever."""
        await super().run_asgi()
        if not self.disconnected:
            self._reading.set(self.close_timeout)

    def _widen(self) -> None:
        self.conn.max_message_size = self.config.ws_max_size
