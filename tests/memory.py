"""A channel within the process and a client on it."""

from __future__ import annotations

import asyncio
from typing import Self, TypeVar

from livedraft.protocol.codec import Data, client_codec, server_codec
from livedraft.protocol.messages import ClientMessage, Message, Open, Opened
from livedraft.runtime.transports.channel import Gone
from livedraft.runtime.transports.connection import Connection
from livedraft.runtime.transports.lines import Lines
from livedraft.runtime.transports.service import Service

M = TypeVar("M", bound=Message)


class MemoryChannel:
    """Two bounded queues: a side that sends more than the other takes waits, as on a socket."""

    lines: Lines | None = None

    def __init__(self, depth: int = 16) -> None:
        self.closed: tuple[int, str] | None = None  # code and reason of the server's close
        self._up: asyncio.Queue[Data | Gone] = asyncio.Queue(depth)
        self._down: asyncio.Queue[Data | None] = asyncio.Queue(depth)

    async def receive(self) -> Data:
        """Return the client's next message; raise Gone when it has left."""
        item = await self._up.get()
        if isinstance(item, Gone):
            raise item
        return item

    def widen(self) -> None:
        """Messages are of any size here."""

    async def send(self, data: Data) -> None:
        """Hand a message to the client."""
        await self._down.put(data)

    async def close(self, code: int, reason: str) -> None:
        """End it from the server's side."""
        self.closed = (code, reason)
        await self._down.put(None)

    async def put(self, data: Data) -> None:
        """Send from the client's side."""
        await self._up.put(data)

    async def get(self) -> Data | None:
        """Return the server's next message, None at the end."""
        return await self._down.get()

    async def leave(self, *, done: bool = False) -> None:
        """Go, as a broken line does, or with a normal close."""
        await self._up.put(Gone(done))


class MemoryClient:
    """A client of a service without a socket: speaks messages, one at a time, and checks kinds."""

    def __init__(
        self,
        service: Service,
        *,
        token: str = "",
        owner: str = "",
        depth: int = 16,
        text: bool = False,
    ) -> None:
        self.channel = MemoryChannel(depth)
        self.serving = asyncio.create_task(Connection(service, self.channel, token, owner).run())
        self._text = text
        self._out = client_codec()
        self._in = server_codec()

    async def __aenter__(self) -> Self:
        """Return the client."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Cut the line, if it still is."""
        self.serving.cancel()
        await asyncio.gather(self.serving, return_exceptions=True)

    async def say(self, message: ClientMessage) -> None:
        """Send a message."""
        await self.channel.put(self._out.encode(message, text=self._text))

    async def hear(self, kind: type[M]) -> M:
        """Return the next message, which must be of this kind."""
        data = await self.channel.get()
        assert data is not None, f"closed: {self.channel.closed}"
        assert isinstance(data, str) == self._text, "the server answers in the client's kind"
        message: Message = self._in.decode(data)
        assert isinstance(message, kind), message
        return message

    async def open(self, message: Open | None = None) -> Opened:
        """Open a session."""
        await self.say(message or Open())
        return await self.hear(Opened)

    async def ended(self) -> tuple[int, str]:
        """Return code and reason of the close, which must be next."""
        assert await self.channel.get() is None, "there is more to hear"
        await self.serving
        assert self.channel.closed is not None, "the client has left first"
        return self.channel.closed

    async def leave(self, *, done: bool = False) -> None:
        """Break the line, and return when the server has noticed."""
        await self.channel.leave(done=done)
        await self.serving
