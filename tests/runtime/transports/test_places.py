"""Sessions that cost more than one place: admitted by what they cost, over every way in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from tests.asking import asking
from tests.doubles import FakeClock
from tests.memory import MemoryClient
from tests.tables import load_models

from livedraft.errors import ConfigError, ModelFailed
from livedraft.protocol.messages import (
    IDLE,
    Ack,
    Close,
    Error,
    Frame,
    Open,
    Opened,
    ParamsUpdate,
    Queued,
    Refine,
    Switch,
    Switched,
)
from livedraft.runtime.config import Config
from livedraft.runtime.engine.contract import check_info
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.base import ModelInfo
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.server import Server
from livedraft.runtime.transports.service import Service

pytestmark = pytest.mark.anyio

IDLE_S = 30.0


class Heavy(Echo):
    """A null model of which a session takes three places."""

    info: ModelInfo = replace(Echo.info, id="heavy", places=3)


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch) -> None:
    load = MODELS.load
    monkeypatch.setattr(MODELS, "load", lambda name: Heavy if name == "heavy" else load(name))


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[Service]:
    async with Server(Config(models=("echo", "heavy"), max_sessions=4, **settings)) as service:
        yield service


async def gone(service: Service, taken: int) -> None:
    """Wait until a connection that ends has given its places back."""
    async with asyncio.timeout(5):
        while service.admission.taken != taken:
            await asyncio.sleep(0)


async def test_a_session_takes_what_its_model_says_and_waits_for_all_of_it() -> None:
    async with (
        serving() as service,
        MemoryClient(service) as first,
        MemoryClient(service) as second,
        MemoryClient(service) as small,
    ):
        opened = await first.open(Open(model="heavy"))
        assert opened.model["places"] == 3
        await second.say(Open(model="heavy"))
        assert (await second.hear(Queued)).position == 1
        await small.say(Open(model="echo"))
        assert (await small.hear(Queued)).position == 2, "one place is free, and it waits its turn"
        await first.leave(done=True)
        await second.hear(Opened)
        await small.hear(Opened)
        assert (service.admission.taken, service.admission.inside) == (4, 2)
        assert b"livedraft_sessions 2.0" in service.metrics.exposition()


async def test_the_costlier_of_two_models_counts() -> None:
    async with serving() as service, MemoryClient(service) as client:
        await client.open(Open(refine_model="heavy", features=["models"]))
        assert service.admission.taken == 3


async def test_a_live_session_takes_on_a_costlier_model_where_there_is_room() -> None:
    async with serving() as service, MemoryClient(service) as client:
        await client.open(Open(features=["models"]))
        async with MemoryClient(service) as other:
            await other.open()
            await client.say(Switch(id=1, model="heavy"))
            await client.hear(Switched)
            assert service.admission.taken == 4
            await client.say(Ack(seq=(await client.hear(Frame)).seq))
            await client.say(Switch(id=2, model="echo"))
            await client.hear(Switched)
            assert service.admission.taken == 2
            await client.say(Ack(seq=(await client.hear(Frame)).seq))
            async with MemoryClient(service) as third:
                await third.open()
                for message in (
                    Switch(id=3, model="heavy"),
                    Refine(id=4, refine_model="heavy"),
                ):
                    await client.say(message)
                    error = await client.hear(Error)
                    assert (error.code, error.fatal, error.retryable) == (
                        "server_busy",
                        False,
                        True,
                    )
                    assert "3 places are needed, 1 are there" in error.message
                assert service.admission.taken == 3
                await client.say(ParamsUpdate(id=5, params={"seed": 9}))
                await client.hear(Ack)
                frame = await client.hear(Frame)
                assert (frame.model, frame.seed) == ("echo", 9), "the session goes on as it was"
                await client.say(Ack(seq=frame.seq))
                await third.leave(done=True)
            await gone(service, 2)
            await client.say(Refine(id=6, refine_model="heavy", params={"steps": 1}))
            assert (await client.hear(Frame)).model == "heavy"
            assert service.admission.taken == 4
            await client.leave(done=True)
            await gone(service, 1)


async def test_a_switch_that_is_refused_costs_nothing() -> None:
    async with serving() as service, MemoryClient(service) as client:
        await client.open(Open(features=["models"]))
        for message in (
            Switch(id=1, model="heavy", params={"sede": 1}),
            Switch(id=2, model="heavi"),
            Refine(id=3, refine_model="heavi"),
        ):
            await client.say(message)
            await client.hear(Error)
            assert service.admission.taken == 1


async def test_a_resumed_session_takes_its_places_again() -> None:
    async with serving() as service:
        async with MemoryClient(service) as client:
            opened = await client.open(Open(model="heavy"))
            await client.leave()
        await gone(service, 0)
        async with MemoryClient(service) as back:
            await back.open(Open(resume=opened.resume))
            assert service.admission.taken == 3


async def test_a_picture_over_http_takes_its_places_for_as_long_as_it_is_made() -> None:
    server = Server(Config(models=("heavy",), max_sessions=4, max_queue=0))
    body = {"steps": 1}
    async with server as service, MemoryClient(service) as client, asking(server) as http:
        assert (await http.post("/v1/generate", json=body)).status_code == 200
        await client.open()
        refused = await http.post("/v1/generate", json=body)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "server_busy")
        assert "3 of 4 places are taken" in refused.json()["error"]["message"]
        assert service.admission.taken == 3


async def test_as_many_idle_sessions_go_as_it_takes_and_no_more() -> None:
    clock = FakeClock()
    async with serving(idle_s=IDLE_S) as service:
        service.clock = clock
        clients = [MemoryClient(service) for _ in range(3)]
        for client in clients:
            await client.open()
            clock.advance(1)
        clock.advance(IDLE_S)
        async with MemoryClient(service) as heavy:
            await heavy.say(Open(model="heavy"))
            await heavy.hear(Queued)
            for client in clients[:2]:
                assert (await client.hear(Close)).code == IDLE
                await client.leave()
            await heavy.hear(Opened)
            assert service.admission.taken == 4
            await clients[2].say(ParamsUpdate(id=1, params={"seed": 3}))
            await clients[2].hear(Ack)
            await clients[2].leave()


async def test_a_model_that_no_session_could_ever_have_is_not_served() -> None:
    config = Config(models=("echo", "heavy"), max_sessions=2)
    async with Server(config) as service, MemoryClient(service) as client:
        assert list(service.models) == ["echo"]
        await client.say(Open(model="heavy"))
        assert "takes 3 places, and there are 2" in (await client.hear(Error)).message
    with pytest.raises(ConfigError, match="takes 3 places") as caught:
        load_models(Config(models=("heavy",), max_sessions=2))
    assert "max_sessions to 3" in caught.value.fix


@pytest.mark.parametrize("places", [0, -1, 1.5, "2", None])
def test_nonsense_of_places_is_refused(places: Any) -> None:
    with pytest.raises(ModelFailed, match="places = "):
        check_info(replace(Echo.info, places=places))
