"""A server that takes a camera, sound and drawings, and a session with it."""

from collections.abc import AsyncIterator

import pytest
from tests.fake_server import FakeServer
from tests.sdk.client.tracks import ANY_SOUND, CAMERA, MICROPHONE, SKETCH

from livedraft.client import AsyncClient, AsyncSession


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    async with FakeServer(tracks=[CAMERA, MICROPHONE, ANY_SOUND, SKETCH]) as server:
        yield server


@pytest.fixture
async def session(client: AsyncClient) -> AsyncIterator[AsyncSession]:
    async with client.session() as session:
        yield session
