"""HTTP to a server's app without a port."""

from __future__ import annotations

import httpx

from livedraft.runtime.server import Server

HOST = "http://127.0.0.1:7860"


def asking(server: Server, *, raises: bool = True) -> httpx.AsyncClient:
    """Return a client of a server; ``raises`` has faults of the app come through as they are."""
    transport = httpx.ASGITransport(server.app, raise_app_exceptions=raises)
    return httpx.AsyncClient(transport=transport, base_url=HOST)
