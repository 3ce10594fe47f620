"""What an address may ask for within an hour: sessions and pictures; by default any number."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import inf
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.asking import HOST
from tests.doubles import FakeClock
from tests.memory import MemoryClient

from livedraft.media import images
from livedraft.protocol.messages import Close, Error, Open, Opened
from livedraft.runtime.config import Config
from livedraft.runtime.server import Server
from livedraft.runtime.transports.per_address import HOUR_S, PerHour
from livedraft.runtime.transports.service import Service

HOME, OTHER = "192.0.2.1", "192.0.2.2"
PICTURE = base64.b64encode(images.encode(Image.new("RGB", (8, 8)))).decode()


ASKED = st.tuples(st.sampled_from([HOME, OTHER]), st.floats(0, HOUR_S), st.integers(1, 5))


@given(st.lists(ASKED), st.integers(1, 4))
def test_in_no_hour_a_household_gets_more_than_its_limit(
    asked: list[tuple[str, float, int]], limit: int
) -> None:
    clock = FakeClock()
    hourly = PerHour(limit, clock=clock)
    granted: dict[str, list[float]] = {HOME: [], OTHER: []}
    for home, later, number in asked:
        clock.advance(later)
        recent = [at for at in granted[home] if clock() - at < HOUR_S]
        wait_s = hourly.enter(home, number)
        over = len(recent) + number - limit
        assert (wait_s == 0) == (over <= 0), "all of them or none"
        if number > limit:
            assert wait_s == inf
        elif wait_s:
            assert wait_s == pytest.approx(HOUR_S - (clock() - recent[over - 1]))
        else:
            granted[home] += [clock()] * number


def test_no_limit_and_no_household_count_nothing() -> None:
    assert not any(PerHour(0, clock=FakeClock()).enter(HOME) for _ in range(100))
    assert not any(PerHour(1, clock=FakeClock()).enter("") for _ in range(100))


def test_a_crowd_of_addresses_does_not_fill_the_memory() -> None:
    hourly = PerHour(1, clock=FakeClock())
    for number in range(10_001):
        assert hourly.enter(str(number)) == 0
    assert hourly.enter("10000") == HOUR_S
    assert hourly.enter("0") == 0, "who came longest ago is forgotten"
    for number in range(10_001, 20_002):
        assert hourly.enter(str(number), 2) == inf
    assert hourly.enter("10000") == HOUR_S, "who is refused takes nobody's place"


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[tuple[Service, Server, FakeClock]]:
    server = Server(Config(models=("echo",), **settings))
    async with server as service:
        clock = service.clock = FakeClock()
        yield service, server, clock


@asynccontextmanager
async def asking(server: Server, address: str = HOME) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(server.app, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url=HOST) as http:
        yield http


@pytest.mark.anyio
async def test_one_session_too_many_is_told_when_to_come_back_and_others_are_served() -> None:
    async with serving(max_hourly_per_address=1) as (service, _, clock):
        for wrong in (Open(model="nope"), Open(params={"steps": "x"})):
            async with MemoryClient(service, owner=HOME) as client:
                await client.say(wrong)
                assert (await client.hear(Error)).code in ("model_not_found", "invalid_params")
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
@pytest.mark.parametrize(("address", "statuses"), [(HOME, [200, 503]), ("127.0.0.1", [200, 200])])
async def test_single_pictures_count_as_well_and_a_proxy_speaks_for_many(
    address: str, statuses: list[int]
) -> None:
    async with serving(max_hourly_per_address=1) as (_, server, _), asking(server, address) as http:
        answers = [await http.post("/v1/generate", json={"steps": 1}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == statuses


REFUSED: list[tuple[dict[str, Any], int]] = [
    ({"model": "nope"}, 404),
    ({"zz": 1}, 400),
    ({"steps": "x"}, 400),
    ({"inputs": {"zz": PICTURE}}, 400),
    ({"inputs": {"sketch": "bm90IGEgcGljdHVyZQ=="}}, 400),
]


@pytest.mark.anyio
async def test_what_is_refused_takes_no_share() -> None:
    async with serving(max_hourly_per_address=1) as (_, server, _), asking(server) as http:
        for accept in ("*/*", "text/event-stream"):
            for body, status in REFUSED:
                answer = await http.post("/v1/generate", json=body, headers={"Accept": accept})
                assert answer.status_code == status or "event: error" in answer.text, answer.text
                assert "within an hour" not in answer.text
        assert (await http.post("/v1/generate", json={})).status_code == 200
        assert (await http.post("/v1/generate", json={})).status_code == 503
        told = await http.post("/v1/generate", json={}, headers={"Accept": "text/event-stream"})
        assert "within an hour" in told.text


SEVERAL = [("/v1/images/generations", "n"), ("/owner/echo", "num_images")]


@pytest.mark.anyio
@pytest.mark.parametrize(("path", "word"), SEVERAL)
async def test_several_pictures_are_all_counted_or_none(path: str, word: str) -> None:
    async with serving(max_hourly_per_address=4) as (_, server, _), asking(server) as http:

        async def ask(number: int) -> httpx.Response:
            return await http.post(path, json={"prompt": "a fox", word: number})

        never = await ask(8)
        assert never.status_code in (400, 422), "no time to come back at would be true"
        assert "may have 4" in never.text
        assert (await ask(3)).status_code == 200
        late = await ask(2)
        assert (late.status_code, "fewer than 2 of 4" in late.text) == (503, True), late.text
        assert "come back in 60 min" in late.text
        assert (await ask(1)).status_code == 200
