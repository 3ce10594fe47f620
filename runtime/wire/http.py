"""HTTP/1.1 as uvicorn speaks it, made strict, and impatient with clients that send nothing.

uvicorn waits for ever for a request's headers and its body, and for a client that reads nothing;
h11 takes what proxies may read in another way (RFC 9112, 11.2: request smuggling).
"""

from __future__ import annotations

import asyncio
import re
from typing import Any, cast

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from livedraft.errors import LivedraftError, ServerBusy, SessionClosed
from livedraft.protocol.codec import json_bytes

from .limits import HEAD_BYTES, Deadline, Settings

_BROKEN_LINE = re.compile(rb"(?<!\r)\n|\r(?=[^\n])|\0")


class StrictConnection(h11.Connection):
    """Refuses requests of whose bounds another reader may think otherwise."""

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        """Return the next event; raise RemoteProtocolError."""
        if self.their_state is h11.IDLE:
            head = self.trailing_data[0].partition(b"\r\n\r\n")[0]
            if _BROKEN_LINE.search(head):
                raise h11.RemoteProtocolError("a line of the headers ends otherwise than in CRLF")
        event = super().next_event()
        if isinstance(event, h11.Request):
            names = {bytes(name) for name, _ in event.headers}
            both = {b"transfer-encoding", b"content-length"} <= names
            if both or (b"transfer-encoding" in names and event.http_version == b"1.0"):
                raise h11.RemoteProtocolError("the length of the body is told in two ways")
        return event


class HttpProtocol(H11Protocol):
    """One connection of a client, until it becomes a WebSocket."""

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
        self.conn = StrictConnection(h11.SERVER, HEAD_BYTES)
        self._turned_away = False
        self._owed = ""  # what the client has to send next
        self._sending = Deadline(self._late)
        self._reading = Deadline(self._abort)
        self._unread = 0  # bytes of a body that nobody wants any more

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a client in, if there is room."""
        transport = cast(asyncio.Transport, transport)  # a socket is read and written
        if not self._lines.enter(transport):
            self._turned_away = True
            transport.write(plain_answer(503, _FULL, "Retry-After: 2\r\n"))
            transport.close()
            return
        super().connection_made(transport)
        if self._lines.own(transport):
            self.client = None
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count a client no longer."""
        self._sending.clear()
        self._reading.clear()
        if not self._turned_away:
            self._lines.leave(self.transport)
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, and see whether the client keeps its time."""
        if self._turned_away:
            return
        answered = self.cycle is not None and self.cycle.response_complete
        super().data_received(data)
        if self.transport.get_protocol() is not self:
            return  # it is a WebSocket now
        self._unread += len(data) if answered and self.conn.their_state is h11.SEND_BODY else 0
        if self._unread > self._limits.max_message_bytes:
            self._abort()  # the answer has had its time to arrive
        self._expect()

    def on_response_complete(self) -> None:
        """Go on with the next request, if there is one."""
        self._unread = 0
        super().on_response_complete()
        self._expect()
        if self.transport.is_closing():
            self._reading.set(self._limits.send_s)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand over to the WebSocket's protocol, which leaves when the connection ends."""
        self._sending.clear()
        self._reading.clear()
        super().handle_websocket_upgrade(event)

    def pause_writing(self) -> None:
        """Wait for a client that reads slowly, but not for ever."""
        super().pause_writing()
        self._reading.set(self._limits.send_s)

    def resume_writing(self) -> None:
        """Go on: it has read."""
        super().resume_writing()
        self._reading.clear()

    def shutdown(self) -> None:
        """Stop, and wait for no request that has not come whole."""
        if self._owed == "body":
            self._end(503, _STOPPING)
        super().shutdown()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request, and be done with the client."""
        self._end(400, LivedraftError(msg, fix="send HTTP/1.1 as RFC 9112 has it"))

    def _expect(self) -> None:
        """Set the time for what the client has to send next: headers, a body or nothing."""
        owed = ""
        if self.conn.their_state is h11.SEND_BODY:
            owed = "body"
        elif self.conn.their_state is h11.IDLE and self.timeout_keep_alive_task is None:
            owed = "headers"
        if self.transport.is_closing():
            owed = ""
        if owed == self._owed:
            return
        self._owed = owed
        self._sending.clear()
        if owed:
            self._sending.set(self._limits.body_s if owed == "body" else self._limits.open_s)

    def _late(self) -> None:
        seconds, setting = self._limits.open_s, "open_s"
        if self._owed == "body":
            seconds, setting = self._limits.body_s, "body_s"
        elif not self.conn.trailing_data[0]:
            self._abort()  # a connection made in advance, as browsers do
            return
        fix = f"send it faster, or raise the setting '{setting}'"
        self._end(408, LivedraftError(f"no whole request came within {seconds:g} s", fix=fix))

    def _end(self, status: int, error: LivedraftError) -> None:
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self._abort()  # in the middle of an answer there is no place for another
            return
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.write(plain_answer(status, error))
        self.transport.close()
        self._reading.set(self._limits.send_s)

    def _abort(self) -> None:
        self.transport.abort()


_STOPPING = SessionClosed("the server is stopping", fix="ask again in a moment")
_FULL = ServerBusy("this server has no room for another connection", fix="try again later")


def plain_answer(status: int, error: LivedraftError, more: str = "") -> bytes:
    """Return a whole answer, after which the connection ends."""
    body = json_bytes({"error": error.to_wire()})
    phrases = {400: "Bad Request", 408: "Request Timeout", 503: "Service Unavailable"}
    head = (
        f"HTTP/1.1 {status} {phrases[status]}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nX-Content-Type-Options: nosniff\r\n{more}"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body
