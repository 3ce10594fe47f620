"""The composition root: what is loaded, when it is ready, and what ends it."""

import asyncio
from collections.abc import Sequence

import pytest
from tests.memory import MemoryClient
from tests.tables import load_models

from livedraft.errors import ModelFailed, ModelNotFound, SessionClosed, WeightsError
from livedraft.protocol.messages import Frame, ParamsUpdate, Stage
from livedraft.runtime.config import Config
from livedraft.runtime.models.base import Plan, Request
from livedraft.runtime.models.echo import Echo, EchoJob, EchoParams
from livedraft.runtime.server import Server

pytestmark = pytest.mark.anyio


def test_models_are_loaded_by_name_with_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    devices: list[str] = []

    def load(source: str, plan: Plan) -> Echo:
        devices.append(plan.device)
        return Echo()

    monkeypatch.setattr(Echo, "load", load)
    assert list(load_models(Config(models=("echo",), device="cuda:1"))) == ["echo"]
    assert devices == ["cuda:1"]
    with pytest.raises(ModelNotFound, match="ecko"):
        load_models(Config(models=("ecko",)))


async def test_a_client_that_comes_early_waits_for_the_models() -> None:
    server = Server(Config(models=("echo",)))
    async with MemoryClient(server.service) as client:
        opening = asyncio.create_task(client.open())
        async with server:
            await opening
            await client.say(ParamsUpdate(id=1, params={}))


async def test_the_model_is_warm_before_the_server_is_ready(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Request[EchoParams]] = []
    prepare = Echo.prepare

    def noted(self: Echo, items: Sequence[tuple[None, Request[EchoParams]]]) -> list[EchoJob]:
        seen.extend(request for _, request in items)
        return prepare(self, items)

    monkeypatch.setattr(Echo, "prepare", noted)
    async with Server(Config(models=("echo",))) as service:
        assert service.ready
        assert [request.stage for request in seen] == [Stage.DRAFT, Stage.FINAL]
        assert {request.inputs["sketch"].shape for request in seen} == {(512, 512, 3)}


@pytest.mark.parametrize(("name", "error"), [("load", WeightsError), ("prepare", ModelFailed)])
async def test_a_model_that_does_not_come_up_ends_the_server(
    name: str, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **settings: object) -> None:
        raise error("no weights")

    monkeypatch.setattr(Echo, name, fail)
    stopped: list[bool] = []
    server = Server(Config(models=("echo",)), on_failure=lambda: stopped.append(True))
    with pytest.raises(error, match="no weights"):
        async with server:
            pass
    assert stopped
    assert isinstance(server.failure, error)


async def test_a_server_that_is_stopped_while_loading_says_so() -> None:
    server = Server(Config(models=("echo",)))
    async with server.app.router.lifespan_context(server.app):
        pass
    assert isinstance(server.ready.exception(), SessionClosed)
    assert server.failure is None


async def test_several_sessions_are_served_at_once() -> None:
    async with Server(Config(models=("echo",))) as service:
        clients = [MemoryClient(service) for _ in range(5)]
        for client in clients:
            await client.open()
        for seed, client in enumerate(clients):
            await client.say(ParamsUpdate(id=1, params={"seed": seed}))
        for seed, client in enumerate(clients):
            await client.channel.get()  # the ack
            assert (await client.hear(Frame)).seed == seed
            await client.leave()
