"""One live session from the client's side: pictures and params go up, frames come down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, Self

from websockets.asyncio.client import ClientConnection as Socket
from websockets.exceptions import ConnectionClosed

from livedraft.errors import (
    ConnectionLost,
    InvalidImage,
    LivedraftError,
    ServerBusy,
    SessionClosed,
    SessionUnknown,
    TransportError,
    from_wire,
)
from livedraft.protocol import messages as wire
from livedraft.protocol.connection import ClientConnection

from .endpoint import open_socket
from .frame import Frame, from_message
from .info import ModelInfo
from .inputs import Pictures, packed
from .outbox import Outbox
from .terms import SessionState, Terms

_RECONNECT_ON = (TransportError, ServerBusy, SessionClosed, SessionUnknown)


class AsyncSession:
    """A live session; open it with ``async with`` or ``await session.open()``.

    Nothing queues up: of the pictures that wait to be sent the newest wins, and of the frames
    that wait to be taken too. A frame is confirmed to the server when it is taken, so a slow
    taker gets fewer frames, never old ones. A broken connection is made anew and continued; what
    was drawn is sent again where the server has lost it.
    """

    def __init__(self, terms: Terms, params: Mapping[str, Any]) -> None:
        self.state: SessionState = "new"
        self.id = ""  # its name in the server's log
        self.params: dict[str, Any] = {}  # all params in force, as the server last told
        self._terms = terms
        self._out = Outbox(dict(params), terms.in_flight)
        self._resume = ""
        self._opened: wire.Opened | None = None
        self._model: ModelInfo | None = None
        self._line = ClientConnection()
        self._socket: Socket | None = None
        self._task: asyncio.Task[None] | None = None
        self._over: LivedraftError | None = None
        self._frame: wire.Frame | None = None  # the newest that nobody took yet
        self._trouble: LivedraftError | None = None  # the newest that nobody was told yet
        self._unanswered = False  # whether a draft was due when a connection broke
        self._worked = False  # whether a frame came since the last failure
        self._wake = asyncio.Event()  # the outbox may have something to send
        self._news = asyncio.Event()  # something for those who wait came

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    @property
    def model(self) -> ModelInfo:
        """The model of this session; raises SessionClosed before it is open."""
        if self._model is None:
            raise SessionClosed("the session is not open", fix="use it in a 'with' block")
        return self._model

    async def open(self) -> Self:
        """Connect and wait for a place.

        Raises ConnectFailed, Unauthorized, ModelNotFound, InvalidParams or ServerBusy.
        """
        if self._task is None:
            self.state = "connecting"
            self._task = asyncio.create_task(self._live())
            self._task.add_done_callback(self._ended)
        try:
            while self._opened is None:
                self._check_alive()
                await self._next_news()
        except asyncio.CancelledError:
            await self.close()
            raise
        return self

    async def send(self, picture: Pictures, /, **params: Any) -> None:
        """Hand over a picture for the model's first input, or several by name; never waits.

        A newer one takes the place of one that was not sent yet; None removes a picture. The
        picture is made no larger than the model works at. Params go with it. Raises InvalidImage
        if it is no picture; what the server refuses later is raised by ``frames()``.
        """
        self._check_alive()
        inputs = await packed(self.model, picture)
        limit = self._opened.max_message_bytes if self._opened is not None else 0
        if sum(map(len, inputs.values())) > limit:
            raise InvalidImage("the pictures are too large", fix=f"send at most {limit} bytes")
        self._out.send(inputs, params)
        self._wake.set()

    async def update(self, **params: Any) -> dict[str, Any]:
        """Change params and return those in force once the server confirms; keys merge.

        Raises InvalidParams, and then nothing has changed.
        """
        self._check_alive()
        answer = self._out.update(params)
        self._wake.set()
        return await answer

    async def refine(self, **params: Any) -> Frame:
        """Return the final picture of what stands now; ``params`` count for this one alone.

        Raises InvalidParams, SessionError if newer input or ``cancel`` came before it was done,
        EngineError if the model failed. ``frames()`` gives the same frame and its previews.
        """
        self._check_alive()
        answer = self._out.refine(params)
        if self._frame is not None:
            self._out.ack(self._frame)  # or a full window would hold the refine back
        self._wake.set()
        return await asyncio.to_thread(from_message, await answer)

    async def cancel(self) -> None:
        """Give up pictures that wait and any refine that runs."""
        self._check_alive()
        self._out.cancel()
        self._wake.set()

    async def next_frame(self) -> Frame | None:
        """Return the newest frame that was not taken yet, waiting for one; None after ``close``.

        Raises what the server refused or failed at since; the session lives on.
        """
        while True:
            if self._trouble is not None:
                trouble, self._trouble = self._trouble, None
                raise trouble
            if self._frame is not None:
                message, self._frame = self._frame, None
                self._out.ack(message)
                self._wake.set()
                return await asyncio.to_thread(from_message, message)
            if self.state == "closed":
                if self._over is not None:
                    raise self._over
                return None
            await self._next_news()

    async def frames(self) -> AsyncIterator[Frame]:
        """Yield frames as they come, the newest each time, until the session is closed.

        Raises as ``next_frame`` does; call it again to go on.
        """
        while (frame := await self.next_frame()) is not None:
            yield frame

    async def close(self) -> None:
        """End the session; what waits is dropped. May be called twice."""
        if self._task is None or self.state == "closed":
            return
        self.state = "closed"
        if self._socket is not None and self._line.state == "open":
            try:
                async with asyncio.timeout(2):
                    await self._socket.send(self._line.close())
                    await self._socket.close()
            except (ConnectionClosed, OSError, TimeoutError):
                pass  # gone already
        self._task.cancel()
        await asyncio.wait([self._task])
        self._out.end(SessionClosed("the session was closed"))
        self._news.set()

    async def _live(self) -> None:
        """Hold one connection after another until the session ends for good."""
        delays = self._terms.retry.delays()
        while True:
            try:
                await self._hold_connection()
            except _RECONNECT_ON as error:
                if self._opened is None:
                    raise
                if isinstance(error, SessionUnknown):
                    self._resume = ""
                if self._worked:
                    self._worked, delays = False, self._terms.retry.delays()
                self.state = "reconnecting"
                delay = next(delays, None)
                if delay is None:
                    raise ConnectionLost(
                        f"no connection after {self._terms.retry.attempts} attempts: {error}",
                        fix="check the server, then open a new session",
                    ) from error
                self._news.set()
                await asyncio.sleep(delay)

    async def _hold_connection(self) -> None:
        terms = self._terms
        self._line = ClientConnection()
        async with await open_socket(terms.base, terms.timeout_s) as socket:
            self._socket = socket
            hello = self._line.open(
                model=terms.model,
                params=self._out.kept,
                accept=list(terms.accept),
                token=terms.token,
                resume=self._resume,
            )
            writing: asyncio.Task[None] | None = None
            try:
                await socket.send(hello)
                async for data in socket:
                    self._receive(self._line.receive(data))
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
        raise ConnectionLost("the connection broke")

    async def _write(self, socket: Socket) -> None:
        try:
            while True:
                self._wake.clear()
                for data in self._out.messages(self._line):
                    await socket.send(data)
                await self._wake.wait()
        except ConnectionClosed:
            pass  # the reader sees it too

    def _receive(self, message: wire.ServerMessage) -> None:
        match message:
            case wire.Frame():
                self._frame, self._worked = message, True
                self._out.answered(message)
                if message.stage is wire.Stage.DRAFT:
                    self.params = message.params
                if self._out.refining or message.stage is wire.Stage.FINAL:
                    self._out.ack(message)  # somebody waits for it, or for what comes after
            case wire.Ack():
                self.params = self.params | message.params
                self._out.acknowledged(message)
            case wire.Opened():
                self._begin(message)
            case wire.Queued():
                self.state = "queued"
                if self._terms.on_queued is not None:
                    self._terms.on_queued(message.position)
            case wire.Error():
                if message.fatal:
                    raise from_wire(message.model_dump())
                if not self._out.failed(message):
                    self._trouble = from_wire(message.model_dump())
            case wire.Close():
                raise SessionClosed(f"the server ended the session: {message.code}")
        self._wake.set()
        self._news.set()

    def _begin(self, opened: wire.Opened) -> None:
        if self._opened is not None:
            self._out.reopened(resumed=opened.resumed, unanswered=self._unanswered)
            self._unanswered = False
        self._opened = opened
        self._model = ModelInfo.model_validate(opened.model)
        self.id, self._resume, self.params = opened.session, opened.resume, opened.params
        self.state = "open"

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Tell everybody that the session is over, whatever ended it."""
        if task.cancelled():
            return
        error = task.exception()
        if not isinstance(error, LivedraftError):
            error = SessionClosed(f"the session failed: {error!r}")
        self._over, self.state = error, "closed"
        self._out.end(error)
        self._news.set()

    async def _next_news(self) -> None:
        self._news.clear()
        await self._news.wait()

    def _check_alive(self) -> None:
        if self._over is not None:
            raise self._over
        if self.state == "new":
            raise SessionClosed("the session is not open", fix="use it in a 'with' block")
        if self.state == "closed":
            raise SessionClosed("the session was closed", fix="open a new one")
