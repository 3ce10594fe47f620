"""The tools of a server of ours, for assistants: the official SDK carries them."""

from __future__ import annotations

import functools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp_types import CallToolResult, InputRequiredResult, Tool

from livedraft.client import AsyncClient
from livedraft.errors import LivedraftError
from livedraft.version import __version__

from .app import Pages, app
from .drawings import Drawings
from .files import ToolsWithFiles
from .films import URI, Films
from .naming import check_arguments, check_params
from .tools import Count, Tools

INSTRUCTIONS = """livedraft makes pictures and films on {where}, from words and from drawings.
Begin with list_models: each model says what it makes, and which params it takes. generate makes one
picture or film of words, edit one of a picture. Of a film you see frames side by side, and are told
where its file is read. To draw: draw_strokes (coordinates 0 to 1, y downwards), look at what comes
back, draw more or set_params, and refine for the final picture. open_sketch has the user draw.
{more}"""
_FILES = (
    "save_to writes a picture with its recipe, from which it can be made again. All is one drawing."
)
_FILM = "A film that generate, edit or refine made, by the address that they told."
_NAMES = "draw_strokes begins a drawing and tells its name, which the others take as 'drawing'."


def server_for(client: AsyncClient, *, count: Count | None = None) -> MCPServer:
    """Return tools for a server; the client is closed with them.

    They are for one assistant on this machine, with one drawing, and may read and write files. With
    ``count``, which hears of each picture that is asked for, they are for any number of others:
    drawings have names, and no file is touched.
    """
    drawings, films = Drawings(client, single=count is None), Films()
    tools = (
        ToolsWithFiles(client, drawings, films)
        if count is None
        else Tools(client, drawings, films, count)
    )

    @asynccontextmanager
    async def lifespan(_: MCPServer) -> AsyncIterator[None]:
        try:
            yield
        finally:
            films.close()
            await drawings.close()
            await client.close()

    where, more = ("this machine", _FILES) if count is None else ("a server", _NAMES)
    with _without_handlers():
        server = _Server(
            "livedraft",
            instructions=INSTRUCTIONS.format(where=where, more=more),
            version=__version__,
            lifespan=lifespan,
            extensions=[app(client.url)],
            middleware=[Pages(client.url, client.ticket)],
        )
    every: list[Callable[..., Awaitable[object]]] = [
        tools.list_models,
        tools.generate,
        tools.edit,
        tools.draw_strokes,
        tools.set_params,
        tools.refine,
        tools.look,
    ]
    for tool in every:
        server.add_tool(_telling(tool))

    @server.resource(URI, title="A film", description=_FILM, mime_type="video/mp4")
    def film(name: str) -> bytes:
        try:
            return films.read(name)
        except LivedraftError as error:
            raise ResourceNotFoundError(str(error)) from error

    return server


async def run(url: str, token: str | None) -> None:
    """Serve over stdin and stdout until they close."""
    await server_for(AsyncClient(url, token)).run_stdio_async()


class _Server(MCPServer[Any]):
    """Refuses arguments that a tool does not have: the SDK would pass over them."""

    async def list_tools(self) -> list[Tool]:
        tools = await super().list_tools()
        for tool in tools:
            tool.input_schema = tool.input_schema | {"additionalProperties": False}
        return tools

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        known = {tool.name: tool.input_schema["properties"] for tool in await self.list_tools()}
        try:
            check_arguments(arguments, known.get(name, arguments))
        except LivedraftError as error:
            raise ToolError(str(error)) from error
        return await super().call_tool(name, arguments, context)


def _telling(tool: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
    """Have an assistant hear what was wrong: of errors of other kinds the SDK says nothing."""

    @functools.wraps(tool)
    async def told(*args: object, **kwargs: object) -> object:
        try:
            check_params(kwargs)
            return await tool(*args, **kwargs)
        except LivedraftError as error:
            raise ToolError(str(error)) from error

    return told


@contextmanager
def _without_handlers() -> Iterator[None]:
    """Keep the SDK from setting up the process's logging, as it does where none is set up."""
    held = logging.NullHandler()
    logging.root.addHandler(held)
    try:
        yield
    finally:
        logging.root.removeHandler(held)
