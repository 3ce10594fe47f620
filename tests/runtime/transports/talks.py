"""A server without a port, for connections of tests over memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from PIL import Image
from tests.memory import MemoryClient

from livedraft.media import images
from livedraft.protocol.messages import Close, Error, Open
from livedraft.runtime.config import Config
from livedraft.runtime.server import Server
from livedraft.runtime.transports.service import Service

SKETCH = images.encode(Image.linear_gradient("L").convert("RGB"), "image/jpeg")


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[Service]:
    async with Server(Config(models=("echo",), **settings)) as service:
        yield service


async def refused(service: Service, message: Open) -> tuple[Error, Close, int]:
    """Open in vain; return what the server said."""
    async with MemoryClient(service) as client:
        await client.say(message)
        error, close = await client.hear(Error), await client.hear(Close)
        code, _ = await client.ended()
        return error, close, code
