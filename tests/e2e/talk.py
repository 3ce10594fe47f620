"""What a page says to its server, and hears from it."""

from __future__ import annotations

from playwright.sync_api import Page, WebSocket

from livedraft.protocol.codec import client_codec, server_codec
from livedraft.protocol.messages import Message


def overhear(page: Page) -> tuple[list[Message], list[Message]]:
    """Return what a page's next connections send and get, as they do."""
    sent: list[Message] = []
    came: list[Message] = []

    def hear(socket: WebSocket) -> None:
        socket.on("framesent", lambda data: sent.append(client_codec().decode(data)))
        socket.on("framereceived", lambda data: came.append(server_codec().decode(data)))

    page.on("websocket", hear)
    return sent, came
