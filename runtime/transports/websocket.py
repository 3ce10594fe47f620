"""``/v1/realtime``: the realtime protocol over a WebSocket of Starlette."""

from __future__ import annotations

from starlette.websockets import WebSocket, WebSocketDisconnect

from livedraft.protocol.codec import Data
from livedraft.protocol.messages import SUBPROTOCOL

from .channel import Gone
from .connection import Connection
from .lines import Lines
from .security import bearer
from .service import Service

WIDEN = "livedraft.widen"  # the extension of the scope that allows whole messages

_REASON_BYTES = 123  # RFC 6455, 5.5: a control frame holds 125 bytes, two are the code


class WebSocketChannel:
    """A Starlette WebSocket as a channel of whole messages."""

    lines: Lines | None = None

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket

    async def receive(self) -> Data:
        """Return the next binary or text message; raise Gone when the client has left."""
        event = await self._websocket.receive()
        if event["type"] == "websocket.disconnect":
            raise Gone(done=event.get("code") == 1000)
        data: Data | None = event.get("bytes")
        return data if data is not None else event["text"]

    def widen(self) -> None:
        """Let whole messages in, where the server beneath had kept them small."""
        allowed = self._websocket.scope.get("extensions", {}).get(WIDEN)
        if allowed is not None:
            allowed["call"]()

    async def send(self, data: Data) -> None:
        """Hand a message to the socket; raise Gone when the client has left."""
        try:
            if isinstance(data, bytes):
                await self._websocket.send_bytes(data)
            else:
                await self._websocket.send_text(data)
        except (WebSocketDisconnect, RuntimeError):  # Starlette's two words for a closed socket
            raise Gone from None

    async def close(self, code: int, reason: str) -> None:
        """Close with a code of the protocol."""
        short = reason.encode(errors="replace")[:_REASON_BYTES].decode(errors="ignore")
        try:
            await self._websocket.close(code, short)
        except (WebSocketDisconnect, RuntimeError):
            raise Gone from None


async def realtime(websocket: WebSocket) -> None:
    """Serve one client; the guard has let it through."""
    service: Service = websocket.app.state.service
    offered = websocket.scope.get("subprotocols", [])
    await websocket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
    token = bearer(websocket.headers.get("authorization"))
    await Connection(
        service, WebSocketChannel(websocket), token, service.owner(websocket.client)
    ).run()
