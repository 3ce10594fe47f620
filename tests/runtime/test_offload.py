"""Models that share a device through a server: who comes hears of it, and nothing half there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.devices import PretendDevice, Weighty
from tests.memory import MemoryClient

from livedraft.protocol.messages import (
    Close,
    Error,
    Frame,
    Loading,
    Message,
    Open,
    Opened,
    ParamsUpdate,
)
from livedraft.runtime.config import Config
from livedraft.runtime.models import MODELS
from livedraft.runtime.readiness import Readiness
from livedraft.runtime.server import Server
from livedraft.runtime.transports.progress import tell_arrivals

pytestmark = pytest.mark.anyio


class A(Weighty):
    info = replace(Weighty.info, id="a", title="Model A")


class B(Weighty):
    info = replace(Weighty.info, id="b", title="Model B")


@pytest.fixture(autouse=True)
def device(monkeypatch: pytest.MonkeyPatch) -> PretendDevice:
    """Give a device with room for one of two models that are served."""
    load, kinds = MODELS.load, {"a": A, "b": B}
    monkeypatch.setattr(MODELS, "load", lambda name: kinds.get(name) or load(name))
    made = PretendDevice(1000)
    monkeypatch.setattr(Weighty, "device", made, raising=False)
    return made


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[Server]:
    server = Server(Config(models=("a", "b"), **{"memory": ("700",), **settings}))
    async with server:
        yield server


async def met(client: MemoryClient, model: str, **more: Any) -> list[Message]:
    """Open a session; return what came up to its first words or an error."""
    await client.say(Open(model=model, features=["loading"], **more))
    heard: list[Message] = []
    while not (heard and isinstance(heard[-1], (Opened, Error))):
        heard.append(await client.hear(Message))
    return heard


async def drawn(client: MemoryClient, id: int = 1) -> Message:
    """Draw, and return the frame or error that answers."""
    await client.say(ParamsUpdate(id=id, params={"seed": 3}))
    while True:
        message = await client.hear(Message)
        if isinstance(message, (Frame, Error)):
            return message


async def test_the_next_session_has_its_model_brought_back_and_hears_of_it(
    device: PretendDevice,
) -> None:
    async with serving() as server:
        assert device.nbytes == 400, "both were warmed up, and one is there"
        gate = threading.Event()
        device.watch = lambda: gate.wait(10)
        async with MemoryClient(server.service) as client:
            await client.say(Open(model="a", features=["loading"]))
            told = await client.hear(Loading)
            assert (told.model, told.state) == ("a", "loading")
            assert told.message.startswith("Loading Model A"), "who waits is told"
            assert server.service.readiness.told()["a"]["state"] == "loading", "so is /readyz"
            gate.set()
            while not isinstance(heard := await client.hear(Message), Opened):
                assert isinstance(heard, Loading)
            assert isinstance(await drawn(client), Frame)
            assert server.service.readiness.told()["a"]["state"] == "ready"
            assert {what[0] for what in device.held} == {"a"}
            await client.say(Close())
        async with MemoryClient(server.service) as client:
            assert isinstance((await met(client, "b"))[-1], Opened)
            assert isinstance(await drawn(client), Frame)
            assert {what[0] for what in device.held} == {"b"}


async def test_one_that_comes_back_is_served_meanwhile_and_no_arrival_to_others(
    device: PretendDevice,
) -> None:
    async with serving() as server:
        service, gate = server.service, threading.Event()
        http = httpx.AsyncClient(
            transport=httpx.ASGITransport(server.app), base_url="http://127.0.0.1"
        )
        async with MemoryClient(service) as other, MemoryClient(service) as client, http:
            await other.open(Open(model="b", features=["loading", "arrivals"]))
            device.watch = lambda: gate.wait(10)
            await other.say(Close())
            await client.say(Open(model="a", features=["loading", "arrivals"]))
            told = await client.hear(Loading)
            assert (told.model, told.state, told.served) == ("a", "loading", True)
            told_of_all = [each async for each in arrivals_of(service.readiness)]
            assert told_of_all == []
            ready = await http.get("/readyz", params={"model": "a"})
            assert (ready.status_code, service.ready) == (200, True)
            listed = (await http.get("/v1/models")).json()["models"]
            assert [(each["id"], each["state"]) for each in listed] == [
                ("a", "ready"),
                ("b", "ready"),
            ]
            gate.set()
            while not isinstance(heard := await client.hear(Message), Opened):
                assert isinstance(heard, Loading)
                assert heard.served
            frame = await drawn(client)
            assert isinstance(frame, Frame)


async def arrivals_of(readiness: Readiness) -> AsyncIterator[Loading]:
    """Give what a session that opens now would hear of arrivals at once."""
    heard: list[Loading] = []

    async def hear(message: Loading) -> None:
        heard.append(message)

    telling = asyncio.create_task(tell_arrivals(readiness, hear))
    for _ in range(5):
        await asyncio.sleep(0)
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)
    for each in heard:
        yield each


async def test_one_that_is_there_is_opened_without_a_word(device: PretendDevice) -> None:
    async with serving(memory=("1000",)) as server, MemoryClient(server.service) as client:
        heard = await met(client, "a")
        assert [type(each) for each in heard] == [Opened]


async def test_who_finds_no_room_hears_who_has_it_and_the_others_draw_on(
    device: PretendDevice,
) -> None:
    async with serving() as server, MemoryClient(server.service) as first:
        await met(first, "a")
        assert isinstance(await drawn(first), Frame)
        async with MemoryClient(server.service) as second:
            refused = (await met(second, "b"))[-1]
            assert isinstance(refused, Error)
            assert refused.code == "out_of_memory"
            assert "a with 1 session takes" in refused.message
            assert refused.fix.startswith("wait until the sessions of a end; draw with a")
        assert isinstance(await drawn(first, 2), Frame)
        assert server.failure is None


async def test_a_parked_session_makes_room_and_comes_back(device: PretendDevice) -> None:
    async with serving() as server:
        async with MemoryClient(server.service) as client:
            opened = (await met(client, "a"))[-1]
            assert isinstance(opened, Opened)
            assert isinstance(await drawn(client), Frame)
        async with MemoryClient(server.service) as other:
            assert isinstance((await met(other, "b"))[-1], Opened)
            assert isinstance(await drawn(other), Frame)
            await other.say(Close())
        async with MemoryClient(server.service) as again:
            heard = await met(again, "", resume=opened.resume)
            assert isinstance(heard[-1], Opened)
            assert heard[-1].model["id"] == "a"
            assert isinstance(await drawn(again, 2), Frame)


@pytest.mark.parametrize("fails_at", [1, 3, 6, 8])
async def test_a_move_that_fails_half_way_ends_one_session_and_no_server(
    device: PretendDevice, fails_at: int
) -> None:
    async with serving() as server:
        device.fails_at = fails_at  # 1 to 4: of what leaves, then of what comes
        async with MemoryClient(server.service) as client:
            heard = (await met(client, "a"))[-1]
            assert isinstance(heard, Error)
            assert heard.code == "out_of_memory"
        assert device.nbytes in (0, 400), "nothing lies there in part"
        async with MemoryClient(server.service) as client:
            heard = (await met(client, "b"))[-1]
            assert isinstance(heard, Opened)
            assert isinstance(await drawn(client), Frame)
        assert server.failure is None


async def test_a_model_that_never_fits_is_left_out_and_the_other_is_served(
    device: PretendDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(B, "nbytes", 800)
    device.size = 2000
    async with serving() as server, MemoryClient(server.service) as client:
        assert set(server.service.models) == {"a"}
        failed = server.service.readiness.failures["b"]
        assert failed.code == "out_of_memory"
        assert "MB less, by quantise or dtype; or raise 'memory'" in failed.fix
        assert isinstance((await met(client, "a"))[-1], Opened)
        assert isinstance(await drawn(client), Frame)
