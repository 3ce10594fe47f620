"""A Starlette WebSocket as a channel: what the socket's events become."""

from typing import Any

import pytest
from starlette.websockets import WebSocket

from livedraft.runtime.transports.channel import Gone
from livedraft.runtime.transports.websocket import WebSocketChannel

pytestmark = pytest.mark.anyio


class Socket:
    """The ASGI side of a WebSocket: events to come, messages that went out."""

    def __init__(self, *events: dict[str, Any], broken: bool = False) -> None:
        self.events = [{"type": "websocket.connect"}, *events]
        self.sent: list[Any] = []
        self.broken = broken

    async def receive(self) -> Any:
        return self.events.pop(0)

    async def send(self, message: Any) -> None:
        if self.broken and message["type"] != "websocket.accept":
            raise OSError("gone")
        self.sent.append(message)

    async def channel(self) -> WebSocketChannel:
        socket = WebSocket({"type": "websocket"}, self.receive, self.send)
        await socket.accept()
        return WebSocketChannel(socket)


async def test_binary_and_text_messages_come_in() -> None:
    socket = Socket(
        {"type": "websocket.receive", "bytes": b"x"},
        {"type": "websocket.receive", "text": "y"},
        {"type": "websocket.receive", "bytes": b""},
    )
    channel = await socket.channel()
    assert [await channel.receive() for _ in range(3)] == [b"x", "y", b""]


@pytest.mark.parametrize(("code", "done"), [(1000, True), (1001, False), (1006, False)])
async def test_a_disconnect_is_gone(code: int, done: bool) -> None:
    channel = await Socket({"type": "websocket.disconnect", "code": code}).channel()
    with pytest.raises(Gone) as caught:
        await channel.receive()
    assert caught.value.done == done


async def test_a_broken_socket_is_gone() -> None:
    channel = await Socket(broken=True).channel()
    for data in (b"x", "y"):
        with pytest.raises(Gone):
            await channel.send(data)
    with pytest.raises(Gone):
        await channel.close(1000, "")


async def test_a_long_reason_is_cut_between_letters() -> None:
    socket = Socket()
    channel = await socket.channel()
    await channel.close(4400, "ü" * 100 + "\ud800")
    closed = socket.sent[-1]
    assert (closed["code"], closed["reason"]) == (4400, "ü" * 61)
    with pytest.raises(Gone):
        await channel.close(4400, "again")
