"""Where a server is: its addresses, and a WebSocket to it with errors of ours."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

from livedraft.errors import (
    ConfigError,
    ConnectFailed,
    LivedraftError,
    ServerBusy,
    TransportError,
    Unauthorized,
    from_wire,
)
from livedraft.protocol.messages import SUBPROTOCOL

MAX_FRAME_BYTES = 64 * 2**20
START_A_SERVER = "start one with 'livedraft serve', or check the address"

_WEB = {"http": "http", "https": "https", "ws": "http", "wss": "https"}


def base_url(url: str) -> str:
    """Return the ``http(s)://`` address of a server without a slash at its end."""
    parts = urlsplit(url)
    if parts.scheme not in _WEB or not parts.netloc:
        raise ConfigError(f"'{url[:200]}' is no server's address", fix="http://HOST:PORT")
    return urlunsplit((_WEB[parts.scheme], parts.netloc, parts.path.rstrip("/"), "", ""))


async def open_socket(base: str, timeout_s: float) -> ClientConnection:
    """Connect to the realtime endpoint; raise ConnectFailed, Unauthorized or ServerBusy."""
    url = base.replace("http", "ws", 1) + "/v1/realtime"
    try:
        return await connect(
            url,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            compression=None,  # pictures are compressed already
            max_size=MAX_FRAME_BYTES,
            open_timeout=timeout_s,
            ping_timeout=60,
            close_timeout=2,
        )
    except InvalidStatus as error:
        response = error.response
        raise refusal(response.status_code, bytes(response.body or b""), url) from None
    except (OSError, InvalidHandshake, TimeoutError) as error:
        reason = str(error) or type(error).__name__
        raise ConnectFailed(f"no connection to {url}: {reason}", fix=START_A_SERVER) from None


def refusal(status: int, body: bytes, url: str) -> LivedraftError:
    """Return the error that an HTTP answer describes, by its JSON body or else by its status."""
    described = _described(body)
    if described is not None:
        return from_wire(described)
    if status in (401, 403):
        return Unauthorized(f"{url} refused us", fix="give the server's token")
    if status == 503:
        return ServerBusy("the server takes nobody now", fix="try again later")
    if status == 404:
        return ConnectFailed(f"no livedraft server at {url}", fix=START_A_SERVER)
    return TransportError(
        f"{url} answered with HTTP {status}", fix="look into the log of the server, or of its proxy"
    )


def _described(body: bytes) -> dict[str, Any] | None:
    try:
        fields = json.loads(body)
    except ValueError:
        return None
    error = fields.get("error") if isinstance(fields, dict) else None
    return error if isinstance(error, dict) and "code" in error else None
