"""A session waits for its own model alone, and is told of the others as they come or fail."""

from __future__ import annotations

import asyncio
import gc
import weakref

import httpx
import pytest
from tests.memory import MemoryClient
from tests.runtime.loading import Slow, hear_of, install, let, starting

from livedraft.errors import ModelFailed
from livedraft.protocol.messages import (
    Error,
    Frame,
    Loading,
    Message,
    Open,
    Opened,
    ParamsUpdate,
    Refine,
    Stage,
    Switch,
)

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)


async def test_a_session_waits_for_its_own_model_alone_and_is_told_of_the_others() -> None:
    arrives = Open(model="echo", features=["models", "arrivals"], refine_model="slow")
    async with (
        starting(models=("echo", "slow")) as server,
        MemoryClient(server.service) as client,
        MemoryClient(server.service) as patient,
    ):
        opened = await client.open(arrives)
        assert (opened.model["id"], opened.refine_model) == ("echo", {})
        await client.say(ParamsUpdate(id=1, params={"seed": 7}))
        drawn = False
        said: list[tuple[str, int]] = []
        while not (drawn and said and said[-1][1] == 0):
            told = await client.hear(Message)
            drawn = drawn or isinstance(told, Frame)
            if isinstance(told, Loading):
                said.append((told.state, told.done))
        await patient.say(Open(model="echo", features=["loading", "models"], refine_model="slow"))
        assert (await patient.hear(Loading)).title == "Slow Model"
        await client.say(Switch(id=2, model="slow"))
        refused = await hear_of(client, Error)
        assert (refused.code, refused.id, refused.retryable) == ("model_loading", 2, True)
        assert "Loading Slow Model" in refused.message
        await client.say(Refine(id=3))
        refused = await hear_of(client, Error)
        assert (refused.code, refused.id, refused.fatal) == ("model_loading", 3, False)
        let("vae", "unet", "warm")
        states: list[str] = []
        while not states or states[-1] != "ready":
            told = await client.hear(Message)
            states += [told.state] if isinstance(told, Loading) else []
        assert "warming" in states
        await client.say(Refine(id=4))
        assert (await final(client)).model == "slow"
        assert (await hear_of(patient, Opened)).refine_model["id"] == "slow"


async def test_who_leaves_while_another_model_loads_is_told_nothing_more() -> None:
    async with starting(models=("echo", "slow"), max_sessions=1, max_queue=0) as server:
        async with MemoryClient(server.service) as gone:
            await gone.open(Open(model="echo", features=["arrivals"]))
            await gone.say(Switch(id=1, model="slow"))
            assert (await hear_of(gone, Error)).code == "model_loading"
            await gone.leave(done=True)
        assert not server.service.readiness._followers
        async with MemoryClient(server.service) as client:
            await client.open(Open(model="echo"))
        let("vae", "unet", "warm")


async def test_a_model_that_fails_later_stops_nobody_and_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Slow, "fails", True)
    async with (
        starting(models=("echo", "slow")) as server,
        MemoryClient(server.service) as client,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(server.app), base_url="http://127.0.0.1"
        ) as http,
    ):
        await client.open(Open(model="echo", features=["models", "arrivals"], refine_model="slow"))
        listed = (await http.get("/v1/models")).json()
        first = listed["models"][0]
        assert (first["id"], first["state"]) == ("echo", "ready")
        one = await http.get("/readyz", params={"model": "echo"})
        assert (one.status_code, one.json()["ready"]) == (200, True)
        both = await http.get("/readyz", params={"model": ["echo", "slow"]})
        assert (both.status_code, (await http.get("/readyz")).status_code) == (503, 503)
        assert (await http.get("/readyz", params={"model": "slwo"})).status_code == 503
        let("vae", "unet")
        while (told := await client.hear(Loading)).state != "failed":
            pass
        assert "'slow' is not served: half a file (fetch it anew" in told.message
        await client.say(Refine(id=1))
        assert (await hear_of(client, Error)).code == "model_not_found"
        await client.say(ParamsUpdate(id=2, params={"seed": 3}))
        while not isinstance(await client.hear(Message), Frame):
            pass
        ready = await http.get("/readyz")
        assert ready.status_code == 200, "an orchestrator goes on with what there is"
        assert ready.json()["models"]["slow"]["error"]["fix"] == "fetch it anew"
        listed = (await http.get("/v1/models")).json()
        assert [m["id"] for m in listed["models"]] == ["echo"]
        ((name, why),) = [(m["id"], m["error"]) for m in listed["failed"]]
        assert (name, why["code"]) == ("slow", "model_not_found")
        assert "fetch it anew" in why["fix"]


async def test_a_model_that_fails_at_the_last_is_never_served_and_leaves_no_byte(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[weakref.ref[Slow]] = []

    def refuse(self: Slow, report: object) -> None:
        made.append(weakref.ref(self))
        raise ModelFailed("no room for what serving takes", fix="serve fewer models")

    monkeypatch.setattr(Slow, "serve", refuse)
    async with (
        starting(models=("echo", "slow")) as server,
        MemoryClient(server.service) as client,
    ):
        let("vae", "unet", "warm")
        await client.open(Open(model="echo", features=["models", "arrivals"]))
        while (told := await hear_of(client, Loading)).state != "failed":
            assert told.state != "ready", "it was never served"
        assert list(server.service.models) == ["echo"]
        await asyncio.wrap_future(server.ready)
        gc.collect()
        assert [each() for each in made] == [None]


async def test_a_name_that_is_none_is_refused_while_others_load() -> None:
    async with starting(models=("echo", "slow")) as server:
        async with MemoryClient(server.service) as client:
            await client.say(Open(model="slwo"))
            assert (await hear_of(client, Error)).code == "model_not_found"


async def final(client: MemoryClient) -> Frame:
    while True:
        told = await client.hear(Message)
        if isinstance(told, Frame) and told.stage is Stage.FINAL:
            return told
