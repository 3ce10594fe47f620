"""What transports share: parked sessions that expire, and an end in peace for requests."""

import asyncio

import pytest
from starlette.datastructures import Address
from tests.asking import asking
from tests.doubles import FakeEngine
from tests.memory import MemoryClient

from livedraft.errors import WeightsError
from livedraft.runtime.config import Config
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.server import Server
from livedraft.runtime.sessions.runner import Runner
from livedraft.runtime.transports.service import Service

pytestmark = pytest.mark.anyio


async def test_a_parked_session_expires_without_anyone_asking(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with Server(Config(models=("echo",), resume_s=0.05)) as service:
        looked = asyncio.Semaphore(0)
        expire = service.parking.expire

        def noted() -> None:
            expire()
            looked.release()

        monkeypatch.setattr(service.parking, "expire", noted)
        for _ in range(2):
            async with MemoryClient(service) as client:
                await client.open()
                await client.leave()
        assert len(service.parking) > 0
        async with asyncio.timeout(5):
            while len(service.parking):
                await looked.acquire()


async def test_a_picture_in_the_making_is_finished_and_one_in_line_is_refused() -> None:
    server = Server(Config(models=("echo",), max_sessions=1))
    async with (
        server as service,
        asking(server) as c,
    ):
        runner = await service.runner()
        first = asyncio.create_task(c.post("/v1/generate", json={"delay_ms": 50}))
        second = asyncio.create_task(c.post("/v1/generate", json={}))
        async with asyncio.timeout(5):
            while not (runner.under_way and service.admission.queued):
                await asyncio.sleep(0)
            await service.drain()
            made, refused = await first, await second
        assert made.status_code == 200
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "session_closed")
        assert service.admission.taken == 0


async def test_who_names_no_model_gets_the_first_that_is_served() -> None:
    service = Service(Config())
    engine = FakeEngine({"loads": Echo(), "echo": Echo()})
    service.readiness.attach({"loads": "loads", "echo": "echo"})
    service.readiness.fail("loads", WeightsError("half a file"))
    service.begin(Runner([engine], service.pictures.decode))
    service.serve(Echo())
    await asyncio.sleep(0)
    engine.away = ("loads",)
    assert not service.away("")
    engine.away = ("echo",)
    assert service.away("")
    service.close()


@pytest.mark.parametrize(
    ("host", "owner"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8::1:2:3", "2001:db8::/64"),
        ("10.1.2.3", ""),  # a proxy speaks for many
        ("testclient", ""),
    ],
)
async def test_shares_are_by_household(host: str, owner: str) -> None:
    service = Service(Config(proxies=("10.0.0.0/8",)))
    assert service.owner(Address(host, 1)) == owner
    assert service.owner(None) == ""
    service.close()
