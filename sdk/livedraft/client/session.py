"""One live session from the client's side: pictures and params go up, frames come down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, NoReturn, Self

from livedraft.errors import LivedraftError, SessionClosed, from_wire
from livedraft.media.chunks import AudioChunk, Output, VideoChunk
from livedraft.media.text import Text
from livedraft.protocol import messages as wire
from livedraft.protocol.values import plain_params

from .frame import Frame, from_message
from .info import ModelInfo, SwitchedModel, model_of
from .inputs import Values, sendable
from .intake import Intake
from .link import Link, ended_by, idle
from .outbox import Outbox
from .sending import Sending
from .terms import SessionState, Terms, check_alive, in_time


class AsyncSession:
    """A live session; open it with ``async with`` or ``await session.open()``.

    No picture queues up: of those that wait to be sent the newest wins, and of the frames that
    wait to be taken too; sound and moving pictures come whole. All is confirmed to the server when
    it is taken, so a slow taker gets fewer frames, never old ones. A broken connection is made
    anew and continued; what was drawn is sent again where the server has lost it.
    """

    def __init__(
        self,
        terms: Terms,
        params: Mapping[str, Any],
        find: Callable[[str], Awaitable[ModelInfo]],
    ) -> None:
        self.state: SessionState = "new"
        self.id = ""  # its name in the server's log
        self._terms = terms
        self._out = Outbox(plain_params(params), terms.in_flight, model=terms.model)
        self._sending = Sending(self._out, self._check_alive, self._wake, find, terms.codecs)
        self._link = Link(terms, self._out, self._receive, self._reopened, self._stated)
        self._opened = False
        self._task: asyncio.Task[NoReturn] | None = None
        self._over: LivedraftError | None = None
        self._in = Intake(self._out, self._link.wake.set, self._at_end, terms.timeouts.frame_s)

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    @property
    def unsent(self) -> dict[str, int]:
        """Of each input, µs of frames or sound that newer ones superseded before they were sent."""
        return dict(self._out.media.dropped)

    @property
    def caught_up(self) -> bool:
        """Whether what was taken last was made with all that was handed over before."""
        return not len(self._out.media) and self._in.id >= self._link.last_id

    @property
    def model(self) -> ModelInfo:
        """The model of this session; raises SessionClosed before it is open."""
        return self._sending.model

    @property
    def data(self) -> dict[str, Any]:
        """What the model last measured of what was taken; its card says what it is."""
        return self._in.data

    @property
    def notes(self) -> tuple[wire.Note, ...]:
        """What is to know of how the same was made."""
        return self._in.notes

    @property
    def params(self) -> dict[str, Any]:
        """All params in force, as the server last told."""
        return self._out.params

    @property
    def refine_model(self) -> str:
        """What makes the final pictures from the next refine on; empty: the model that drafts."""
        return self._out.finisher.name

    @refine_model.setter
    def refine_model(self, name: str) -> None:
        self._out.finisher.name = name

    async def open(self) -> Self:
        """Connect and wait for a place.

        Raises ConnectFailed, TimedOut, Unauthorized, ModelNotFound, InvalidParams or ServerBusy.
        """
        if self._task is None:
            self.state = "connecting"
            self._task = asyncio.create_task(self._link.run())
            self._task.add_done_callback(self._ended)
        try:
            while not self._opened:
                self._check_alive()
                await self._in.news()
        except asyncio.CancelledError:
            await self.close()
            raise
        return self

    async def send(self, values: Values, /, **params: Any) -> None:
        """Hand over a picture, a frame or sound for the first input that takes it.

        Several go as a mapping by the inputs' names. A newer picture takes the place of one that
        was not sent yet, None removes one; sound waits in its order, as long as its input allows,
        see ``unsent``. Frames and sound are arrays, which follow on what was sent, or VideoChunk
        and AudioChunk with their own times. None is larger than the model works at. Params go
        with pictures. It waits for nothing but a ``switch`` that is under way. Raises InvalidImage,
        InvalidMedia or InvalidParams for what cannot be sent; what the server refuses later is
        raised by ``frames()`` and ``outputs()``.
        """
        await self._sending.send(values, params)

    async def update(self, **params: Any) -> dict[str, Any]:
        """Change params and return those in force once the server confirms; keys merge.

        Raises InvalidParams, and then nothing has changed, or TimedOut.
        """
        self._check_alive()
        answer = self._out.update(sendable(params, self._sending.room))
        self._wake()
        limits = self._terms.timeouts
        return await in_time(answer, limits.update_s, "confirmation of the params", "update_s")

    async def switch(self, model: str, /, **params: Any) -> SwitchedModel:
        """Go on with another model of the server; ``params`` are its own.

        What was drawn stays, and is sent anew as large as that model reads it. Of the params those
        stay that were set and that it takes; the others are told in ``dropped``. Frames that come
        after it are the new model's. Raises ModelNotFound, InvalidParams, InvalidImage, ServerBusy
        where it takes more places than are free, and then nothing has changed; or TimedOut.
        """
        return await self._sending.switch(model, params, self._terms.timeouts.update_s)

    async def refine(self, **params: Any) -> Frame:
        """Return the final picture of what stands now; ``params`` count for this one alone.

        Raises InvalidParams, at once where the model makes films, see ``film``; SessionError if
        newer input or ``cancel`` came before it was done, EngineError if the model failed, TimedOut
        if it took too long. ``frames()`` gives the same frame and its previews.
        """
        self._in.confirm_newest()
        message = await self._sending.picture(params, self._terms.timeouts.refine_s)
        return await asyncio.to_thread(from_message, message)

    def film(self, **params: Any) -> AsyncGenerator[VideoChunk | AudioChunk, None]:
        """Yield the final film of what stands now, to its end: frames, and its sound if it has any.

        They come as they are decoded; who leaves before the end gives it up. Raises as ``refine``
        does, InvalidParams for a model that makes pictures, TimedOut if nothing comes in time.
        """
        asked = self._sending.refine(params, "film")
        return self._in.film(asked, self._terms.timeouts.refine_s)

    async def speak(self, text: Text, /) -> None:
        """Have the model say a text after those before it, whole or in pieces as they come.

        Pieces may come from an iterator, as of a language model; what takes its time in there is
        waited for on a thread. Returns when all of it was handed to the line, or taken back by
        ``interrupt``. Raises InvalidMedia where the model takes no text, or not so much, and
        VersionMismatch where the server does not.
        """
        await self._sending.speak(text)

    async def interrupt(self) -> None:
        """Take back all sound and text, and what came of it: nothing older is yielded any more.

        The model goes on, in silence, with what is handed over next. A server that does not know
        the word is told to end what has no end, which begins anew with what comes next.
        """
        self._check_alive()
        self._sending.interrupt()
        self._in.interrupted()
        self._wake()

    async def cancel(self) -> None:
        """Give up pictures that wait and any refine that runs."""
        self._check_alive()
        self._out.cancel()
        self._wake()

    async def next_frame(self) -> Frame | None:
        """Return the newest frame that was not taken yet, waiting for one; None after ``close``.

        Raises what the server refused or failed at since, TimedOut if none comes in time, and
        SessionIdle if the server gave the place to others; the session lives on.
        """
        message = await self._in.frame(asked=True)
        return None if message is None else await asyncio.to_thread(from_message, message)

    async def frames(self) -> AsyncIterator[Frame]:
        """Yield frames as they come, the newest each time, until the session is closed.

        Raises as ``next_frame`` does, TimedOut only where a frame is due; call it again to go on.
        """
        while (message := await self._in.frame(asked=False)) is not None:
            yield await asyncio.to_thread(from_message, message)

    def outputs(self) -> AsyncIterator[Output]:
        """Yield all that comes, in order, until the session is closed: no sound is lost.

        Of pictures the newest, as a Still; of sound and moving pictures every chunk. The server
        runs ahead by half a second at most, of what was taken; of sound beside frames by one.
        Raises as ``frames()`` does, and InvalidMedia for what is damaged; call it again to go on.
        """
        return self._in.outputs()

    async def close(self) -> None:
        """End the session; what waits is dropped. May be called twice."""
        if self._task is None or self.state == "closed":
            return
        self.state = "closed"
        await self._link.say_goodbye()
        self._task.cancel()
        await asyncio.wait([self._task])
        self._out.end(SessionClosed("the session was closed", fix="open another"))
        self._in.told()

    def _wake(self) -> None:
        """Have the link look for what is to be sent, and those who wait for what is due."""
        self._link.wake.set()
        self._in.told()

    def _at_end(self) -> bool:
        """Return whether nothing comes any more; raise why, unless it was closed here."""
        if self.state == "closed" and self._over is not None:
            raise self._over
        if self.state == "idle" and not self._out.pending:
            raise idle()
        return self.state == "closed"

    def _stated(self, state: SessionState) -> None:
        if self.state != "closed":
            self.state = state
            self._in.told()

    def _receive(self, message: wire.ServerMessage) -> None:
        match message:
            case wire.Media():
                self._in.put(message)
                self._out.settle(message.id, message.timings)
            case wire.Key() | wire.Loras():
                self._sending.notified(message)
            case wire.Frame():
                self._in.put(message)
                self._out.answered(message)
                if self._out.refines or message.stage is wire.Stage.FINAL:
                    self._out.ack(message)  # somebody waits for it, or for what comes after
            case wire.Progress() if message.done:
                self._out.finished(message.id)
            case wire.Ack():
                self._out.acknowledged(message)
            case wire.Switched():
                if self._sending.adopt(model_of(message), message.tracks):
                    self._in.since(message.id)
                self._out.switched(message)
            case wire.Opened():
                self._begin(message)
            case wire.Error():
                if message.fatal:
                    raise from_wire(message.model_dump())
                if not self._out.failed(message):
                    self._in.trouble = from_wire(message.model_dump())
            case wire.Close(code=code):
                raise SessionClosed(f"the server ended it: {code[:40]}", fix="open another")
        self._in.told()

    def _begin(self, opened: wire.Opened) -> None:
        self._in.reopened(fresh=not opened.resumed)
        if self._sending.opened(opened) or not opened.resumed:
            self._in.since(opened.last_id)
        self._out.opened(opened)
        self.id, self.state, self._opened = opened.session, "open", True

    def _reopened(self, opened: wire.Opened, unanswered: bool) -> None:
        self._out.reopened(opened, self.model.id, unanswered=unanswered)

    def _ended(self, task: asyncio.Task[NoReturn]) -> None:
        """Tell everybody that the session is over, whatever ended it."""
        if task.cancelled():
            return
        self._over, self.state = ended_by(task.exception()), "closed"
        self._out.end(self._over)
        self._in.told()

    def _check_alive(self) -> None:
        check_alive(self.state, self._over)
