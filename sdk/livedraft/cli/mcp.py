"""``livedraft mcp``: tools for AI assistants over stdin and stdout."""

from __future__ import annotations

import asyncio

import click

from . import options
from .extras import needs_extra


@click.command(short_help="Give AI assistants tools to draw with.")
@click.option(
    "--url",
    default="http://127.0.0.1:7860",
    show_default=True,
    help="The server that makes the pictures: 'livedraft serve'.",
)
@options.token
def mcp(url: str, token: str | None) -> None:
    """Speak the Model Context Protocol over stdin and stdout.

    \b
    An assistant starts it; in its settings:
      {"mcpServers": {"livedraft": {"command": "livedraft", "args": ["mcp"]}}}

    Its tools: list_models, generate, edit, draw_strokes, set_params, refine and look.
    """
    with needs_extra("mcp", "livedraft mcp"):
        from livedraft.mcp.server import run
    asyncio.run(run(url, token))
