"""One realtime connection from ``open`` to its end, over any channel that carries messages."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

from livedraft.errors import BadMessage, LivedraftError
from livedraft.protocol.connection import ServerConnection
from livedraft.protocol.features import ARRIVALS, FILMS, LOADING, LORAS
from livedraft.protocol.messages import (
    IDLE,
    IDLE_CLOSE,
    Close,
    Open,
    Ping,
    Pong,
    Queued,
    ServerMessage,
    Switch,
)

from ..engine.faults import unexpected
from ..models.base import ModelInfo
from ..sessions.admission import Ticket
from ..sessions.session import Session
from .channel import Channel, Gone, close_code
from .opening import opened, switched, waited_for
from .outbox import Outbox
from .progress import tell_arrivals, tell_progress
from .reader import Reader
from .service import FAREWELL_S, Service
from .tracks import output_tracks
from .waiting import at_most, first


class Connection:
    """Serves one client: a place, a session, and their return exactly once."""

    def __init__(
        self, service: Service, channel: Channel, token: str = "", owner: str = ""
    ) -> None:
        self._service = service
        self._channel = channel
        self._token = token  # from the handshake
        self._owner = owner  # the client's address, whose share its session takes
        config = service.config
        self._wire = ServerConnection(config.window, config.max_message_bytes)
        self._outbox = Outbox(
            self._wire,
            self._send,
            pictures=service.pictures,
            metrics=service.metrics,
            clock=service.clock,
        )
        self._session: Session | None = None
        self._ticket: Ticket | None = None
        self._keep = False  # whether the session outlives this connection
        self._asked = Open()
        self._reader = Reader(service, channel, self._wire, self._outbox, self._send, self._switch)
        self._ending = asyncio.Event()
        self._last_words = ("done", "")

    async def run(self) -> None:
        """Converse until either end leaves; the session is then parked or closed."""
        self._service.arrive(self)
        try:
            await first(self._ended(), self._converse())
            await self._finish(1000)
        except Gone as gone:
            self._keep = self._keep and not gone.done
        except LivedraftError as error:
            await self._finish(close_code(error), error)
        except Exception as error:  # a connection's boundary: its client is told, and it ends
            self._keep = False
            await self._finish(1011, unexpected(error, "this connection"))
        finally:
            try:
                self._leave()
            finally:
                self._service.depart(self)

    def end(self, code: str, reason: str) -> None:
        """Tell the client that it is over, once what is made has gone out."""
        self._last_words = (code, reason)
        self._ending.set()

    @property
    def ending(self) -> bool:
        """Whether it is on its way out."""
        return self._ending.is_set()

    @property
    def places(self) -> int:
        """What its session takes of the server's places."""
        return self._ticket.places if self._ticket is not None else 0

    @property
    def active_at(self) -> float:
        """When the user last did something, or now while something is made for them."""
        session = self._session
        busy = session is not None and (session.draft or session.refining)
        return self._service.clock() if busy else self._reader.active_at

    def hand_over(self) -> tuple[Session, Ticket]:
        """Give session and place to a newer connection; this one ends."""
        session, ticket = self._session, self._ticket
        assert session is not None, "only a live connection is asked"
        assert ticket is not None, "a live connection has a place"
        self._session = self._ticket = None
        self._reader.stop()
        del self._service.live[session.resume_token]
        session.detach()
        self.end("resumed", "the session goes on over another connection")
        return session, ticket

    def relearn(self, info: ModelInfo) -> None:
        """Have the session take what a model is now, and tell a client that asked to hear of it."""
        session = self._session
        if session is not None and session.relearn(info) and LORAS in self._asked.features:
            self._outbox.announce(info, session)

    async def _converse(self) -> None:
        message = await self._first_message()
        if message is None:
            return
        self._service.gate.check_token(message.token, self._token)
        models, later = waited_for(self._service, message)
        if not self._service.served.has(models) or self._service.away(*models):
            warm = self._service.warm(*models, beside=later)
            await first(warm, *self._progress(message), self._listen())
        if self._wire.state != "opening":
            return
        runner = await self._service.runner()
        if message.resume:
            session = self._session = self._reclaim(message.resume)
        else:
            session = self._session = runner.open(
                message.model,
                message.params,
                self._outbox,
                owner=self._owner,
                refine_model=message.refine_model,
                tells=FILMS in message.features,
            )
            self._service.count(self._owner)
        self._asked = message
        self._outbox.configure(session, message, self._channel.lines)
        ticket = await self._enter(session)
        if ticket is None:
            return
        self._service.live[session.resume_token] = self
        await self._opened(session, message)
        work = [self._reader.run(session, ticket), self._outbox.run(), *self._progress(message)]
        if self._channel.lines is not None:
            heard = partial(self._reader.hear, session)
            work.append(self._channel.lines.listen(session, self._service.pictures, heard))
        if ARRIVALS in message.features:
            work.append(tell_arrivals(self._service.readiness, self._send))
        await first(*work)

    async def _first_message(self) -> Open | None:
        """Return ``open``, or None if the client thought better of it."""
        try:
            async with asyncio.timeout(self._service.config.open_s):
                message = self._wire.receive(await self._channel.receive())
        except TimeoutError:
            raise BadMessage("no 'open' came", fix="send 'open' at once") from None
        if isinstance(message, Close):
            return None
        assert isinstance(message, Open), "nothing else passes at first"
        return message

    def _progress(self, asked: Open) -> list[Coroutine[Any, Any, None]]:
        """Return what tells how far the models are, for a client that asked to hear of it."""
        session, ready = self._session, self._service.readiness
        if LOADING not in asked.features:
            return []
        if session is None:
            return [tell_progress(ready, lambda: (asked.model, asked.refine_model), self._send)]

        def own() -> list[str]:  # that come back to their devices, or are warmed for a new size
            return [use.info.id for use in session.uses.all]

        return [tell_progress(ready, own, self._send, others=False)]

    async def _listen(self) -> None:
        """Answer a client that has to wait, until it closes."""
        while self._wire.state == "opening":
            message = self._wire.receive(await self._channel.receive())
            if isinstance(message, Ping):
                await self._send(Pong(id=message.id))

    def _reclaim(self, token: str) -> Session:
        """Return the session of a resume token, from a connection that looks alive if need be."""
        live = self._service.live.get(token)
        if live is not None:  # its client knows better: the line broke without a sign
            session, self._ticket = live.hand_over()
        else:
            session = self._service.parking.resume(token)
        self._keep = True
        return session

    async def _enter(self, session: Session) -> Ticket | None:
        """Take a session's places, in line where there are too few; None if the client closes."""
        if self._ticket is not None:
            return self._ticket
        moved = asyncio.Event()
        ticket = self._ticket = self._service.admission.ask(
            lambda position: moved.set(), session.uses.places
        )

        async def announce() -> None:
            while True:
                moved.clear()
                await self._send(Queued(position=ticket.position))
                await moved.wait()

        if ticket.position:
            await first(ticket.wait(), announce(), self._listen())
        return ticket if ticket.position == 0 and self._wire.state == "opening" else None

    async def _opened(self, session: Session, asked: Open) -> None:
        self._outbox.on_room = session.wake
        self._wire.resume(session.last_id)
        self._keep = True
        self._reader.active_at = self._service.clock()
        self._channel.widen()
        await self._send(opened(self._service, session, asked, self._channel.lines))
        if asked.resume:
            session.attach(self._outbox)

    async def _switch(self, session: Session, message: Switch) -> None:
        """Go on with another model, if the client can show what that gives; tell it so."""
        output_tracks(session.uses.info_of(message.model), self._asked)
        session.switch(message.id, message.model, message.params, message.inputs)
        self._outbox.configure(session, self._asked, self._channel.lines)
        await self._send(
            switched(self._service, session, message.id, self._asked, self._channel.lines)
        )

    async def _ended(self) -> None:
        await self._ending.wait()
        if self._session is not None:
            await at_most(FAREWELL_S, self._outbox.flushed())

    async def _send(self, message: ServerMessage) -> None:
        try:
            async with asyncio.timeout(self._service.config.send_s):
                await self._channel.send(self._wire.send(message))
        except TimeoutError:
            raise Gone from None

    async def _finish(self, code: int, error: LivedraftError | None = None) -> None:
        """Say why it is over, and close; a client that is gone hears nothing."""
        name, reason = self._last_words
        if error is not None:
            name, reason = error.code, error.message
        elif name == "draining":
            code = 1001
        elif name == IDLE:
            code = IDLE_CLOSE
        resumable = code == IDLE_CLOSE or self._wire.state == "opening"
        self._keep = self._keep and resumable

        async def say() -> None:
            if error is not None:
                await self._outbox.report(error, fatal=True)
            await self._send(Close(code=name, reason=reason))
            await self._channel.close(code, reason)

        with suppress(Gone):
            await at_most(FAREWELL_S, say())

    def _leave(self) -> None:
        session, self._session = self._session, None
        ticket, self._ticket = self._ticket, None
        try:
            if session is not None:
                self._service.live.pop(session.resume_token, None)
                if self._keep and not self._service.draining:
                    self._service.park(session)
                else:
                    session.close()
        finally:
            if ticket is not None:
                ticket.release()
