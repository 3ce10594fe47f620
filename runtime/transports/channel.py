"""What a connection runs over, and how it ends."""

from __future__ import annotations

from typing import Protocol

from livedraft.protocol.codec import Data


class Gone(Exception):
    """The client has left; ``done`` if by a normal close."""

    def __init__(self, done: bool = False) -> None:
        super().__init__("the client has left")
        self.done = done


class Channel(Protocol):
    """What a connection runs over: whole messages in order, both ways."""

    async def receive(self) -> Data:
        """Return the next message; raise Gone at the end."""
        ...

    async def send(self, data: Data) -> None:
        """Hand a message over, waiting while the client is slow; raise Gone."""
        ...

    async def close(self, code: int, reason: str) -> None:
        """End the channel."""
        ...
