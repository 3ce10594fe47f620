"""One live session from the client's side: pictures and params go up, frames come down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any, NoReturn, Self, TypeVar

from pydantic import ValidationError

from livedraft.errors import (
    BadMessage,
    InvalidImage,
    InvalidParams,
    LivedraftError,
    SessionClosed,
    TimedOut,
    from_wire,
)
from livedraft.protocol import messages as wire
from livedraft.protocol.values import plain_params, size_of

from .frame import Frame, from_message
from .info import ModelInfo
from .inputs import Pictures, packed
from .link import Link, idle
from .outbox import Outbox
from .terms import SessionState, Terms


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
        self._out = Outbox(plain_params(params), terms.in_flight)
        self._link = Link(terms, self._out, self._receive, self._lost)
        self._opened: wire.Opened | None = None
        self._model: ModelInfo | None = None
        self._task: asyncio.Task[NoReturn] | None = None
        self._over: LivedraftError | None = None
        self._frame: wire.Frame | None = None  # the newest that nobody took yet
        self._trouble: LivedraftError | None = None  # the newest that nobody was told yet
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

        Raises ConnectFailed, TimedOut, Unauthorized, ModelNotFound, InvalidParams or ServerBusy.
        """
        if self._task is None:
            self.state = "connecting"
            self._task = asyncio.create_task(self._link.run())
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
        if it is no picture, InvalidParams for what cannot be sent; what the server refuses later
        is raised by ``frames()``.
        """
        self._check_alive()
        plain = self._sendable(params)
        inputs = await packed(self.model, picture)
        limit = self._room()
        if sum(map(len, inputs.values())) + size_of(plain) > limit:
            raise InvalidImage("the pictures are too large", fix=f"send at most {limit} bytes")
        self._check_alive()  # it may have ended meanwhile
        self._out.send(inputs, plain)
        self._tell()

    async def update(self, **params: Any) -> dict[str, Any]:
        """Change params and return those in force once the server confirms; keys merge.

        Raises InvalidParams, and then nothing has changed, or TimedOut.
        """
        self._check_alive()
        answer = self._out.update(self._sendable(params))
        self._tell()
        limits = self._terms.timeouts
        return await _in_time(answer, limits.update_s, "confirmation of the params", "update_s")

    async def refine(self, **params: Any) -> Frame:
        """Return the final picture of what stands now; ``params`` count for this one alone.

        Raises InvalidParams, SessionError if newer input or ``cancel`` came before it was done,
        EngineError if the model failed, TimedOut if it took too long. ``frames()`` gives the same
        frame and its previews.
        """
        self._check_alive()
        answer = self._out.refine(self._sendable(params))
        if self._frame is not None:
            self._out.ack(self._frame)  # or a full window would hold the refine back
        self._tell()
        limits = self._terms.timeouts
        message = await _in_time(answer, limits.refine_s, "final picture", "refine_s")
        return await asyncio.to_thread(from_message, message)

    async def cancel(self) -> None:
        """Give up pictures that wait and any refine that runs."""
        self._check_alive()
        self._out.cancel()
        self._tell()

    async def next_frame(self) -> Frame | None:
        """Return the newest frame that was not taken yet, waiting for one; None after ``close``.

        Raises what the server refused or failed at since, TimedOut if none comes in time, and
        SessionIdle if the server gave the place to others; the session lives on.
        """
        return await self._take_frame(asked=True)

    async def frames(self) -> AsyncIterator[Frame]:
        """Yield frames as they come, the newest each time, until the session is closed.

        Raises as ``next_frame`` does, TimedOut only where a frame is due; call it again to go on.
        """
        while (frame := await self._take_frame(asked=False)) is not None:
            yield frame

    async def _take_frame(self, *, asked: bool) -> Frame | None:
        """Wait for a frame; no longer than ``frame_s`` from when it is asked for, or due."""
        clock = asyncio.get_running_loop().time
        limit_s = self._terms.timeouts.frame_s
        since: float | None = None
        while True:
            if self._trouble is not None:
                trouble, self._trouble = self._trouble, None
                raise trouble
            if self._frame is not None:
                message, self._frame = self._frame, None
                self._out.ack(message)
                self._link.wake.set()
                return await asyncio.to_thread(from_message, message)
            if self.state == "closed":
                if self._over is not None:
                    raise self._over
                return None
            if self.state == "idle" and not self._out.pending:
                raise idle()
            if not (asked or self._out.frame_due):
                since = None
            elif since is None:
                since = clock()
            left_s = None if since is None or limit_s is None else since + limit_s - clock()
            if left_s is not None and left_s <= 0:
                raise _too_late("frame", limit_s, "frame_s")
            with suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await self._next_news()

    async def close(self) -> None:
        """End the session; what waits is dropped. May be called twice."""
        if self._task is None or self.state == "closed":
            return
        self.state = "closed"
        await self._link.say_goodbye()
        self._task.cancel()
        await asyncio.wait([self._task])
        self._out.end(SessionClosed("the session was closed", fix="open another"))
        self._news.set()

    def _tell(self) -> None:
        """Have the link look for what is to be sent, and those who wait for what is due."""
        self._link.wake.set()
        self._news.set()

    def _room(self) -> int:
        """Bytes of the largest message that the server takes."""
        return self._opened.max_message_bytes if self._opened is not None else 0

    def _sendable(self, params: Mapping[str, Any]) -> dict[str, Any]:
        plain = plain_params(params)
        if size_of(plain) > self._room():
            raise InvalidParams(
                "the params are too large", fix=f"send at most {self._room()} bytes"
            )
        return plain

    def _lost(self, state: SessionState) -> None:
        if self.state != "closed":
            self.state = state
            self._news.set()

    def _receive(self, message: wire.ServerMessage) -> None:
        match message:
            case wire.Frame():
                self._frame = message
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
                raise SessionClosed(
                    f"the server ended the session: {message.code[:40]}", fix="open another"
                )
        self._news.set()

    def _begin(self, opened: wire.Opened) -> None:
        try:
            self._model = ModelInfo.model_validate(opened.model)
        except ValidationError as error:
            raise BadMessage(
                f"'opened' tells of no model: {error.error_count()} faults",
                fix="use a client and a server of one version",
            ) from None
        self._opened = opened
        self.id, self.params, self.state = opened.session, opened.params, "open"

    def _ended(self, task: asyncio.Task[NoReturn]) -> None:
        """Tell everybody that the session is over, whatever ended it."""
        if task.cancelled():
            return
        error = task.exception()
        if not isinstance(error, LivedraftError):
            ended = SessionClosed(
                f"the session failed: {type(error).__name__}", fix="open a new one"
            )
            ended.__cause__, error = error, ended
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


T = TypeVar("T")


async def _in_time(answer: asyncio.Future[T], limit_s: float | None, what: str, setting: str) -> T:
    try:
        async with asyncio.timeout(limit_s):
            return await answer
    except TimeoutError:
        raise _too_late(what, limit_s, setting) from None


def _too_late(what: str, limit_s: float | None, setting: str) -> TimedOut:
    return TimedOut(
        f"no {what} within {limit_s} s",
        fix=f"ask again, or wait longer: Timeouts({setting}=…)",
    )
