"""Leave for pages that have no address, such as those in the sandbox of a chat, to draw here.

A browser names a sandboxed page ``null``, as it does any other page that hides: that is no website
that could be allowed. So whoever may use the server has it write a ticket, an address below which
a page may open a session, for a time. It stands in the address, since pages give no headers to a
WebSocket.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from starlette.types import Scope

from livedraft.errors import Unauthorized

from ..clock import Clock

VALID_S = 12 * 3600
_BELOW = "/ticket/"
_OPEN = ("/v1/realtime", "/v1/models")  # all that a ticket is good for


class Tickets:
    """Tickets of one run of a server; ``token`` is what they stand for, too."""

    def __init__(self, token: str, clock: Clock) -> None:
        self._token = token
        self._clock = clock
        self._secret = secrets.token_bytes(32)

    def issue(self) -> str:
        """Return an address of this server's, without a slash at its end."""
        until = f"{round(self._clock()) + VALID_S:x}"
        return f"{_BELOW}{until}-{self._signed(until)}"

    def admitted(self, scope: Scope) -> Scope | None:
        """Return a request below a ticket as if it came with the token; None for all others.

        Raises Unauthorized for a ticket that is none, or has run out.
        """
        path: str = scope["path"]
        if not path.startswith(_BELOW):
            return None
        ticket, _, rest = path.removeprefix(_BELOW).partition("/")
        until, _, signature = ticket.partition("-")
        given = signature.encode(errors="replace")
        fresh = hmac.compare_digest(given, self._signed(until).encode())
        if not fresh or int(until, 16) < self._clock() or f"/{rest}" not in _OPEN:
            raise Unauthorized(
                "this page's leave has run out, or is for something else", fix="open the page anew"
            )
        inside = f"/{rest}"
        headers = [each for each in scope["headers"] if each[0] != b"authorization"]
        if self._token:
            headers.append((b"authorization", b"Bearer " + self._token.encode()))
        return {**scope, "path": inside, "raw_path": inside.encode(), "headers": headers}

    def _signed(self, until: str) -> str:
        digest = hmac.digest(self._secret, until.encode(errors="replace"), hashlib.sha256)
        return digest.hex()
