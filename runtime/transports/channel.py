"""What a connection runs over, and how it ends."""

from __future__ import annotations

from typing import Protocol

from livedraft.errors import (
    LivedraftError,
    ModelNotFound,
    ServerBusy,
    SessionClosed,
    SessionUnknown,
    Unauthorized,
)
from livedraft.protocol.codec import Data

from .lines import Lines

_CLOSE_CODES: list[tuple[type[LivedraftError], int]] = [
    (Unauthorized, 4401),
    (ModelNotFound, 4404),
    (SessionUnknown, 4404),
    (ServerBusy, 1013),
    (SessionClosed, 1001),
]


class Gone(Exception):
    """The client has left; ``done`` if by a normal close."""

    def __init__(self, done: bool = False) -> None:
        super().__init__("the client has left")
        self.done = done


class Channel(Protocol):
    """What a connection runs over: whole messages in order, both ways."""

    lines: Lines | None  # tracks beside the messages, where it has some

    async def receive(self) -> Data:
        """Return the next message; raise Gone at the end."""
        ...

    def widen(self) -> None:
        """Let whole messages in: the client has a place."""
        ...

    async def send(self, data: Data) -> None:
        """Hand a message over, waiting while the client is slow; raise Gone."""
        ...

    async def close(self, code: int, reason: str) -> None:
        """End the channel."""
        ...


def close_code(error: LivedraftError) -> int:
    """Return the WebSocket close code of an error that ends a connection."""
    return next((code for cls, code in _CLOSE_CODES if isinstance(error, cls)), 4400)
