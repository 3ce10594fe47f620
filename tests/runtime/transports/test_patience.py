"""What ends a session by the rules: refused messages, and a place that nobody uses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.doubles import FakeClock
from tests.memory import MemoryClient

from livedraft.protocol.messages import (
    Ack,
    Close,
    Error,
    Frame,
    Open,
    Opened,
    ParamsUpdate,
    Ping,
    Pong,
    Queued,
    Refine,
)
from livedraft.runtime.config import Config
from livedraft.runtime.server import Server
from livedraft.runtime.transports.patience import FORGIVEN, REFUSALS, Bucket
from livedraft.runtime.transports.service import Service

pytestmark = pytest.mark.anyio

IDLE_S = 100.0


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[tuple[Service, FakeClock]]:
    """Serve by a clock that stands; only the wait for it is the loop's."""
    async with Server(Config(models=("echo",), idle_s=IDLE_S, **settings)) as service:
        clock = service.clock = FakeClock()
        yield service, clock


async def test_refusals_end_a_session_whatever_comes_between() -> None:
    async with serving() as (service, _), MemoryClient(service) as client:
        await client.open()
        for _ in range(REFUSALS - 1):
            await client.say(Ack(seq=9))
            assert not (await client.hear(Error)).fatal
            for _ in range(3):
                await client.say(Ack(seq=0))  # which is accepted, and costs nothing
        await client.say(Ack(seq=9))
        assert (await client.hear(Error)).fatal
        await client.hear(Close)
        assert (await client.ended())[0] == 4400
        assert len(service.parking) == 0


async def test_refusals_are_forgiven_with_time() -> None:
    async with serving() as (service, clock), MemoryClient(service) as client:
        await client.open()
        for _ in range(4 * REFUSALS):
            await client.say(Ack(seq=9))
            assert not (await client.hear(Error)).fatal
            clock.advance(1 / FORGIVEN)


def test_a_bucket_overflows_at_its_size_and_runs_dry() -> None:
    clock = FakeClock()
    bucket = Bucket(3, 0.5, clock)
    assert [bucket.overflows() for _ in range(4)] == [False, False, True, True]
    clock.advance(100)
    assert [bucket.overflows() for _ in range(3)] == [False, False, True]


async def idle(client: MemoryClient) -> None:
    close = await client.hear(Close)
    assert close.code == "idle"
    assert (await client.ended())[0] == 4408


async def test_an_idle_place_goes_to_who_waits_and_its_session_is_kept() -> None:
    async with (
        serving(max_sessions=1) as (service, clock),
        MemoryClient(service) as hidden,
        MemoryClient(service) as second,
    ):
        opened = await hidden.open(Open(params={"seed": 5}))
        clock.advance(IDLE_S)
        await second.say(Open())
        await second.hear(Queued)
        await idle(hidden)
        await second.hear(Opened)
        assert (service.admission.taken, len(service.parking)) == (1, 1)
        clock.advance(IDLE_S)
        async with MemoryClient(service) as back:
            await back.say(Open(resume=opened.resume))
            await back.hear(Queued)
            await idle(second)
            again = await back.hear(Opened)
            assert (again.resumed, again.session, again.params["seed"]) == (True, opened.session, 5)


async def test_nobody_is_sent_away_while_nobody_waits() -> None:
    async with serving(max_sessions=2) as (service, clock), MemoryClient(service) as hidden:
        await hidden.open()
        clock.advance(100 * IDLE_S)
        async with MemoryClient(service) as other:
            await other.open()
        service.vacancies.look()
        await hidden.say(Ping())
        await hidden.hear(Pong)


async def test_one_place_is_taken_for_one_who_waits_and_the_idlest_is_it() -> None:
    async with (
        serving(max_sessions=3) as (service, clock),
        MemoryClient(service) as a,
        MemoryClient(service) as b,
        MemoryClient(service) as c,
        MemoryClient(service) as late,
    ):
        for client in (a, b, c):
            await client.open()
            clock.advance(1)
        clock.advance(IDLE_S)
        await a.say(Ack(seq=0))  # a frame was painted: somebody looks
        await a.say(Ping())  # and a line is kept alive
        await a.hear(Pong)
        await late.say(Open())
        await late.hear(Queued)
        service.vacancies.look()  # again, before the place is free
        await idle(b)
        await late.hear(Opened)
        assert service.admission.taken == 3
        await c.say(Ping())
        await c.hear(Pong)


async def test_a_ping_is_no_sign_of_a_user() -> None:
    async with (
        serving(max_sessions=1) as (service, clock),
        MemoryClient(service) as hidden,
        MemoryClient(service) as late,
    ):
        await hidden.open()
        clock.advance(IDLE_S)
        await hidden.say(Ping())
        await hidden.hear(Pong)
        await late.say(Open())
        await late.hear(Queued)
        await idle(hidden)
        await late.hear(Opened)


async def test_who_waits_for_a_picture_is_not_idle() -> None:
    async with (
        serving(max_sessions=1) as (service, clock),
        MemoryClient(service) as busy,
        MemoryClient(service) as late,
    ):
        await busy.open()
        await busy.say(Refine(id=1, params={"steps": 3, "delay_ms": 50}))
        await busy.hear(Frame)  # a preview: the refine runs
        clock.advance(10 * IDLE_S)
        await late.say(Open())
        await late.hear(Queued)
        final = await busy.hear(Frame)
        assert final.stage == "final"
        await busy.say(ParamsUpdate(id=2, params={"delay_ms": 0}))
        await busy.hear(Ack)


async def test_who_waits_gets_a_place_as_soon_as_one_falls_idle() -> None:
    """By the loop's own time: nothing but the timer tells."""
    async with Server(Config(models=("echo",), max_sessions=1, idle_s=0.2)) as service:
        async with MemoryClient(service) as hidden, MemoryClient(service) as late:
            await hidden.open()
            await late.say(Open())
            await late.hear(Queued)
            async with asyncio.timeout(5):
                await idle(hidden)
                await late.hear(Opened)


async def test_a_picture_over_http_waits_for_an_idle_place_too() -> None:
    async with serving(max_sessions=1) as (service, clock), MemoryClient(service) as hidden:
        await hidden.open()
        clock.advance(IDLE_S)
        ticket = service.admission.ask()
        await idle(hidden)
        async with asyncio.timeout(5):
            await ticket.wait()
        ticket.release()
