"""What stands before every route, also those of mounted apps: who asks, and for how much.

Pure ASGI, so that bodies and answers stream through it.
"""

from __future__ import annotations

import logging

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from livedraft import elements
from livedraft.errors import BadMessage, LivedraftError, ServerBusy, Unauthorized

from .bodies import Bodies
from .exchange import Exchange
from .per_address import PerAddress
from .policy import frame_ancestors
from .service import Service

log = logging.getLogger(__name__)

FOR_EVERYONE = tuple(f"/{name}" for name in elements.SCRIPTS)  # which any website may load
_MOST_LOGGED = 64  # refusals that are logged, of different hosts and websites


class Guard:
    """Lets a request or a WebSocket through to the app, or answers in its place."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._service = service
        config = service.config
        self._by_address = PerAddress(config.max_per_address, config.proxies)
        self._policy = frame_ancestors(config)
        self._bodies = Bodies(config.max_message_bytes)
        self._logged: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or one WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        exchange = Exchange(scope, receive, send, bodies=self._bodies, note=self._note)
        exchange.policy = self._policy
        address = (scope.get("client") or ("",))[0]
        try:
            self._judge(exchange)
            if not self._by_address.enter(address):
                raise ServerBusy(
                    f"{self._by_address.limit} requests from {address} are under way",
                    fix="wait for one of them, or raise the setting 'max_per_address'",
                )
        except LivedraftError as error:
            await exchange.refuse(error)
            return
        try:
            await exchange.run(self._app)
        finally:
            self._by_address.leave(address)

    def _judge(self, exchange: Exchange) -> None:
        gate, headers, scope = self._service.gate, exchange.headers, exchange.scope
        if not scope["path"].startswith("/") and scope["path"] != "*":
            raise BadMessage("the target is no path", fix="send 'GET /path', as to a server")
        host = gate.check_host(headers.getlist("host"))
        website = website_of(headers, scope.get("method", "GET"))
        ticketed = self._service.tickets.admitted(scope)
        if ticketed is not None:
            exchange.scope, exchange.website = ticketed, website
        elif scope["path"] not in FOR_EVERYONE:
            gate.check_website(website, host, secure=scope.get("scheme") in ("https", "wss"))
            exchange.website = website

    def _note(self, error: LivedraftError) -> None:
        self._service.metrics.error(error.code)
        if isinstance(error, Unauthorized) and len(self._logged) < _MOST_LOGGED:
            if error.message not in self._logged:
                self._logged.add(error.message)
                log.warning("refused: %s", error)


def website_of(headers: Headers, method: str) -> str | None:
    """Return the website that a browser names as the one that asks; None where none does.

    It names it in ``Origin``; in a request that a page makes without reading the answer (``<img>``,
    ``<link>``) only in ``Referer``, which a page can hide but not forge, and says with
    ``Sec-Fetch-Site`` (W3C Fetch Metadata) that it is such a one. To follow a link is no such
    request: the page that it was on sees nothing of the answer, and whether it may frame it is up
    to ``frame-ancestors``.
    """
    named = headers.getlist("origin")
    if named:
        return ", ".join(named)
    if headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
        return None
    if headers.get("sec-fetch-mode") == "navigate" and method in ("GET", "HEAD"):
        return None
    scheme, _, rest = headers.get("referer", "").partition("://")
    return f"{scheme}://{rest.partition('/')[0]}" if rest else "null"
