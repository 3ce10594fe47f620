"""Sessions that cannot begin, whose connection breaks, and that are closed."""

import asyncio

import pytest
from tests.fake_server import FakeServer
from tests.sdk.client.drawn import QUICK, picture, shade, until

from livedraft.client import AsyncClient
from livedraft.errors import (
    ConnectFailed,
    ConnectionLost,
    InvalidParams,
    LivedraftError,
    ModelNotFound,
    ServerBusy,
    SessionClosed,
    Unauthorized,
)
from livedraft.protocol import messages as wire
from livedraft.protocol.messages import Stage

pytestmark = pytest.mark.anyio


async def test_a_broken_connection_is_continued(client: AsyncClient, server: FakeServer) -> None:
    async with client.session(seed=7) as session:
        await session.send(picture(1))
        assert await session.next_frame() is not None
        resume = session.id
        server.drop()
        await until(server, lambda: session.state == "reconnecting")
        await session.send(picture(2))
        frame = await session.next_frame()
        assert frame is not None
        assert (shade(frame.image), frame.seed, session.id) == (2, 7, resume)
    assert [m for m in server.received if isinstance(m, wire.Open)][-1].resume


async def test_a_lost_session_is_opened_afresh_and_drawn_again(
    client: AsyncClient, server: FakeServer
) -> None:
    async with client.session(prompt="a red fox") as session:
        await session.send(picture(3))
        assert await session.next_frame() is not None
        await session.update(seed=11)
        server.forget()
        server.drop()
        frame = await session.next_frame()  # the draft of the update, or of what was sent again
        while frame is not None and not server.inputs()[1:]:
            frame = await session.next_frame()
    assert frame is not None
    assert (shade(frame.image), frame.seed, frame.params["prompt"]) == (3, 11, "a red fox")


async def test_what_was_asked_before_a_break_is_answered_after_it(
    client: AsyncClient, server: FakeServer
) -> None:
    async with client.session() as session:
        server.held = True
        await session.send(picture(4))
        refining = asyncio.create_task(session.refine())
        await until(server, lambda: isinstance(server.received[-1], wire.Refine))
        server.drop()
        await until(server, lambda: session.state == "reconnecting")
        server.held = False
        frame = await refining
    assert (frame.stage, shade(frame.image)) == (Stage.FINAL, 4)


async def test_a_refine_of_words_alone_outlives_a_break(
    client: AsyncClient, server: FakeServer
) -> None:
    async with client.session() as session:
        server.held = True
        refining = asyncio.create_task(session.refine())
        await until(server, lambda: isinstance(server.received[-1], wire.Refine))
        server.drop()
        await until(server, lambda: session.state == "reconnecting")
        server.held = False
        assert (await refining).stage == Stage.FINAL
    asked = [m for m in server.received if isinstance(m, (wire.Input, wire.Refine))]
    assert isinstance(asked[-1], wire.Refine), "nothing newer gives it up"


async def test_a_server_that_stays_away_ends_the_session() -> None:
    async with FakeServer() as gone, AsyncClient(gone.url, retry=QUICK) as client:
        session = await client.session().open()
        gone.held = True  # so that no frame comes between
        await gone.__aexit__(None, None, None)
        gone.drop()
        with pytest.raises(ConnectionLost, match="3 attempts"):
            await session.next_frame()
        with pytest.raises(ConnectionLost):
            await session.update(seed=2)
        assert session.state == "closed"


@pytest.mark.parametrize(
    "error",
    [
        Unauthorized("no"),
        ModelNotFound("no"),
        InvalidParams("no"),
        ServerBusy("full", fix="later"),
    ],
)
async def test_a_refused_session_raises_on_opening(
    client: AsyncClient, server: FakeServer, error: LivedraftError
) -> None:
    server.refusals.append(error)
    with pytest.raises(type(error)):
        await client.session().open()


async def test_a_queue_is_told(client: AsyncClient, server: FakeServer) -> None:
    places: list[int] = []
    server.queue = [2, 1]
    async with client.session(on_queued=places.append) as session:
        assert session.state == "open"
    assert places == [2, 1]


async def test_no_server_is_told_at_once() -> None:
    async with FakeServer() as server:
        url = server.url
    async with AsyncClient(url) as client:
        with pytest.raises(ConnectFailed, match="livedraft serve"):
            await client.session().open()


async def test_a_closed_session_says_so(client: AsyncClient) -> None:
    session = client.session()
    with pytest.raises(SessionClosed, match="with"):
        await session.send(picture())
    await session.open()
    taking = asyncio.create_task(session.next_frame())
    await asyncio.sleep(0)
    await session.close()
    assert await taking is None
    await session.close()
    with pytest.raises(SessionClosed, match="new one"):
        await session.update(seed=1)
