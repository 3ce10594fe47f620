"""WHIP in, WHEP out: a session that somebody's encoder feeds, and that others view (RFC 9725).

A publisher sends video and sound and speaks no messages, so the session's are spoken for it: it is
opened, what goes out is confirmed as it goes, and params come over HTTP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from livedraft.errors import BadMessage, LivedraftError, ServerBusy, from_wire
from livedraft.protocol.codec import Data, client_codec, server_codec
from livedraft.protocol.messages import (
    Ack,
    ClientMessage,
    Error,
    Media,
    Open,
    Opened,
    ParamsUpdate,
    Queued,
)

from ..channel import Gone
from ..connection import Connection
from ..lines import Lines
from ..service import Service
from .broadcast import Broadcast
from .network import network
from .peer import Peer, directions, parsed
from .rtp_lines import RtpLines

MOST_VIEWERS = 100  # of one stream


class Spoken:
    """A channel whose client is not there: it opens, confirms, and says what it is told to say."""

    def __init__(self, asked: Open, lines: Lines) -> None:
        self.lines: Lines | None = lines
        self.opened: asyncio.Future[Opened] = asyncio.get_running_loop().create_future()
        self._over = False
        self._id = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}  # params by their message
        self._out = client_codec()
        self._in = server_codec()
        self._said: asyncio.Queue[Data | None] = asyncio.Queue()
        self._say(asked)

    async def receive(self) -> Data:
        """Return what is said next; raise Gone at the end."""
        said = await self._said.get()
        if said is None:
            raise Gone(done=True)
        return said

    def widen(self) -> None:
        """Take messages of any size: they are ours."""

    async def send(self, data: Data) -> None:
        """Follow what the server says."""
        message = self._in.decode(data)
        if isinstance(message, Opened) and not self.opened.done():
            self.opened.set_result(message)
        elif isinstance(message, Queued):
            self._fail(ServerBusy("no place is free", fix="publish again in a while"))
        elif isinstance(message, Media) and message.seq is not None:
            self._say(Ack(seq=message.seq))
        elif isinstance(message, Ack) and message.id in self._answers:
            self._answers.pop(message.id).set_result(message.params)
        elif isinstance(message, Error):
            self._refused(message)

    async def close(self, code: int, reason: str) -> None:
        """End."""
        self.end()

    def end(self) -> None:
        """Have the session end."""
        self._over = True
        self._said.put_nowait(None)
        self._fail(_ended())

    async def update(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Change params; return them as they are in force, or raise what is wrong with them."""
        if self._over:
            raise _ended()
        self._id += 1
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[self._id] = answer
        self._say(ParamsUpdate(id=self._id, params=dict(params)))
        return await answer

    def _say(self, message: ClientMessage) -> None:
        self._said.put_nowait(self._out.encode(message))

    def _refused(self, error: Error) -> None:
        raised = from_wire(error.model_dump())
        if error.id is not None and error.id in self._answers:
            self._answers.pop(error.id).set_exception(raised)
        elif error.fatal:
            self._fail(raised)

    def _fail(self, error: LivedraftError) -> None:
        if not self.opened.done():
            self.opened.set_exception(error)
            self.opened.exception()  # whoever waits hears of it; nobody has to
        for answer in self._answers.values():
            answer.set_exception(error)
        self._answers.clear()


def _ended() -> BadMessage:
    return BadMessage("the stream has ended", fix="publish again")


class Publication:
    """One publisher, and the stream that comes of it."""

    def __init__(self, service: Service, asked: Open, token: str, owner: str) -> None:
        lines = RtpLines(service.clock)
        self.broadcast = Broadcast(lines)
        self.spoken = Spoken(asked, self.broadcast)
        self.peer = Peer(lines, lambda channel: channel.close(), network(service.config))
        self._open_s = service.config.open_s
        self._connection = Connection(service, self.spoken, token, owner)
        self._running: asyncio.Task[None] | None = None

    async def answer(self, sdp: str) -> str:
        """Open a session and return the answer; raise what keeps it from being opened."""
        offer = parsed(sdp)
        if not directions(offer, "sendrecv", "sendonly"):
            raise BadMessage("nothing is published", fix="offer video or sound, to be sent")
        self._running = asyncio.create_task(self._connection.run())
        await self.spoken.opened
        return await self.peer.answer(offer, sdp)

    async def run(self) -> None:
        """Live until the publisher, or the session, is gone."""
        assert self._running is not None, "it was answered"
        over = asyncio.create_task(self.peer.lasts(self._open_s))
        try:
            await asyncio.wait([self._running, over], return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()

    async def close(self) -> None:
        """Free all that it took: the place, sockets, threads."""
        self.spoken.end()
        if self._running is not None:
            await asyncio.gather(self._running, return_exceptions=True)
        await self.peer.close()


class View:
    """One who views a stream."""

    def __init__(self, service: Service, publication: Publication) -> None:
        self._lines = RtpLines(service.clock)
        self._publication = publication
        self._open_s = service.config.open_s
        self.peer = Peer(self._lines, lambda channel: channel.close(), network(service.config))

    @property
    def here(self) -> bool:
        """Whether it views: it has been answered, and neither has ended."""
        return self._lines in self._publication.broadcast

    @property
    def ended(self) -> bool:
        """Whether the stream has."""
        return self._publication.peer.over.is_set()

    @property
    def viewers(self) -> int:
        """How many view, this one among them."""
        return len(self._publication.broadcast)

    def watch(self, changed: asyncio.Event) -> AbstractContextManager[None]:
        """Have an event set whenever any of this changes."""
        return self._publication.broadcast.watch(changed)

    async def answer(self, sdp: str) -> str:
        """Return the answer to an offer to receive; raise BadMessage or ServerBusy."""
        offer = parsed(sdp)
        broadcast = self._publication.broadcast
        if not directions(offer, "sendrecv", "recvonly") & broadcast.kinds:
            there = " and ".join(sorted(broadcast.kinds))
            raise BadMessage(
                f"the stream has {there}, and the offer receives none of it",
                fix=f"offer {there}, to be received",
            )
        if len(broadcast) >= MOST_VIEWERS:
            raise ServerBusy(f"{MOST_VIEWERS} view this stream", fix="try again in a while")
        answer = await self.peer.answer(offer, sdp)
        broadcast.join(self._lines)
        return answer

    async def run(self) -> None:
        """Live until the viewer, or the stream, is gone."""
        over = asyncio.create_task(self.peer.lasts(self._open_s))
        ended = asyncio.create_task(self._publication.peer.over.wait())
        try:
            await asyncio.wait([over, ended], return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()
            ended.cancel()

    async def close(self) -> None:
        """View no more."""
        self._publication.broadcast.leave(self._lines)
        await self.peer.close()
