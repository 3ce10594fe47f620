"""The line before a place, and every way to lose a connection and to come back."""

import asyncio

import pytest
from tests.memory import MemoryClient
from tests.runtime.transports.talks import SKETCH, refused, serving

from livedraft.protocol.messages import (
    Ack,
    Close,
    Frame,
    Input,
    Open,
    Opened,
    ParamsUpdate,
    Queued,
    Refine,
)

pytestmark = pytest.mark.anyio


async def test_a_client_waits_in_line_and_moves_up() -> None:
    async with (
        serving(max_sessions=1, max_queue=2) as service,
        MemoryClient(service) as inside,
        MemoryClient(service) as second,
        MemoryClient(service) as third,
    ):
        await inside.open()
        await second.say(Open())
        assert (await second.hear(Queued)).position == 1
        await third.say(Open())
        assert (await third.hear(Queued)).position == 2
        error, _, closed = await refused(service, Open())
        assert (error.code, error.retryable, closed) == ("server_busy", True, 1013)
        await inside.say(Close())
        await second.hear(Opened)
        assert (await third.hear(Queued)).position == 1
        await second.leave()
        await third.hear(Opened)


async def test_who_leaves_the_line_makes_room() -> None:
    async with (
        serving(max_sessions=1) as service,
        MemoryClient(service) as inside,
        MemoryClient(service) as second,
        MemoryClient(service) as third,
    ):
        await inside.open()
        for client, position in ((second, 1), (third, 2)):
            await client.say(Open())
            assert (await client.hear(Queued)).position == position
        await second.say(Close())
        await second.hear(Close)
        assert await second.ended() == (1000, "")
        assert (await third.hear(Queued)).position == 1
        await third.leave()
        assert (service.admission.taken, service.admission.queued) == (1, 0)


async def test_a_broken_line_is_resumed_with_all_that_was_in_force() -> None:
    async with serving(max_sessions=1) as service:
        async with MemoryClient(service) as client:
            opened = await client.open()
            await client.say(Input(id=4, inputs={"sketch": SKETCH}, params={"seed": 9}))
            await client.hear(Ack)
            await client.hear(Frame)
            await client.leave()
        assert (service.admission.taken, len(service.parking)) == (0, 1)
        async with MemoryClient(service) as client:
            again = await client.open(Open(resume=opened.resume))
            assert (again.resumed, again.last_id, again.session) == (True, 4, opened.session)
            assert again.params["seed"] == 9
            await client.say(Refine(id=5))
            preview = await client.hear(Frame)
            assert (preview.seq, preview.width, preview.seed) == (1, 256, 9)
            await client.hear(Frame)
            await client.say(Close())
            await client.hear(Close)
            await client.ended()
        error, _, _ = await refused(service, Open(resume=opened.resume))
        assert error.code == "session_unknown"


async def test_a_resume_takes_over_from_a_line_that_seems_alive() -> None:
    async with (
        serving(max_sessions=1) as service,
        MemoryClient(service) as old,
        MemoryClient(service) as new,
    ):
        opened = await old.open()
        again = await new.open(Open(resume=opened.resume))
        assert again.session == opened.session
        assert (await old.hear(Close)).code == "resumed"
        assert (await old.ended())[0] == 1000
        assert (service.admission.taken, len(service.parking)) == (1, 0)
        await new.say(ParamsUpdate(id=1, params={}))
        await new.hear(Ack)
        await new.hear(Frame)


async def test_a_resume_that_finds_no_place_keeps_its_session() -> None:
    async with serving(max_sessions=1, max_queue=0) as service:
        async with MemoryClient(service) as client:
            opened = await client.open()
            await client.leave()
        async with MemoryClient(service) as other:
            await other.open()
            error, _, _ = await refused(service, Open(resume=opened.resume))
            assert error.code == "server_busy"
        async with MemoryClient(service) as client:
            assert (await client.open(Open(resume=opened.resume))).resumed


async def test_a_normal_close_of_the_socket_parks_nothing() -> None:
    async with serving() as service, MemoryClient(service) as client:
        await client.open()
        await client.leave(done=True)
        assert service.admission.taken == len(service.parking) == 0


async def test_work_stops_when_the_client_is_gone() -> None:
    async with serving() as service, MemoryClient(service) as client:
        await client.open()
        runner = await service.runner()
        await client.say(Refine(id=1, params={"steps": 100, "delay_ms": 20}))
        await client.hear(Frame)  # a preview: the refine runs
        await client.leave()
        async with asyncio.timeout(1):
            await runner.drain()
        assert service.admission.taken == 0


async def test_a_client_that_reads_nothing_counts_as_gone() -> None:
    async with serving(send_s=0.1) as service, MemoryClient(service, depth=1) as client:
        await client.open()
        for id in range(1, 4):
            await client.say(ParamsUpdate(id=id, params={}))
        async with asyncio.timeout(2):
            await client.serving
        assert (service.admission.taken, len(service.parking)) == (0, 1)


async def test_draining_finishes_what_is_under_way_and_says_so() -> None:
    async with serving(max_sessions=1) as service:
        async with MemoryClient(service) as client, MemoryClient(service) as waiting:
            await client.open()
            await waiting.say(Open())
            await waiting.hear(Queued)
            await client.say(ParamsUpdate(id=1, params={"delay_ms": 50}))
            await client.hear(Ack)
            draining = asyncio.create_task(service.drain())
            await client.hear(Frame)
            for each in (client, waiting):
                assert (await each.hear(Close)).code == "draining"
                assert (await each.ended())[0] == 1001
            await draining
        error, _, closed = await refused(service, Open())
        assert (error.code, closed) == ("session_closed", 1001)
        assert service.admission.taken == service.admission.queued == len(service.parking) == 0
