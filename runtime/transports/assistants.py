"""``/mcp``: the tools of assistants over the Model Context Protocol's streamable HTTP.

Each request stands for itself: nothing of a client is held between them but its drawings, by names
that nobody can guess, so a client that is gone leaves nothing that does not end by itself.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from importlib.util import find_spec
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from livedraft.client import AsyncClient
from livedraft.errors import LivedraftError, MissingExtraError, SessionClosed

from ..engine.faults import unexpected
from .refusals import refusal
from .security import PREFLIGHT, bearer
from .service import Service

if TYPE_CHECKING:
    from mcp.server.mcpserver import Context

PATH = "/mcp"


class Assistants:
    """The endpoint; the SDK is loaded by the first request, and asks this server at ``url``."""

    def __init__(self, service: Service) -> None:
        self.url = ""  # of this server, on this machine
        self._service = service
        self._serving: asyncio.Task[None] | None = None
        self._over = asyncio.Event()
        self._app: asyncio.Future[ASGIApp] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; the guard has let it through."""
        request = Request(scope)
        cors = self._service.gate.cors(request.headers.get("origin"))

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(cors)
            await send(message)

        try:
            if request.method == "OPTIONS":
                await Response(status_code=HTTPStatus.NO_CONTENT, headers=PREFLIGHT)(
                    scope, receive, told
                )
                return
            self._service.gate.check_token(bearer(request.headers.get("authorization")))
            app = await self._begun()
        except LivedraftError as error:
            self._service.metrics.error(error.code)
            await refusal(error)(scope, receive, told)
            return
        _be_heard()
        await app(scope, receive, told)

    @property
    def can_serve(self) -> bool:
        """Whether the SDK is installed."""
        return find_spec("mcp") is not None

    async def close(self) -> None:
        """End all drawings, and what is under way."""
        self._over.set()
        if self._serving is not None:
            await asyncio.gather(self._serving, return_exceptions=True)

    async def _begun(self) -> ASGIApp:
        """Return what serves; raise MissingExtraError, or SessionClosed for a server at its end."""
        if not self.can_serve:
            raise MissingExtraError("mcp", "the Model Context Protocol")
        if not self.url or self._over.is_set():
            raise SessionClosed("this server is not open", fix="ask one that listens at a port")
        if self._app is None:
            self._app = asyncio.get_running_loop().create_future()
            self._serving = asyncio.create_task(self._serve(self._app))
        return await asyncio.shield(self._app)

    async def _serve(self, begun: asyncio.Future[ASGIApp]) -> None:
        """Serve until closed; in one task, as the SDK's task group needs it."""
        try:
            from mcp.server.transport_security import TransportSecuritySettings

            from livedraft.mcp.server import server_for

            config = self._service.config
            server = server_for(AsyncClient(self.url, config.token), count=self._count)
            server.streamable_http_app(
                stateless_http=True,
                max_request_body_size=config.max_message_bytes,
                transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
            )  # names and websites are the guard's to judge, as of all that is served
            async with server.session_manager.run():
                begun.set_result(server.session_manager.handle_request)
                await self._over.wait()
        except Exception as error:  # a task's boundary: who asks is told
            if begun.done():
                raise
            begun.set_exception(unexpected(error, "the Model Context Protocol"))

    def _count(self, ctx: Context) -> None:
        """Count a picture of whoever asks, as over all other ways."""
        request = ctx.request_context.request
        client = request.client if isinstance(request, Request) else None
        self._service.count(self._service.owner(client))


def _be_heard() -> None:
    """Let streams of events begin, though another server of this process was told to end.

    What the SDK streams by holds a signal to end as one for all servers of a process, for ever: it
    would cut each stream as it begins.
    """
    from sse_starlette.sse import AppStatus

    AppStatus.should_exit = False
