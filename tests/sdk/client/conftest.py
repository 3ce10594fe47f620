"""A fake server and a client of it, which gives up soon."""

from collections.abc import AsyncIterator

import pytest
from tests.fake_server import FakeServer
from tests.sdk.client.drawn import QUICK

from livedraft.client import AsyncClient


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    async with FakeServer() as server:
        yield server


@pytest.fixture
async def client(server: FakeServer) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(server.url, retry=QUICK) as client:
        yield client
