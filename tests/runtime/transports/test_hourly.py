"""What an address may ask for within an hour: sessions and pictures; by default any number."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.asking import HOST
from tests.doubles import FakeClock
from tests.memory import MemoryClient

from livedraft.protocol.messages import Close, Error, Open, Opened
from livedraft.runtime.config import Config
from livedraft.runtime.server import Server
from livedraft.runtime.transports.per_address import HOUR_S, PerHour
from livedraft.runtime.transports.service import Service

HOME, OTHER = "192.0.2.1", "192.0.2.2"


@given(st.lists(st.tuples(st.sampled_from([HOME, OTHER]), st.floats(0, HOUR_S))), st.integers(1, 4))
def test_in_no_hour_a_household_gets_more_than_its_limit(
    asked: list[tuple[str, float]], limit: int
) -> None:
    clock = FakeClock()
    hourly = PerHour(limit, clock=clock)
    granted: dict[str, list[float]] = {HOME: [], OTHER: []}
    for home, later in asked:
        clock.advance(later)
        recent = [at for at in granted[home] if clock() - at < HOUR_S]
        wait_s = hourly.enter(home)
        assert (wait_s == 0) == (len(recent) < limit)
        if wait_s:
            assert wait_s == pytest.approx(HOUR_S - (clock() - recent[0]))
        else:
            granted[home].append(clock())


def test_no_limit_and_no_household_count_nothing() -> None:
    assert not any(PerHour(0, clock=FakeClock()).enter(HOME) for _ in range(100))
    assert not any(PerHour(1, clock=FakeClock()).enter("") for _ in range(100))


def test_a_crowd_of_addresses_does_not_fill_the_memory() -> None:
    hourly = PerHour(1, clock=FakeClock())
    for number in range(10_001):
        assert hourly.enter(str(number)) == 0
    assert hourly.enter("10000") == HOUR_S
    assert hourly.enter("0") == 0, "who came longest ago is forgotten"


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[tuple[Service, Server, FakeClock]]:
    server = Server(Config(models=("echo",), **settings))
    async with server as service:
        clock = service.clock = FakeClock()
        yield service, server, clock


@pytest.mark.anyio
async def test_one_session_too_many_is_told_when_to_come_back_and_others_are_served() -> None:
    async with serving(max_hourly_per_address=1) as (service, _, clock):
        async with MemoryClient(service, owner=HOME) as client:
            opened = await client.open()
        clock.advance(60)
        async with MemoryClient(service, owner=HOME) as client:
            await client.say(Open(resume=opened.resume))
            await client.hear(Opened)
        async with MemoryClient(service, owner=HOME) as client:
            await client.say(Open())
            error = await client.hear(Error)
            assert (error.code, error.retryable, error.fatal) == ("server_busy", True, True)
            assert error.fix == "come back in 59 min, or raise 'max_hourly_per_address'"
            assert (await client.hear(Close)).code == "server_busy"
        async with MemoryClient(service, owner=OTHER) as client:
            await client.open()
        clock.advance(HOUR_S)
        async with MemoryClient(service, owner=HOME) as client:
            await client.open()


@pytest.mark.anyio
@pytest.mark.parametrize(("address", "statuses"), [(HOME, [400, 503]), ("127.0.0.1", [400, 400])])
async def test_single_pictures_count_as_well_and_a_proxy_speaks_for_many(
    address: str, statuses: list[int]
) -> None:
    async with serving(max_hourly_per_address=1) as (_, server, _):
        transport = httpx.ASGITransport(server.app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as http:
            answers = [await http.post("/v1/generate", json={"steps": "x"}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == statuses
