"""A session's way to its server: one connection after another, until there is none to be had."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from websockets.asyncio.client import ClientConnection as Socket
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

from livedraft.errors import (
    BadMessage,
    ConnectionLost,
    LivedraftError,
    ServerBusy,
    SessionClosed,
    SessionIdle,
    SessionUnknown,
    TimedOut,
    TransportError,
)
from livedraft.protocol import messages as wire
from livedraft.protocol.connection import ClientConnection
from livedraft.protocol.features import FILMS, KEYS, LOADING, LORAS, MEDIA, MODELS, TALK
from livedraft.protocol.tracks import MOVING

from .endpoint import open_socket
from .info import progress_of
from .outbox import Outbox
from .outputs import CODECS
from .terms import SessionState, Terms

_WORTH_A_RETRY = (TransportError, ServerBusy, SessionClosed, SessionIdle, SessionUnknown)


class Link:
    """Sends what the outbox holds, and hands over what comes.

    ``receive`` gets every message, and raises what ends the connection or the session;
    ``reopened`` the ``opened`` of a later connection before that, and whether a draft was due as
    the one before broke; ``stated`` is told the session's state while it waits, or when a
    connection ended that will be followed by another.
    """

    def __init__(
        self,
        terms: Terms,
        out: Outbox,
        receive: Callable[[wire.ServerMessage], None],
        reopened: Callable[[wire.Opened, bool], None],
        stated: Callable[[SessionState], None],
    ) -> None:
        self.wake = asyncio.Event()  # the outbox may have something to send
        self._terms = terms
        self._out = out
        self._out.finisher.name = terms.refine_model
        self._receive = receive
        self._reopened = reopened
        self._stated = stated
        self._line = ClientConnection()
        self._socket: Socket | None = None
        self._opened: wire.Opened | None = None  # by the newest connection that came so far
        self._opened_at: float | None = None  # s of the loop's clock, of the newest connection
        self._patience = asyncio.Timeout(None)  # with the server, until it has opened the session
        self._queued = False  # whether the newest connection was told to wait
        self._loading = ""  # what it was told last of models that are being loaded
        self._unanswered = False  # whether a draft was due when a connection broke

    @property
    def last_id(self) -> int:
        """The id of what was sent last."""
        return self._line.last_id

    async def run(self) -> NoReturn:
        """Hold connections until the session ends for good; raise why."""
        clock = asyncio.get_running_loop().time
        delays = self._terms.retry.delays()
        while True:
            self._opened_at = None
            try:
                await self._hold()
            except _WORTH_A_RETRY as error:
                if self._opened is None:
                    raise
                if isinstance(error, SessionUnknown):
                    self._opened = self._opened.model_copy(update={"resume": ""})
                held_s = clock() - self._opened_at if self._opened_at is not None else 0.0
                if held_s >= self._terms.retry.steady_s:
                    delays = self._terms.retry.delays()
                if isinstance(error, SessionIdle) and not self._out.frame_due:
                    await self._rest()
                    continue
                self._stated("reconnecting")
                await asyncio.sleep(self._delay(next(delays, None), error))

    async def say_goodbye(self) -> None:
        """Tell the server that it is over, if there is one to hear it."""
        if self._socket is None or self._line.state != "open":
            return
        with suppress(ConnectionClosed, OSError, TimeoutError):  # gone already
            async with asyncio.timeout(self._terms.timeouts.close_s):
                await self._socket.send(self._line.close())
                await self._socket.close()

    async def _rest(self) -> None:
        """Wait until there is something to say: the place is for others meanwhile."""
        self._stated("idle")
        while not self._out.pending:
            self.wake.clear()
            await self.wake.wait()
        self._stated("reconnecting")

    def _delay(self, delay: float | None, error: LivedraftError) -> float:
        if delay is not None:
            return delay
        raise ConnectionLost(
            f"no connection after {self._terms.retry.attempts} attempts: {error}",
            fix="check the server, then open a new session",
        ) from error

    def _too_late(self) -> TimedOut:
        limits = self._terms.timeouts
        if self._queued:
            return TimedOut(
                f"no place was free within {limits.queue_s} s",
                fix="try again later, or wait longer: Timeouts(queue_s=…)",
            )
        if self._loading:
            return TimedOut(
                f"the models were not ready within {limits.load_s} s: {self._loading}",
                fix="try again later, or wait longer: Timeouts(load_s=…)",
            )
        return TimedOut(
            f"the server did not answer 'open' within {limits.open_s} s",
            fix="see whether its /readyz says ready, or wait longer: Timeouts(open_s=…)",
        )

    async def _hold(self) -> NoReturn:
        """Hold one connection; raise why it ended."""
        self._line, self._queued, self._loading = ClientConnection(), False, ""
        async with await open_socket(self._terms.base, self._terms.timeouts) as socket:
            self._socket = socket
            try:
                async with asyncio.timeout(self._terms.timeouts.open_s) as self._patience:
                    await self._converse(socket)
            except TimeoutError:
                if not self._patience.expired():
                    raise  # somebody else's: of a callback
                raise self._too_late() from None
            finally:
                self._socket = None
                self._unanswered |= self._out.unanswered

    async def _converse(self, socket: Socket) -> NoReturn:
        """Read and write until either fails; raise why."""
        reading = asyncio.create_task(self._read(socket))
        writing = asyncio.create_task(self._write(socket))
        try:
            await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_EXCEPTION)
            if not reading.done():
                writing.result()  # raises
            reading.result()  # raises
        finally:
            for task in (reading, writing):
                task.cancel()
            await asyncio.wait({reading, writing})
        raise AssertionError("reading ends in an error alone")

    @property
    def _moves(self) -> bool:
        """Whether codecs are played whose frames need those before them."""
        return not set(MOVING).isdisjoint(self._terms.codecs)

    def _hello(self) -> bytes | str:
        return self._line.open(
            model=self._out.model,
            refine_model=self._out.finisher.name,
            params=self._out.kept,
            accept=list(self._terms.accept),
            token=self._terms.token,
            resume=self._opened.resume if self._opened is not None else "",
            features=[MEDIA, MODELS, LORAS, TALK, LOADING, FILMS, *([KEYS] if self._moves else [])],
            codecs=list(dict.fromkeys([*self._terms.codecs, *CODECS])),
        )

    async def _read(self, socket: Socket) -> NoReturn:
        """Take what comes; raise why it ends."""
        try:
            async for data in socket:
                self._take(self._line.receive(data))
        except ConnectionClosed as error:
            code = error.rcvd.code if error.rcvd is not None else None
            if code == wire.IDLE_CLOSE:
                raise idle() from None
            if code == CloseCode.MESSAGE_TOO_BIG:  # and would be again
                raise BadMessage(
                    "a message was larger than the server takes", fix="send less at a time"
                ) from None
        raise ConnectionLost("the connection broke", fix="open another session")

    def _take(self, message: wire.ServerMessage) -> None:
        loop = asyncio.get_running_loop()
        if isinstance(message, wire.Opened):
            if self._opened is not None:
                self._reopened(message, self._unanswered)
            self._opened, self._opened_at, self._unanswered = message, loop.time(), False
            self._patience.reschedule(None)
        elif isinstance(message, wire.Loading):
            if self._line.state == "opening":  # else it is told beside what is drawn
                if not self._loading:
                    self._wait_for(self._terms.timeouts.load_s)
                self._loading = message.message
                self._stated("loading")
            if self._terms.on_loading is not None:
                self._terms.on_loading(message.message)
        elif isinstance(message, wire.Progress):
            if self._terms.on_progress is not None and not message.done:
                self._terms.on_progress(progress_of(message))
        elif isinstance(message, wire.Queued):
            if not self._queued:
                self._wait_for(self._terms.timeouts.queue_s)
            self._queued = True
            self._stated("queued")
            if self._terms.on_queued is not None:
                self._terms.on_queued(message.position)
        elif isinstance(message, wire.Close) and message.code == wire.IDLE:
            raise idle()
        self._receive(message)
        self.wake.set()

    def _wait_for(self, seconds: float | None) -> None:
        """Give the server so long from now on to open the session."""
        now = asyncio.get_running_loop().time()
        self._patience.reschedule(None if seconds is None else now + seconds)

    async def _write(self, socket: Socket) -> None:
        """Send what there is; end in silence where the line does, for the reader tells why."""
        with suppress(ConnectionClosed):
            await socket.send(self._hello())
            while True:
                self.wake.clear()
                if self._line.state == "open":
                    await self._out.media.encode()
                    for data in self._out.messages(self._line):
                        await socket.send(data)
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._out.wait_s):
                        await self.wake.wait()


def idle() -> SessionIdle:
    """Return the error of a session whose place was given to others."""
    return SessionIdle(
        "the session gave its place to others, since nothing happened in it",
        fix="send, update or refine: it then goes on where it was",
    )


def ended_by(error: BaseException | None) -> LivedraftError:
    """Return what ended a session, as its user is told."""
    if isinstance(error, LivedraftError):
        return error
    ended = SessionClosed(f"the session failed: {type(error).__name__}", fix="open a new one")
    ended.__cause__ = error
    return ended
