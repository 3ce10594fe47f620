"""Who may use the server: its names, websites, the shared secret, and the headers of CORS."""

from __future__ import annotations

import hmac
import socket
from collections.abc import Iterable, Sequence

from livedraft.errors import BadMessage, Unauthorized

from ..addresses import (
    Authority,
    authority,
    host_setting,
    is_literal,
    is_loopback,
    is_own,
    origin,
    origin_setting,
)
from .refusals import Forbidden

_FROM_NOWHERE = (
    "a page opened from a file, or sandboxed, has no address that could be allowed: serve it over "
    "HTTP, as with 'python -m http.server 8000', and start the server with "
    "'livedraft serve --origins http://localhost:8000'; --origins '*' lets in every website"
)


class Gate:
    """Judges the Host, the website and the token of requests and of WebSocket handshakes."""

    def __init__(
        self,
        host: str,
        token: str = "",
        origins: Iterable[str] = (),
        hosts: Iterable[str] = (),
        machine: str | None = None,
    ) -> None:
        self._token = token
        self._origins = {origin_setting(text) for text in origins}
        self._hosts = {host_setting(text) for text in hosts}
        self._local_only = is_loopback(host)
        if not self._local_only:
            self._hosts |= _names(host, socket.gethostname() if machine is None else machine)

    def check_host(self, given: Sequence[str]) -> Authority:
        """Return the host that a request is for; raise BadMessage or Forbidden.

        An attacker who points a name of his at this machine (DNS rebinding) makes his page one of
        this server's own in a browser's eyes, and can read everything; the name in ``Host`` is all
        that gives him away. So a name must be known: a loopback name, which nobody can point
        elsewhere; an entry of ``hosts``; and for a server that others reach, the name it listens
        at and those of the machine. An IP address is no name: it is fine where others reach the
        server, and where they do not, one that is not loopback's has no business here.
        """
        found = authority(given[0]) if len(given) == 1 else None
        if found is None:
            raise BadMessage(
                "a request names one host", fix="send one header 'Host: name' or 'Host: name:port'"
            )
        if not self._knows(found.host):
            raise Forbidden(
                f"this server is not known as '{found.host}'",
                fix=f"if that is its name, start it with 'livedraft serve --hosts {found.host}'",
            )
        return found

    def check_website(self, website: str | None, host: Authority, *, secure: bool = False) -> None:
        """Refuse what a foreign website asks; raise Forbidden.

        ``website`` is as a browser names it, None where none asks. The server's own is fine, as are
        those of ``origins``.
        """
        if website is None or "*" in self._origins:
            return
        found = origin(website)
        if found is None:
            raise Forbidden(f"the website {website[:100]!r} is none to allow", fix=_FROM_NOWHERE)
        if str(found) not in self._origins and not is_own(found, host, secure=secure):
            raise Forbidden(
                f"the website {found} may not use this server",
                fix=f"allow it: 'livedraft serve --origins {found}', or the setting 'origins'",
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

    def _knows(self, host: str) -> bool:
        if is_loopback(host) or host in self._hosts or "*" in self._hosts:
            return True
        if is_literal(host):
            return not self._local_only
        _, *above = host.split(".")
        return any(f"*.{'.'.join(above[at:])}" in self._hosts for at in range(len(above)))

    @staticmethod
    def cors(website: str | None) -> dict[str, str]:
        """Return the headers that let a website, once checked, read an answer."""
        if website is None:
            return {"Vary": "Origin"}
        return {
            "Access-Control-Allow-Origin": website,
            "Access-Control-Expose-Headers": (
                "ETag, Link, Location, Retry-After, Server-Timing, X-Fal-Request-Id, "
                "X-Livedraft-Seed"
            ),
            "Vary": "Origin",
        }


PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": ", ".join(
        (
            *("Authorization", "Content-Type", "Accept", "If-Match"),
            *("X-Fal-Target-Url", "X-Fal-Queue-Priority"),  # of fal's client in a page
            *("X-Fal-Request-Timeout", "X-Fal-Runner-Hint", "X-Fal-Object-Lifecycle-Preference"),
            *("Mcp-Protocol-Version", "Mcp-Session-Id", "Mcp-Method", "Mcp-Name", "Last-Event-ID"),
        )
    ),
    "Access-Control-Max-Age": "600",
}


def bearer(authorization: str | None) -> str:
    """Return the token of an ``Authorization: Bearer …`` header, or nothing; fal's is ``Key …``."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() if scheme.lower() in ("bearer", "key") else ""


def _names(host: str, machine: str) -> set[str]:
    """Return the names of a server that others reach.

    The machine's are those that its own kernel tells, with the ``.local`` of multicast DNS. None
    is looked up: an answer of DNS is the word of a stranger.
    """
    label = machine.partition(".")[0]
    found = (authority(text) for text in (host, machine, f"{label}.local"))
    return {name.host for name in found if name is not None and name.port is None}
