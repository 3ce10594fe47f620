"""``<livedraft-sketch>`` in a chat: an MCP App, the page that its host shows and what it may do.

Source: MCP Apps, https://github.com/modelcontextprotocol/ext-apps, version 2026-01-26.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any

from mcp.server.apps import Apps, ResourceCsp, client_supports_apps
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver import Context
from mcp_types import ReadResourceResult, TextResourceContents
from starlette.requests import Request

from livedraft.version import __version__

from .tools import Model

URI = "ui://livedraft/sketch.html"
Ticket = Callable[[], Awaitable[str]]  # the path below which a page without an address may draw
_ABOUT = "A sheet to draw on, with the picture that follows the pen."


def app(url: str) -> Apps:
    """Return the page, and the tool that a host shows it for; ``url`` is the server's."""
    apps = Apps()

    @apps.tool(resource_uri=URI)
    async def open_sketch(ctx: Context, prompt: str = "", model: Model = "") -> str:
        """Have the user draw: a sheet opens in the chat, and you see what they make on it."""
        if client_supports_apps(ctx):
            return "The sheet is open in the chat; the picture comes with what the user draws."
        at = _server_of(ctx.request_context.request, url)
        return f"This chat shows no sheets. To draw, the user can open {at}/ in a browser."

    apps.add_html_resource(URI, "", name="sketch", title="Draw", description=_ABOUT)
    return apps


class Pages:
    """Fills in the page as it is read: by then it is known how its reader reaches the server."""

    def __init__(self, url: str, ticket: Ticket) -> None:
        self._url = url
        self._ticket = ticket

    async def __call__(
        self, ctx: ServerRequestContext[Any, Any], call_next: CallNext
    ) -> HandlerResult:
        """Answer one request of an assistant's."""
        result = await call_next(ctx)
        if ctx.method != "resources/read" or (ctx.params or {}).get("uri") != URI:
            return result
        server = _server_of(ctx.request, self._url)
        given = result if isinstance(result, dict) else _dumped(result)
        [page] = [TextResourceContents.model_validate(each) for each in given["contents"]]
        filled = page.model_copy(
            update={
                "text": html(server, server + await self._ticket()),
                "meta": {"ui": {"csp": _policy(server), "prefersBorder": True}},
            }
        )
        contents = [filled.model_dump(mode="json", by_alias=True, exclude_none=True)]
        return {**given, "contents": contents}


def html(server: str, drawn_at: str) -> str:
    """Return the page for a server, and the address of it that the page draws at."""
    page = (files("livedraft.mcp") / "sketch.html").read_text("utf-8")
    known = {"{server}": server, "{drawn_at}": drawn_at, "{version}": __version__}
    for word, value in known.items():
        page = page.replace(word, value)
    return page


def _dumped(result: HandlerResult) -> dict[str, Any]:
    assert isinstance(result, ReadResourceResult), "a resource that is read is answered so"
    return result.model_dump(mode="json", by_alias=True)


def _server_of(request: object, url: str) -> str:
    """Return where an assistant has the server: whom its HTTP request names, or ``url``."""
    if isinstance(request, Request):
        return f"{request.url.scheme}://{request.url.netloc}"
    return url


def _policy(server: str) -> dict[str, Any]:
    socket = server.replace("http", "ws", 1)
    csp = ResourceCsp(connect_domains=[server, socket], resource_domains=[server])
    return csp.model_dump(by_alias=True, exclude_none=True)
