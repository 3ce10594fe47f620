"""Where a server is: its addresses, and the ways to it, HTTP and WebSocket, with errors of ours."""

from __future__ import annotations

import json
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidProxy, InvalidStatus, WebSocketException
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
from livedraft.protocol.codec import MAX_FRAME_BYTES
from livedraft.protocol.messages import SUBPROTOCOL

from .terms import Timeouts

START_A_SERVER = "start one with 'livedraft serve', or check the address"

_OF_TLS = {  # OpenSSL's words
    "CERTIFICATE_VERIFY_FAILED": "if the server's authority is your own, name its PEM file in the "
    "environment: SSL_CERT_FILE=authority.pem",
    "WRONG_VERSION_NUMBER": "the server speaks no TLS there: use http:// in its address",
    "record layer failure": "the server speaks no TLS there: use http:// in its address",
}
_OF_SCHEMES = {"ws", "wss", "socks", "http", "https"}
_WEB = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
_ANOTHER_PROXY = (
    "pip install 'httpx[socks]' python-socks for a SOCKS proxy; or name the server in NO_PROXY, or "
    "correct ALL_PROXY, HTTP_PROXY and HTTPS_PROXY"
)


def base_url(url: str) -> str:
    """Return the ``http(s)://`` address of a server without a slash at its end."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises of what is no port
        (parts.hostname or "").encode("idna")
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in _WEB or not parts.hostname:
        raise ConfigError(f"'{url[:200]}' is no server's address", fix="http://HOST:PORT")
    return urlunsplit((_WEB[parts.scheme], parts.netloc, parts.path.rstrip("/"), "", ""))


def open_http(
    base: str, token: str, timeouts: Timeouts, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """Return a client of a server's HTTP side; raise ConfigError for its proxy or its token."""
    if not (token.isascii() and token.isprintable()):
        raise ConfigError(
            "the token holds what no HTTP header carries", fix="use letters, digits, - and _"
        )
    if transport is None and _is_direct(base):
        transport = httpx.AsyncHTTPTransport()  # one of our own is led through no proxy
    try:
        return httpx.AsyncClient(
            base_url=base,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=httpx.Timeout(None, connect=timeouts.connect_s),
            transport=transport,
        )
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        raise _bad_proxy(error) from None


async def open_socket(base: str, timeouts: Timeouts) -> ClientConnection:
    """Connect to the realtime endpoint; raise ConnectFailed, Unauthorized or ServerBusy.

    Raises ConfigError where a proxy that the environment names cannot be used.
    """
    url = base.replace("http", "ws", 1) + "/v1/realtime"
    try:
        return await _Connect(
            url,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            compression=None,  # pictures are compressed already
            max_size=MAX_FRAME_BYTES,
            proxy=_proxy(base),
            open_timeout=timeouts.connect_s,
            ping_timeout=60,
            close_timeout=timeouts.close_s,
        )
    except InvalidStatus as error:
        response = error.response
        raise refusal(response.status_code, bytes(response.body or b""), url) from None
    except (ImportError, InvalidProxy) as error:
        raise _bad_proxy(error) from None
    except (OSError, WebSocketException, TimeoutError, ValueError, EOFError) as error:
        raise unreached(url, error) from None


class _Connect(connect):
    """Connects to where it was told: the secret in ``open`` is for no other server."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Follow none."""
        return exc


def unreached(url: str, error: Exception) -> ConnectFailed:
    """Return the error of a server that cannot be connected to, with what to do about its TLS."""
    reason = (str(error) or type(error).__name__)[:200]
    fix = next((fix for code, fix in _OF_TLS.items() if code in reason), START_A_SERVER)
    return ConnectFailed(f"no connection to {url}: {reason}", fix=fix)


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
    except (ValueError, RecursionError):
        return None
    error = fields.get("error") if isinstance(fields, dict) else None
    return error if isinstance(error, dict) and "code" in error else None


def _proxy(base: str) -> str | Literal[True] | None:
    """Return the proxy of a WebSocket; True leaves the choice to websockets.

    That knows the variables of each scheme alone, and not ALL_PROXY, which httpx goes by.
    """
    if _is_direct(base):
        return None
    named = getproxies()
    return True if named.keys() & _OF_SCHEMES else named.get("all")


def _is_direct(base: str) -> bool:
    """Tell whether no proxy leads there: to this machine itself, and where NO_PROXY says so."""
    parts = urlsplit(base)
    host = parts.hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return bool(proxy_bypass(f"{host}:{parts.port}" if parts.port else host))


def _bad_proxy(error: Exception) -> ConfigError:
    return ConfigError(
        f"the proxy that the environment names cannot be used: {type(error).__name__}",
        fix=_ANOTHER_PROXY,  # the error itself may repeat the proxy's password
    )
