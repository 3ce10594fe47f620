"""Sessions whose place was given to others: told once, at rest, and back with the next word."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from PIL import Image
from tests.sdk.client.hostile import CODEC, frame, opened, talking
from websockets.asyncio.server import ServerConnection

from livedraft.client import AsyncClient
from livedraft.client.terms import Timeouts
from livedraft.errors import SessionIdle
from livedraft.media.images import encode
from livedraft.protocol import messages as wire
from livedraft.protocol.codec import client_codec

pytestmark = pytest.mark.anyio

LATE = Timeouts(update_s=5, frame_s=5, refine_s=5, close_s=0.1)


@asynccontextmanager
async def idling(rounds: int = 1) -> AsyncIterator[tuple[str, list[wire.Open]]]:
    """Serve one who ends so many connections as idle, by message and code, then holds."""
    opens: list[wire.Open] = []

    async def talk(socket: ServerConnection) -> None:
        data = await socket.recv()
        message = client_codec().decode(data)
        assert isinstance(message, wire.Open)
        opens.append(message)

        await socket.send(CODEC.encode(opened(resumed=bool(message.resume))))
        if len(opens) <= rounds:
            await socket.send(CODEC.encode(wire.Close(code="idle")))
            await socket.close(4408)
            return
        while True:
            got = client_codec().decode(await socket.recv())
            if isinstance(got, wire.ParamsUpdate):
                await socket.send(CODEC.encode(wire.Ack(id=got.id, params=got.params)))
                await socket.send(
                    CODEC.encode(frame(id=got.id, image=encode(Image.new("RGB", (1, 1)))))
                )

    async with talking(talk) as url:
        yield url, opens


async def test_an_idle_session_is_told_and_goes_on_at_the_next_word() -> None:
    async with idling() as (url, opens), AsyncClient(url, timeouts=LATE) as client:
        session = await client.session().open()
        stream = asyncio.ensure_future(anext(session.frames()))
        with pytest.raises(SessionIdle) as caught:
            await stream
        assert "send" in caught.value.fix
        assert session.state == "idle"
        assert len(opens) == 1, "it keeps away by itself"
        with pytest.raises(SessionIdle):
            await session.next_frame()
        async with asyncio.timeout(5):
            assert await session.update(seed=5) == {"seed": 5}
            assert await session.next_frame() is not None
        assert str(session.state) == "open"
        assert [one.resume for one in opens] == ["", "r"]
        await session.close()


async def test_an_idle_session_can_be_closed() -> None:
    async with idling() as (url, _), AsyncClient(url, timeouts=LATE) as client:
        session = await client.session().open()
        with pytest.raises(SessionIdle):
            await session.next_frame()
        async with asyncio.timeout(5):
            await session.close()
        assert await session.next_frame() is None
