"""The queue's requests from within: places, bounds, and those whose clients are gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.runtime.transports.talks import SKETCH

from livedraft.errors import ServerBusy
from livedraft.runtime.config import Config
from livedraft.runtime.server import Server
from livedraft.runtime.transports.fal import jobs as bounds
from livedraft.runtime.transports.fal.job import Wanted
from livedraft.runtime.transports.fal.jobs import Jobs
from livedraft.runtime.transports.making import Order
from livedraft.runtime.transports.service import Service

pytestmark = pytest.mark.anyio


@pytest.fixture
async def service() -> AsyncIterator[tuple[Service, Jobs]]:
    server = Server(Config(models=("echo",), max_sessions=1, max_queue=2))
    async with server as service:
        yield service, server.app.state.jobs


def wanted(
    steps: int = 1, delay_ms: float = 0.0, data: bytes = b"", start_s: float | None = None
) -> Wanted:
    order = Order("echo", {"sketch": data} if data else {}, {"steps": steps, "delay_ms": delay_ms})
    return Wanted("owner/echo", (order,), 1, start_s=start_s)


async def test_positions_are_those_of_sessions_too(service: tuple[Service, Jobs]) -> None:
    server, jobs = service
    inside = server.admission.ask()  # a session has the one place
    first, second = jobs.submit(wanted(), ""), jobs.submit(wanted(), "")
    assert [first.position, second.position] == [0, 1]
    assert not first.begun
    with pytest.raises(ServerBusy):
        jobs.submit(wanted(), "")
    inside.release()
    await asyncio.gather(first.ended(), second.ended())
    assert first.error is second.error is None
    assert [line.message for line in second.logs][:2] == ["1 before it in line", "next in line"]
    assert server.admission.taken == 0


async def test_one_that_nobody_asks_about_is_given_up_and_frees_its_place() -> None:
    server = Server(Config(models=("echo",), max_sessions=1, idle_s=0.1))
    async with server as service:
        jobs: Jobs = server.app.state.jobs
        abandoned = jobs.submit(wanted(100, 5_000), "")
        async with asyncio.timeout(20):
            await abandoned.ended()
        assert "cancelled" in str(abandoned.error)
        assert (service.admission.taken, len(jobs)) == (0, 0)


async def test_one_that_is_followed_is_kept() -> None:
    server = Server(Config(models=("echo",), max_sessions=1, idle_s=0.1))
    async with server:
        jobs: Jobs = server.app.state.jobs
        job = jobs.submit(wanted(10, 60), "")
        with jobs.watching(job):
            async with asyncio.timeout(20):
                await job.ended()
        assert job.error is None


async def test_cancelled_before_it_began_it_leaves_the_line(
    service: tuple[Service, Jobs],
) -> None:
    server, jobs = service
    inside = server.admission.ask()
    job = jobs.submit(wanted(), "")
    job.cancel()
    await job.ended()
    assert server.admission.queued == 0
    assert "cancelled" in str(job.error)
    inside.release()


async def test_one_that_may_not_wait_so_long_is_told(service: tuple[Service, Jobs]) -> None:
    server, jobs = service
    inside = server.admission.ask()
    job = jobs.submit(wanted(start_s=0.01), "")
    async with asyncio.timeout(20):
        await job.ended()
    assert "no place was free within 0.01 s" in str(job.error)
    assert server.admission.queued == 0
    inside.release()


async def test_what_is_kept_is_bounded(
    service: tuple[Service, Jobs], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, jobs = service
    made = []
    for _ in range(6):
        made.append(jobs.submit(wanted(), ""))
        await made[-1].ended()
    size = made[0].bytes
    monkeypatch.setattr(bounds, "MOST_BYTES_MADE", 3 * size)
    last = jobs.submit(wanted(), "")
    await last.ended()
    kept = [job for job in (*made, last) if jobs.find(job.id)]
    assert kept == [*made[-2:], last]
    monkeypatch.setattr(bounds, "MOST_BYTES_MADE", 0)
    alone = jobs.submit(wanted(), "")
    await alone.ended()
    assert len(jobs) == 1
    assert jobs.find(alone.id) is alone  # the newest can always be had
    assert server.admission.taken == 0


async def test_pictures_that_wait_are_bounded(
    service: tuple[Service, Jobs], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, jobs = service
    monkeypatch.setattr(bounds, "MOST_BYTES_WAITING", len(SKETCH))
    inside = server.admission.ask()
    job = jobs.submit(wanted(data=SKETCH), "")
    with pytest.raises(ServerBusy, match="too many pictures"):
        jobs.submit(wanted(data=SKETCH), "")
    inside.release()
    await job.ended()
    assert job.bytes > 0
    assert not job.wanted.orders[0].inputs  # they are not held any longer


async def test_one_address_does_not_fill_the_line() -> None:
    server = Server(Config(models=("echo",), max_sessions=1, max_per_address=1))
    async with server as service:
        jobs: Jobs = server.app.state.jobs
        inside = service.admission.ask()
        job = jobs.submit(wanted(), "192.0.2.7")
        with pytest.raises(ServerBusy, match="of 192"):
            jobs.submit(wanted(), "192.0.2.7")
        inside.release()
        await job.ended()
        await jobs.submit(wanted(), "192.0.2.7").ended()
