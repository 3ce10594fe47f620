"""What a client says in an open session: each message is followed, or told why it is not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from livedraft.errors import LivedraftError
from livedraft.protocol.connection import ServerConnection
from livedraft.protocol.messages import (
    Ack,
    Cancel,
    ClientMessage,
    Input,
    Interrupt,
    Key,
    Media,
    ParamsUpdate,
    Ping,
    Pong,
    Refine,
    ServerMessage,
    Switch,
)

from ..sessions.admission import Ticket, taking_on
from ..sessions.mailbox import Piece
from ..sessions.session import Session
from .channel import Channel
from .decoding import Asking, Decoding
from .outbox import Outbox
from .patience import FORGIVEN, REFUSALS, Bucket
from .service import Service
from .turns import Flow

# Signs of a user; an ack is of one shown.
_ACTS = (Input, Media, Interrupt, ParamsUpdate, Refine, Switch, Cancel, Ack)
_SUPERSEDING = (Input, Interrupt, ParamsUpdate, Switch, Cancel)  # what a refine is given up for


class Reader:
    """Reads one connection; messages that it refuses add up, and too many end it."""

    def __init__(
        self,
        service: Service,
        channel: Channel,
        wire: ServerConnection,
        outbox: Outbox,
        send: Callable[[ServerMessage], Awaitable[None]],
        switch: Callable[[Session, Switch], Awaitable[None]],
    ) -> None:
        self.active_at = service.clock()  # when its user last did something
        self._service = service
        self._channel = channel
        self._wire = wire
        self._outbox = outbox
        self._send = send
        self._switch = switch
        self._refusals = Bucket(REFUSALS, FORGIVEN, service.clock)
        asking = Asking(key=outbox.ask_key, failed=outbox.failed, clock=service.clock)
        self._decoding = Decoding(service.pictures, asking)
        self._stopped = False

    def stop(self) -> None:
        """Follow nothing more: the session is another connection's."""
        self._stopped = True

    async def run(self, session: Session, ticket: Ticket) -> None:
        """Follow what comes until the client closes; raise BadMessage if too much is refused.

        ``ticket`` is the session's: another model may take more places than the one before.
        """
        while self._wire.state == "open":
            message: ClientMessage | None = None
            data = await self._channel.receive()
            if self._stopped:
                return
            try:
                message = self._wire.receive(data)
                await self._take(session, ticket, message)
                if isinstance(message, _ACTS):
                    self.active_at = self._service.clock()
            except LivedraftError as error:
                self._refusals.refuse(error)
                await self._outbox.report(error, getattr(message, "id", None))
            await asyncio.sleep(0)  # one message a turn, however many have come

    def hear(self, session: Session, name: str, piece: Piece) -> None:
        """Take what came on a track beside the messages; it answers the newest of them."""
        if not (self._stopped or session.closed):
            session.media(session.last_id, name, piece)
            self.active_at = self._service.clock()

    async def _take(self, session: Session, ticket: Ticket, message: ClientMessage) -> None:
        """Follow one message; raise what is wrong with it."""
        if isinstance(message, Input):
            self._probe(message.inputs)
            session.input(message.id, message.inputs, message.params)
            if message.params:
                await self._confirm(session, message)
        elif isinstance(message, Media):
            self._take_media(session, message)
        elif isinstance(message, Key):
            self._outbox.key(message.track)
        elif isinstance(message, Interrupt):
            self._wire.check(message)
            self._outbox.interrupt(message.id)
            session.interrupt(message.id)
        elif isinstance(message, ParamsUpdate):
            session.update(message.id, message.params)
            await self._confirm(session, message)
        elif isinstance(message, Refine):
            with taking_on(ticket, session, message.refine_model or session.uses.finishing):
                session.refine(message.id, message.params, message.refine_model, message.wants)
            self._outbox.widen(session.uses.finisher)
            self._outbox.finals.begin(message.id, message.wants, session.uses.finisher)
        elif isinstance(message, Switch):
            self._probe(message.inputs)
            with taking_on(ticket, session, message.model):
                await self._switch(session, message)
        elif isinstance(message, Cancel):
            session.cancel()
        elif isinstance(message, Ack):
            session.wake()
        elif isinstance(message, Ping):
            await self._send(Pong(id=message.id))
        if isinstance(message, _SUPERSEDING):
            self._outbox.finals.forget()

    def _probe(self, pictures: Mapping[str, bytes]) -> None:
        for picture in pictures.values():
            if picture:  # an empty one removes what was there
                self._service.pictures.probe(picture)

    def _take_media(self, session: Session, media: Media) -> None:
        self._wire.check(media)
        spec = next(spec for spec in session.info.inputs if spec.name == media.track)
        if spec.kind == "image":
            self._service.pictures.probe(media.data)
            session.input(media.id, {media.track: media.data}, {})
            self._outbox.finals.forget()
        else:
            flow = Flow(session.owner, session.id)
            session.media(media.id, media.track, self._decoding.piece(media, spec, flow))

    async def _confirm(self, session: Session, message: Input | ParamsUpdate) -> None:
        params = {name: value for name, value in session.params.items() if name in message.params}
        await self._send(Ack(id=message.id, params=params))
