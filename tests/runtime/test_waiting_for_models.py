"""A session that comes before the models are there hears how far they are, and waits a while."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx
import pytest
from tests.memory import MemoryClient
from tests.runtime.loading import BYTES, Slow, hear_of, heard, install, let, starting

import livedraft as ld
from livedraft.errors import ServerBusy
from livedraft.protocol.messages import (
    Close,
    Error,
    Loading,
    Open,
    Opened,
)
from livedraft.runtime.config import Config
from livedraft.runtime.models.echo import Echo, EchoJob
from livedraft.runtime.running import Process

pytestmark = pytest.mark.anyio

HEARS = Open(features=["loading"])


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)


async def test_a_session_hears_how_far_it_is_until_it_is_opened() -> None:
    async with starting() as server, MemoryClient(server.service) as client:
        await client.say(HEARS)
        said = await heard(client, lambda told: told.total == BYTES)
        assert said[-1] == "Loading Slow Model, 0 %"
        let("vae")
        told = await client.hear(Loading)
        assert told == Loading(
            model="slow",
            title="Slow Model",
            state="loading",
            done=BYTES // 4,
            total=BYTES,
            unit="bytes",
            message="Loading Slow Model, 25 %",
        )
        let("unet")
        said = await heard(client, lambda told: told.unit == "shapes")
        assert said[-1] == "Warming up Slow Model, 0 of 2 shapes"
        let("warm")
        said = await heard(client, lambda told: told.done == 1)
        assert said == ["Warming up Slow Model, 1 of 2 shapes"]
        assert (await client.hear(Opened)).model["id"] == "slow"


async def test_who_did_not_ask_to_hear_of_it_hears_nothing_before_it_is_opened() -> None:
    async with starting() as server, MemoryClient(server.service) as client:
        await client.say(Open())
        let("vae", "unet", "warm")
        assert (await client.hear(Opened)).model["id"] == "slow"


async def test_readyz_says_of_each_model_what_is_missing() -> None:
    async with (
        starting(models=("slow", "echo")) as server,
        MemoryClient(server.service) as client,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(server.app), base_url="http://127.0.0.1"
        ) as http,
    ):
        await client.say(HEARS)
        let("vae")
        await heard(client, lambda told: told.done == BYTES // 4)
        answer = await http.get("/readyz")
        assert answer.status_code == 503
        told = answer.json()
        assert (told["ready"], told["why"]) == (False, "Loading Slow Model, 25 %")
        assert 1 <= told["retry_after_s"] <= 60
        assert answer.headers["retry-after"] == str(told["retry_after_s"])
        assert told["models"] == {
            "slow": {
                "state": "loading",
                "done": BYTES // 4,
                "total": BYTES,
                "unit": "bytes",
                "missing": ["unet"],
            },
            "echo": {"state": "waiting", "done": 0, "total": 0, "unit": "", "missing": []},
        }


async def test_when_its_model_fails_it_is_told_at_once_though_others_still_load(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Slow, "fails", True)
    warm = threading.Event()
    step = Echo.step

    def waits(self: Echo, jobs: Sequence[EchoJob]) -> None:
        warm.wait()
        step(self, jobs)

    monkeypatch.setattr(Echo, "step", waits)
    async with starting(models=("slow", "echo")) as server:
        try:
            async with (
                MemoryClient(server.service) as client,
                MemoryClient(server.service) as finisher,
                MemoryClient(server.service) as other,
            ):
                await client.say(HEARS)
                await finisher.say(Open(model="echo", refine_model="slow"))
                await other.say(Open(model="echo"))
                let("vae", "unet")
                for each in (client, finisher):
                    error = await hear_of(each, Error)
                    assert error.code == "model_not_found"
                    assert "'slow' is not served: half a file" in error.message
                    assert error.fatal
                warm.set()
                assert (await other.hear(Opened)).model["id"] == "echo"
        finally:
            warm.set()


async def test_when_the_only_model_fails_the_server_ends_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Slow, "fails", True)
    async with starting() as server, MemoryClient(server.service) as client:
        await client.say(Open())
        let("vae", "unet")
        error = await client.hear(Error)
        assert (error.code, error.fatal) == ("model_not_found", True)


async def test_who_leaves_while_it_waits_leaves_its_place_to_others() -> None:
    async with starting(max_sessions=1, max_queue=0) as server:
        service = server.service
        async with MemoryClient(service) as gone, MemoryClient(service) as polite:
            for each in (gone, polite):
                await each.say(HEARS)
                await each.hear(Loading)
            await gone.leave()
            await polite.say(Close())
            await polite.serving
        let("vae", "unet", "warm")
        async with MemoryClient(service) as client:
            await client.open()
            assert service.admission.inside == 1
        assert not service.readiness._followers


async def test_a_wait_is_bounded() -> None:
    async with starting(load_s=0.1) as server, MemoryClient(server.service) as client:
        await client.say(Open())
        error = await client.hear(Error)
        assert (error.code, error.retryable) == ("server_busy", True)
        assert "not ready after 0.1 s" in error.message
        with pytest.raises(ServerBusy, match="/readyz says how far"):
            await server.service.runner()


async def test_a_program_hears_of_it_and_waits_as_long_as_it_likes() -> None:
    said: list[str] = []

    def hear(text: str) -> None:
        said.append(text)
        let("vae", "unet", "warm")

    try:
        config = Config(models=("slow",), port=0)
        async with starting_process(config) as url, ld.AsyncClient(url) as client:
            async with client.session(on_loading=hear) as session:
                assert session.state == "open"
        assert any("Slow Model" in text for text in said)
    finally:
        let("vae", "unet", "warm")


@asynccontextmanager
async def starting_process(config: Config) -> AsyncIterator[str]:
    """Give the address of a server that listens and has yet to load."""
    process = Process(config)
    serving = asyncio.create_task(process.run())
    try:
        yield process.url
    finally:
        process.stop()
        await serving
