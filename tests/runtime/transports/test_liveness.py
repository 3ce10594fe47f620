"""A client that asks whether the server is there is answered at once, whatever it waits for."""

import asyncio

import pytest
from tests.memory import MemoryClient

from livedraft.protocol.messages import (
    Ack,
    Close,
    Error,
    Open,
    Opened,
    ParamsUpdate,
    Ping,
    Pong,
    Queued,
)
from livedraft.runtime.config import Config
from livedraft.runtime.server import Server
from livedraft.runtime.transports.service import Service

pytestmark = pytest.mark.anyio

ONE = Config(models=("echo",), max_sessions=1)


async def test_an_open_session_answers_and_takes_it_for_no_message_of_its_count() -> None:
    async with Server(ONE) as service, MemoryClient(service) as client:
        await client.open()
        await client.say(Ping(id=9))
        assert await client.hear(Pong) == Pong(id=9)
        await client.say(ParamsUpdate(id=1, params={"seed": 7}))
        assert (await client.hear(Ack)).id == 1


async def test_who_stands_in_line_is_answered_as_often_as_it_asks() -> None:
    async with Server(ONE) as service, MemoryClient(service) as a, MemoryClient(service) as b:
        await a.open()
        await b.say(Open())
        assert (await b.hear(Queued)).position == 1
        for id in (1, 2):
            await b.say(Ping(id=id))
            assert await b.hear(Pong) == Pong(id=id)
        await a.leave(done=True)
        await b.hear(Opened)


async def test_while_the_models_warm_up_the_server_answers() -> None:
    service = Service(ONE)  # has not begun
    async with MemoryClient(service) as client:
        await client.say(Open())
        await client.say(Ping())
        assert await client.hear(Pong) == Pong()
        await client.say(Close())
        await client.hear(Close)
        assert await client.ended() == (1000, "")
    service.close()


async def test_a_client_that_leaves_while_the_models_warm_up_is_noticed() -> None:
    service = Service(ONE)
    async with MemoryClient(service) as client:
        await client.say(Open())
        async with asyncio.timeout(5):
            await client.leave()
    service.close()


async def test_before_open_it_is_out_of_order() -> None:
    async with Server(ONE) as service, MemoryClient(service) as client:
        await client.say(Ping())
        error = await client.hear(Error)
        assert (error.code, error.fatal) == ("out_of_order", True)
