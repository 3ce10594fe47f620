"""The whole server on a real port, reached over real sockets."""

import asyncio
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from PIL import Image
from websockets.asyncio.client import ClientConnection as Socket
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from livedraft.errors import ConfigError
from livedraft.media import images
from livedraft.protocol.connection import ClientConnection
from livedraft.protocol.messages import Ack, Close, Error, Frame, Message, Opened
from livedraft.runtime.config import Config
from livedraft.runtime.running import running

pytestmark = pytest.mark.anyio

SKETCH = images.encode(Image.linear_gradient("L").convert("RGB").resize((512, 512)), "image/jpeg")


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[str]:
    async with running(Config(**{"models": ("echo",), "port": 0, **settings})) as url:
        yield url


def dial(url: str, **how: Any) -> connect:
    address = url.replace("http", "ws", 1) + "/v1/realtime"
    return connect(address, **{"compression": None, "max_size": None, **how})


class Line:
    """Both the socket and the protocol's end of it."""

    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        self.wire = ClientConnection()

    async def hear(self) -> Message:
        return self.wire.receive(await self.socket.recv())

    async def open(self, **fields: Any) -> Opened:
        await self.socket.send(self.wire.open(**fields))
        opened = await self.hear()
        assert isinstance(opened, Opened), opened
        return opened

    async def ended(self) -> int:
        with pytest.raises(ConnectionClosed) as caught:
            await self.socket.recv()
        assert caught.value.rcvd is not None
        return caught.value.rcvd.code


async def test_a_drawing_comes_back() -> None:
    async with serving() as url, dial(url, subprotocols=[Subprotocol("livedraft.v1")]) as socket:
        assert socket.subprotocol == "livedraft.v1"
        assert "permessage-deflate" not in str(socket.protocol.extensions)
        line = Line(socket)
        await line.open(params={"prompt": "a fox"})
        await socket.send(line.wire.input({"sketch": SKETCH}))
        frame = await line.hear()
        assert isinstance(frame, Frame)
        assert images.decode(frame.image).size == (512, 512)
        await socket.send(line.wire.ack(frame))
        await socket.send(line.wire.close())
        assert isinstance(await line.hear(), Close)
        assert await line.ended() == 1000


async def test_a_json_client_is_answered_in_json() -> None:
    async with serving() as url, dial(url) as socket:
        await socket.send('{"type": "open"}')
        answer = await socket.recv()
        assert isinstance(answer, str)
        await socket.send('{"type": "params", "id": 1, "params": {"seed": 1}}')
        assert '"type":"ack"' in str(await socket.recv())
        assert '"type":"frame"' in str(await socket.recv())


async def test_a_thousand_updates_end_with_the_last_one_applied() -> None:
    async with serving() as url, dial(url) as socket:
        line = Line(socket)
        await line.open()

        async def update() -> None:
            for seed in range(1, 1001):
                await socket.send(line.wire.params({"seed": seed}))

        acked, shown = 0, 0
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(update())
            while (acked, shown) != (1000, 1000):
                message = await line.hear()
                if isinstance(message, Ack):
                    assert message.id == acked + 1
                    acked += 1
                elif isinstance(message, Frame):
                    assert message.seed == message.id > shown
                    shown = message.id
                    await socket.send(line.wire.ack(message))


async def test_a_foreign_origin_gets_no_socket() -> None:
    async with serving(origins=("https://art.example",)) as url:
        with pytest.raises(InvalidStatus) as caught:
            async with dial(url, origin=Origin("https://evil.example")):
                pass
        assert caught.value.response.status_code == 403
        for origin in ("https://art.example", url):
            async with dial(url, origin=Origin(origin)) as socket:
                await Line(socket).open()


async def test_the_token_may_come_with_the_handshake() -> None:
    async with serving(token="hush") as url:
        async with dial(url, additional_headers={"Authorization": "Bearer hush"}) as socket:
            await Line(socket).open()
        async with dial(url) as socket:
            line = Line(socket)
            await socket.send(line.wire.open())
            error = await line.hear()
            assert isinstance(error, Error)
            assert (error.code, error.fatal) == ("unauthorized", True)
            await line.hear()
            assert await line.ended() == 4401


async def test_too_large_a_message_ends_the_connection() -> None:
    async with serving(max_message_bytes=10_000) as url, dial(url) as socket:
        line = Line(socket)
        assert (await line.open()).max_message_bytes == 10_000
        await socket.send(bytes(10_001))
        assert await line.ended() == 1009


async def test_text_that_is_not_utf_8_ends_the_connection() -> None:
    async with serving() as url, dial(url) as socket:
        await socket.send(b"\xff\xfe", text=True)
        assert await Line(socket).ended() == 1007


async def test_a_reader_that_stalls_slows_nobody() -> None:
    async with (
        serving() as url,
        dial(url, max_queue=1, close_timeout=0.1) as stalled,
        dial(url) as socket,
    ):
        lame = Line(stalled)
        await lame.open()
        line = Line(socket)
        await line.open()
        for _ in range(20):  # never read from again
            await stalled.send(lame.wire.input({"sketch": SKETCH}))
        for _ in range(20):
            await socket.send(line.wire.input({"sketch": SKETCH}))
            frame = await line.hear()
            assert isinstance(frame, Frame)
            await socket.send(line.wire.ack(frame))


async def test_a_cut_line_frees_its_place_once_and_can_be_resumed() -> None:
    async with serving(max_sessions=1) as url, httpx.AsyncClient(base_url=url) as http:

        async def gauge(name: str) -> float:
            lines = (await http.get("/metrics")).text.splitlines()
            return float(next(line.split()[1] for line in lines if line.startswith(name + " ")))

        async with dial(url) as socket:
            line = Line(socket)
            opened = await line.open()
            await socket.send(line.wire.input({"sketch": SKETCH}, {"seed": 5}))
            assert await gauge("livedraft_sessions") == 1
            socket.transport.abort()
        async with dial(url) as socket:
            again = await Line(socket).open(resume=opened.resume)
            assert (again.resumed, again.session) == (True, opened.session)
            assert await gauge("livedraft_sessions") == 1
            assert await gauge("livedraft_parked") == 0


@pytest.mark.parametrize(
    ("sent", "status"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, 130)]
)
def test_a_server_that_is_told_to_end_drains_and_says_so(sent: signal.Signals, status: int) -> None:
    command = [sys.executable, "-m", "livedraft", "serve", "--models", "echo", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = next(word for word in server.stdout.readline().split() if word.startswith("http"))

    async def talk() -> None:
        async with dial(url) as socket:
            line = Line(socket)
            await line.open()
            await socket.send(line.wire.params({"delay_ms": 100}))
            assert isinstance(await line.hear(), Ack)
            server.send_signal(sent)
            assert isinstance(await line.hear(), Frame)
            closed = await line.hear()
            assert isinstance(closed, Close)
            assert closed.code == "draining"
            assert await line.ended() == 1001

    try:
        asyncio.run(talk())
        assert server.wait(timeout=10) == status
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


async def test_a_port_that_is_taken_is_a_setting_to_change() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with pytest.raises(ConfigError, match="is taken"):
            async with serving(port=taken.getsockname()[1]):
                pass
