"""Live sessions against a server that speaks the real protocol over a real socket."""

import asyncio
from functools import partial

import pytest
from tests.fake_server import FakeServer
from tests.sdk.client.drawn import picture, shade, until

from livedraft.client import AsyncClient
from livedraft.errors import (
    InvalidImage,
    InvalidParams,
    ModelFailed,
    SessionError,
)
from livedraft.protocol import messages as wire
from livedraft.protocol.messages import Stage

pytestmark = pytest.mark.anyio


def took(server: FakeServer, inputs: int) -> bool:
    """Return whether that many inputs have come to a server."""
    return len(server.inputs()) == inputs


async def test_a_picture_comes_back_with_what_it_was_made_from(client: AsyncClient) -> None:
    async with client.session("fake", prompt="a red fox", seed=7) as session:
        await session.send(picture(10), strength=0.25)
        frame = await anext(session.frames())
    assert (frame.stage, frame.seed, frame.id) == (Stage.DRAFT, 7, 1)
    assert frame.params == {"prompt": "a red fox", "seed": 7, "steps": 4, "strength": 0.25}
    assert (frame.image.size, shade(frame.image)) == ((64, 64), 10)
    assert frame.timings["model"] == 0.5
    assert session.state == "closed"


async def test_a_large_picture_is_made_as_small_as_the_model_works(
    client: AsyncClient, server: FakeServer
) -> None:
    async with client.session() as session:
        await session.send(picture(10, size=512))
        frame = await session.next_frame()
    assert frame is not None
    assert frame.image.size == (64, 64)


async def test_of_the_pictures_that_wait_the_newest_wins(
    client: AsyncClient, server: FakeServer
) -> None:
    server.held = True
    async with client.session() as session:
        for number in range(2):
            await session.send(picture(number))
            await until(server, partial(took, server, number + 1))
        for number in range(2, 20):
            await session.send(picture(number))
        assert len(server.inputs()) == 2, "two are in flight, the rest waits here"
        await server.release()
        last = -1
        async for frame in session.frames():
            last = shade(frame.image)
            if last == 19:
                break
    assert len(server.inputs()) == 3


async def test_an_update_returns_the_params_in_force(client: AsyncClient) -> None:
    async with client.session(seed=7) as session:
        assert (await session.update(strength=0.7))["strength"] == 0.7
        assert session.params["seed"] == 7
        assert session.params["strength"] == 0.7


async def test_a_refused_update_raises_where_it_was_made(client: AsyncClient) -> None:
    async with client.session() as session:
        with pytest.raises(InvalidParams) as caught:
            await session.update(strengh=0.7)
        assert caught.value.fix == "did you mean 'strength'?"
        assert (await session.update(strength=0.7))["strength"] == 0.7


async def test_params_that_go_with_a_picture_and_are_refused_are_told_by_frames(
    client: AsyncClient,
) -> None:
    async with client.session() as session:
        await session.send(picture(), strengh=0.7)
        with pytest.raises(InvalidParams):
            await session.next_frame()
        await session.send(picture(5))
        assert await session.next_frame() is not None


async def test_what_is_refused_does_not_count_as_in_flight(client: AsyncClient) -> None:
    async with client.session(in_flight=1) as session:
        for _ in range(3):
            await session.send(picture(), strengh=0.7)
            with pytest.raises(InvalidParams):
                await session.next_frame()


async def test_what_is_no_picture_is_refused_at_once(
    client: AsyncClient, server: FakeServer
) -> None:
    async with client.session() as session:
        with pytest.raises(InvalidImage, match="not a picture"):
            await session.send(b"GIF89a")
        with pytest.raises(InvalidImage, match="did you mean 'sketch'"):
            await session.send({"skech": picture()})
    assert not server.inputs()


async def test_none_removes_a_picture(client: AsyncClient, server: FakeServer) -> None:
    async with client.session() as session:
        await session.send({"sketch": None})
        assert await session.next_frame() is not None
    assert server.inputs()[0].inputs == {"sketch": b""}


async def test_a_refine_returns_the_final_frame_of_the_newest_picture() -> None:
    async with FakeServer(preview=True) as server, AsyncClient(server.url) as client:
        async with client.session() as session:
            await session.send(picture(1))
            await session.send(picture(2))
            frame = await session.refine(seed=9)
            newest = await session.next_frame()
    assert (frame.stage, frame.seed, shade(frame.image)) == (Stage.FINAL, 9, 2)
    assert frame.step == frame.steps
    assert newest is not None
    assert newest.id == frame.id


async def test_frames_that_nobody_takes_do_not_hold_a_refine_back(
    client: AsyncClient, server: FakeServer
) -> None:
    async with client.session() as session:
        for number in range(4):
            await session.send(picture(number))
            await session.update(seed=number)  # its ack tells that the picture went
        assert (await session.refine()).stage is Stage.FINAL


async def test_frames_that_nobody_takes_stop_the_server(
    client: AsyncClient, server: FakeServer
) -> None:
    async with client.session() as session:
        for number in range(10):
            await session.update(seed=number)
        acks = [m for m in server.received if isinstance(m, wire.Ack)]
        assert not acks
        frame = await session.next_frame()
        assert frame is not None
        assert frame.id == 2, "the window was 2"
        frame = await session.next_frame()
        assert frame is not None
        assert frame.seed == 9, "made after the first was taken, of the newest params"


async def test_a_refine_that_newer_input_overtakes_is_given_up(
    client: AsyncClient, server: FakeServer
) -> None:
    async with client.session() as session:
        server.held = True
        refining = asyncio.create_task(session.refine())
        await until(server, lambda: isinstance(server.received[-1], wire.Refine))
        await session.update(seed=3)
        await server.release()
        with pytest.raises(SessionError, match="newer input"):
            await refining


async def test_cancel_gives_up_a_refine_and_holds_waiting_pictures_back(
    client: AsyncClient, server: FakeServer
) -> None:
    async with client.session(in_flight=1) as session:
        server.held = True
        await session.send(picture(1))
        await until(server, lambda: len(server.inputs()) == 1)
        refining = asyncio.create_task(session.refine())
        await until(server, lambda: isinstance(server.received[-1], wire.Refine))
        await session.send(picture(2))
        await session.cancel()
        with pytest.raises(SessionError, match="cancelled"):
            await refining
        await until(server, lambda: isinstance(server.received[-1], wire.Cancel))
        await server.release()
        assert shade((await session.refine()).image) == 2


async def test_a_failed_job_raises_and_the_session_lives(
    client: AsyncClient, server: FakeServer
) -> None:
    async with client.session() as session:
        server.failures.append(ModelFailed("not finite"))
        with pytest.raises(ModelFailed):
            await session.refine()
        server.failures.append(ModelFailed("not finite"))
        await session.send(picture())
        with pytest.raises(ModelFailed):
            await session.next_frame()
        await session.send(picture(5))
        frame = await session.next_frame()
        assert frame is not None
        assert shade(frame.image) == 5
