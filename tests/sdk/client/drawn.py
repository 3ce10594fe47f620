"""Pictures of one shade each, and what a fake server has seen of them."""

import asyncio
from collections.abc import Callable

from PIL import Image
from tests.fake_server import FakeServer

from livedraft.client.terms import Retry

QUICK = Retry(attempts=3, first_s=0.01, longest_s=0.02)


def picture(shade: int = 0, size: int = 64) -> Image.Image:
    return Image.new("RGBA", (size, size), (shade, shade, shade, 255))


def shade(image: Image.Image) -> int:
    value = image.convert("L").getpixel((1, 1))
    assert isinstance(value, int)
    return value


async def until(server: FakeServer, true: Callable[[], bool]) -> None:
    """Wait until the server has seen what it should; its loop is ours, so yielding is enough."""
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0)
