"""Who may use the server: origins of browsers, the shared secret, and the headers of CORS."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from livedraft.errors import Unauthorized


class Gate:
    """Judges the Origin and the token of requests and of WebSocket handshakes."""

    def __init__(self, host: str, token: str = "", origins: Iterable[str] = ()) -> None:
        self._local_only = _is_loopback(host)
        self._token = token
        self._origins = {origin.rstrip("/") for origin in origins}

    def check_origin(self, origin: str | None, host: str) -> None:
        """Refuse a browser that comes from another website; raise Unauthorized.

        Without an Origin it is no browser's cross-site request. The server's own host is fine;
        where the server listens on loopback alone, that host must be loopback too, or else a
        name that an attacker points at 127.0.0.1 (DNS rebinding) would pass.
        """
        if origin is None or origin in self._origins or "*" in self._origins:
            return
        if self._is_own(origin, host):
            return
        raise Unauthorized(
            f"the origin {origin[:100]!r} is not allowed here",
            fix="add it to the server's setting 'origins'",
        )

    def check_token(self, *given: str) -> None:
        """Refuse who has not the shared secret in any of these places; raise Unauthorized."""
        secret = self._token.encode()
        tried = [text.encode(errors="replace") for text in given]
        if secret and not any(hmac.compare_digest(text, secret) for text in tried):
            missing = not any(given)
            raise Unauthorized(
                "a token is needed" if missing else "the token is wrong",
                fix="send the server's token as 'Authorization: Bearer …' or in open.token",
            )

    def _is_own(self, origin: str, host: str) -> bool:
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        same = bool(parts.netloc) and parts.netloc.lower() == host.lower()
        return same and (not self._local_only or _is_loopback(parts.hostname or ""))

    @staticmethod
    def cors(origin: str | None) -> dict[str, str]:
        """Return the headers that let a page of an origin, once checked, read an answer."""
        if origin is None:
            return {"Vary": "Origin"}
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": "Retry-After, Server-Timing, X-Livedraft-Seed",
            "Vary": "Origin",
        }


PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Accept",
    "Access-Control-Max-Age": "600",
}


def bearer(authorization: str | None) -> str:
    """Return the token of an ``Authorization: Bearer …`` header, or nothing."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
