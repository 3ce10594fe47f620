"""Servers whose certificate nobody knows, and such as speak no TLS: told with what to do."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.certificates import make_certificate

import livedraft as ld
from livedraft.errors import ConnectFailed

pytestmark = pytest.mark.anyio


async def _models(url: str) -> None:
    async with ld.AsyncClient(url) as client:
        await client.models()


async def _session(url: str) -> None:
    async with ld.AsyncClient(url) as client, client.session("echo"):
        raise AssertionError("it was connected")


@asynccontextmanager
async def listening(context: ssl.SSLContext | None) -> AsyncIterator[int]:
    """Give the port of a server that answers in plain words, over TLS if there is a context."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.mark.parametrize("way", [_models, _session])
@pytest.mark.parametrize(
    ("secure", "fix"),
    [
        (True, "SSL_CERT_FILE="),
        (False, "use http://"),
        (None, "livedraft serve"),  # nobody listens: the control
    ],
)
async def test_what_is_wrong_with_tls_says_what_to_do(
    tmp_path: Path, way: Callable[[str], Awaitable[None]], secure: bool | None, fix: str
) -> None:
    context = None
    if secure:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*make_certificate(tmp_path))
    async with listening(context) as port:
        with pytest.raises(ConnectFailed) as caught:
            await way(f"https://127.0.0.1:{1 if secure is None else port}")
    assert fix in caught.value.fix
