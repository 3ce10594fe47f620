"""A session's way to its server: one connection after another, until there is none to be had."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from websockets.asyncio.client import ClientConnection as Socket
from websockets.exceptions import ConnectionClosed

from livedraft.errors import (
    ConnectionLost,
    LivedraftError,
    ServerBusy,
    SessionClosed,
    SessionUnknown,
    TransportError,
)
from livedraft.protocol import messages as wire
from livedraft.protocol.connection import ClientConnection

from .endpoint import open_socket
from .outbox import Outbox
from .terms import Terms

_WORTH_A_RETRY = (TransportError, ServerBusy, SessionClosed, SessionUnknown)
_FAREWELL_S = 2.0


class Link:
    """Sends what the outbox holds, and hands over what comes.

    ``receive`` gets every message, and raises what ends the connection or the session; ``lost``
    is called when a connection broke and another is tried.
    """

    def __init__(
        self,
        terms: Terms,
        out: Outbox,
        receive: Callable[[wire.ServerMessage], None],
        lost: Callable[[], None],
    ) -> None:
        self.wake = asyncio.Event()  # the outbox may have something to send
        self._terms = terms
        self._out = out
        self._receive = receive
        self._lost = lost
        self._line = ClientConnection()
        self._socket: Socket | None = None
        self._opened: wire.Opened | None = None  # by the newest connection that came so far
        self._unanswered = False  # whether a draft was due when a connection broke
        self._worked = False  # whether a frame came since the last failure

    async def run(self) -> NoReturn:
        """Hold connections until the session ends for good; raise why."""
        delays = self._terms.retry.delays()
        while True:
            try:
                await self._hold()
            except _WORTH_A_RETRY as error:
                if self._opened is None:
                    raise
                if isinstance(error, SessionUnknown):
                    self._opened = self._opened.model_copy(update={"resume": ""})
                if self._worked:
                    self._worked, delays = False, self._terms.retry.delays()
                self._lost()
                await asyncio.sleep(self._delay(next(delays, None), error))

    async def say_goodbye(self) -> None:
        """Tell the server that it is over, if there is one to hear it."""
        if self._socket is None or self._line.state != "open":
            return
        try:
            async with asyncio.timeout(_FAREWELL_S):
                await self._socket.send(self._line.close())
                await self._socket.close()
        except (ConnectionClosed, OSError, TimeoutError):
            pass  # gone already

    def _delay(self, delay: float | None, error: LivedraftError) -> float:
        if delay is not None:
            return delay
        raise ConnectionLost(
            f"no connection after {self._terms.retry.attempts} attempts: {error}",
            fix="check the server, then open a new session",
        ) from error

    async def _hold(self) -> NoReturn:
        """Hold one connection; raise why it ended."""
        self._line = ClientConnection()
        async with await open_socket(self._terms.base, self._terms.timeout_s) as socket:
            self._socket = socket
            writing: asyncio.Task[None] | None = None
            try:
                await socket.send(self._hello())
                async for data in socket:
                    self._take(self._line.receive(data))
                    if writing is None and self._line.state == "open":
                        writing = asyncio.create_task(self._write(socket))
            except ConnectionClosed:
                pass  # told below, whichever way it ended
            finally:
                self._socket = None
                self._unanswered |= self._line.in_flight > 0
                if writing is not None:
                    writing.cancel()
                    await asyncio.wait([writing])
        raise ConnectionLost("the connection broke", fix="open another session")

    def _hello(self) -> bytes | str:
        return self._line.open(
            model=self._terms.model,
            params=self._out.kept,
            accept=list(self._terms.accept),
            token=self._terms.token,
            resume=self._opened.resume if self._opened is not None else "",
        )

    def _take(self, message: wire.ServerMessage) -> None:
        if isinstance(message, wire.Opened):
            if self._opened is not None:
                self._out.reopened(resumed=message.resumed, unanswered=self._unanswered)
            self._opened, self._unanswered = message, False
        self._worked |= isinstance(message, wire.Frame)
        self._receive(message)
        self.wake.set()

    async def _write(self, socket: Socket) -> None:
        try:
            while True:
                self.wake.clear()
                for data in self._out.messages(self._line):
                    await socket.send(data)
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._out.wait_s):
                        await self.wake.wait()
        except ConnectionClosed:
            pass  # the reader sees it too
