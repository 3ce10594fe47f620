"""No server keeps a client waiting: each call ends in time, in an error of ours that says a fix."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from PIL import Image
from tests.sdk.hostile import CODEC, NEVER_OPENS, OPENS, RAW, frame, opened, raw, saying, talking
from websockets.asyncio.server import ServerConnection

from livedraft.blocking import Client, Session
from livedraft.client import AsyncClient
from livedraft.errors import (
    BadMessage,
    ConnectFailed,
    ConnectionLost,
    LivedraftError,
    SessionClosed,
    SessionError,
    SessionIdle,
    TimedOut,
    VersionMismatch,
)
from livedraft.frame import Frame
from livedraft.media.images import encode
from livedraft.protocol import messages as wire
from livedraft.protocol.codec import client_codec
from livedraft.session import AsyncSession
from livedraft.terms import Retry, Timeouts

pytestmark = pytest.mark.anyio

QUICK = Retry(attempts=2, first_s=0.01, longest_s=0.01)
EARLY = Timeouts(connect_s=0.3, open_s=0.3, queue_s=0.3, generate_s=0.3, close_s=0.1)
LATE = Timeouts(update_s=0.2, frame_s=0.2, refine_s=0.2, close_s=0.1)  # the rest is in time
SKETCH = Image.new("RGB", (8, 8))

Call = Callable[[AsyncSession], Awaitable[object]]


async def refused(work: Awaitable[object]) -> LivedraftError:
    """Return the error that it ends in, soon."""
    async with asyncio.timeout(10):
        with pytest.raises(LivedraftError) as caught:
            await work
    error = caught.value
    assert len(str(error)) < 2500
    assert str(error).isprintable()
    return error


@pytest.mark.parametrize("name", RAW)
async def test_what_is_no_server_is_told(name: str) -> None:
    async with raw(RAW[name]) as url, AsyncClient(url, timeouts=EARLY, retry=QUICK) as client:
        for work in (client.models(), client.generate("a cat", model="fake")):
            error = await refused(work)
            assert error.fix or name == "an error of another kind"
        assert (await refused(client.session().open())).fix or "error" in name


@pytest.mark.parametrize("name", NEVER_OPENS)
async def test_a_session_that_never_opens_is_given_up(name: str) -> None:
    async with talking(NEVER_OPENS[name]) as url:
        async with AsyncClient(url, timeouts=EARLY, retry=QUICK) as client:
            session = client.session()
            await refused(session.open())
            assert session.state == "closed"
            await refused(session.next_frame())
            await refused(session.send(SKETCH))


@pytest.mark.parametrize(
    ("name", "expected", "says"),
    [
        ("says nothing", TimedOut, "open_s"),
        ("fails for ever", TimedOut, "open_s"),
        ("queues for ever", TimedOut, "queue_s"),
        ("queues once", TimedOut, "queue_s"),
        ("another version", VersionMismatch, "version 2"),
        ("refuses the version", VersionMismatch, "upgrade"),
        ("a newer shape", BadMessage, "eta"),
        ("no model", BadMessage, "model"),
        ("breaks off", ConnectionLost, "broke"),
    ],
)
async def test_why_it_never_opened_is_told(
    name: str, expected: type[LivedraftError], says: str
) -> None:
    async with talking(NEVER_OPENS[name]) as url:
        async with AsyncClient(url, timeouts=EARLY, retry=QUICK) as client:
            error = await refused(client.session().open())
    assert type(error) is expected
    assert says in str(error)


async def _send(session: AsyncSession) -> None:
    for _ in range(20):  # one or another finds out
        await session.send(SKETCH)
        frame = await session.next_frame()
        assert frame is None, "no sound frame ever comes"


async def _frames(session: AsyncSession) -> None:
    await session.send(SKETCH)
    async for _ in session.frames():
        pytest.fail("no sound frame ever comes")


CALLS: dict[str, Call] = {
    "update": lambda session: session.update(seed=1),
    "refine": lambda session: session.refine(),
    "next_frame": lambda session: session.next_frame(),
    "send": _send,
    "frames": _frames,
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", OPENS)
async def test_a_session_that_turns_bad_is_not_waited_for(name: str, call: str) -> None:
    async with talking(OPENS[name]) as url:
        async with AsyncClient(url, timeouts=LATE, retry=QUICK) as client:
            session = client.session()

            async def work() -> None:
                await session.open()
                await CALLS[call](session)

            await refused(work())
            async with asyncio.timeout(5):
                await session.close()


async def test_a_server_that_flaps_is_left_though_each_connection_works() -> None:
    opens = 0

    async def flap(socket: ServerConnection) -> None:
        nonlocal opens
        opens += 1
        await saying(opened(), frame(id=0, image=_png()), then="drop")(socket)

    async with talking(flap) as url, AsyncClient(url, timeouts=LATE, retry=QUICK) as client:
        session = await client.session().open()

        async def draw() -> None:
            async for _ in session.frames():
                await session.send(SKETCH)

        error = await refused(draw())
        assert type(error) is ConnectionLost
        assert "2 attempts" in str(error)
    assert opens == 3


async def test_a_connection_that_held_is_no_flap() -> None:
    opens = 0

    async def hold(socket: ServerConnection) -> None:
        nonlocal opens
        opens += 1
        await saying(opened(), then="drop" if opens < 6 else "mute")(socket)

    steady = Retry(attempts=1, first_s=0.01, longest_s=0.01, steady_s=0)
    async with talking(hold) as url, AsyncClient(url, timeouts=LATE, retry=steady) as client:
        session = await client.session().open()
        async with asyncio.timeout(10):
            while opens < 6 or session.state != "open":
                await asyncio.sleep(0)
        await session.close()


async def test_frames_waits_as_long_as_nothing_is_due() -> None:
    async with talking(saying(opened())) as url:
        async with AsyncClient(url, timeouts=LATE, retry=QUICK) as client:
            session = await client.session().open()
            stream = asyncio.ensure_future(anext(session.frames()))
            await asyncio.wait([stream], timeout=2 * (LATE.frame_s or 0))
            assert not stream.done(), "nothing was asked for"
            await session.send(SKETCH)
            with pytest.raises(TimedOut, match="frame_s"):
                async with asyncio.timeout(5):
                    await stream
            await session.close()


async def test_none_waits_without_end() -> None:
    patient = Timeouts(update_s=None, frame_s=None, refine_s=None, open_s=None, close_s=0.1)
    async with talking(saying(opened())) as url, AsyncClient(url, timeouts=patient) as client:
        session = await client.session().open()
        works = [session.update(seed=1), session.next_frame(), session.refine()]
        waiting = [asyncio.create_task(work) for work in works]
        await asyncio.wait(waiting, timeout=0.3)
        assert not any(task.done() for task in waiting)
        await session.close()
        await asyncio.gather(*waiting, return_exceptions=True)


@asynccontextmanager
async def idling(rounds: int = 1) -> AsyncIterator[tuple[str, list[wire.Open]]]:
    """Serve one who ends so many connections as idle, by message and code, then holds."""
    opens: list[wire.Open] = []

    async def talk(socket: ServerConnection) -> None:
        data = await socket.recv()
        message = client_codec().decode(data)
        assert isinstance(message, wire.Open)
        opens.append(message)

        await socket.send(CODEC.encode(opened(resumed=bool(message.resume))))
        if len(opens) <= rounds:
            await socket.send(CODEC.encode(wire.Close(code="idle")))
            await socket.close(4408)
            return
        while True:
            got = client_codec().decode(await socket.recv())
            if isinstance(got, wire.ParamsUpdate):
                await socket.send(CODEC.encode(wire.Ack(id=got.id, params=got.params)))
                await socket.send(CODEC.encode(frame(id=got.id, image=_png())))

    async with talking(talk) as url:
        yield url, opens


async def test_an_idle_session_is_told_and_goes_on_at_the_next_word() -> None:
    async with idling() as (url, opens), AsyncClient(url, timeouts=LATE) as client:
        session = await client.session().open()
        stream = asyncio.ensure_future(anext(session.frames()))
        error = await refused(stream)
        assert type(error) is SessionIdle
        assert "send" in error.fix
        assert session.state == "idle"
        assert len(opens) == 1, "it keeps away by itself"
        assert type(await refused(session.next_frame())) is SessionIdle
        async with asyncio.timeout(5):
            assert await session.update(seed=5) == {"seed": 5}
            assert await session.next_frame() is not None
        assert str(session.state) == "open"
        assert [one.resume for one in opens] == ["", "r"]
        await session.close()


async def test_an_idle_session_can_be_closed() -> None:
    async with idling() as (url, _), AsyncClient(url, timeouts=LATE) as client:
        session = await client.session().open()
        await refused(session.next_frame())
        async with asyncio.timeout(5):
            await session.close()
        assert await session.next_frame() is None


def test_blocking_calls_end_in_time_too() -> None:
    found: list[str] = []

    async def scene() -> None:
        async with talking(saying(opened())) as url, raw(RAW["silent"]) as mute:
            found.extend(await asyncio.to_thread(blocked, url, mute))

    def blocked(url: str, mute: str) -> list[str]:
        ends = []
        with Client(url, timeouts=LATE) as client, client.session() as session:
            begun = time.monotonic()
            works: list[Callable[[], object]] = [
                lambda: session.update(seed=1),
                session.refine,
                session.next_frame,
                lambda: next(_sent(session)),
            ]
            for work in works:
                with pytest.raises(TimedOut) as caught:
                    work()
                ends.append(caught.value.fix)
            assert time.monotonic() - begun < 10
        with Client(mute, timeouts=EARLY) as client:
            works = [client.models, client.generate, client.session().open]
            for work in works:
                with pytest.raises((TimedOut, ConnectFailed)) as late:
                    work()
                ends.append(late.value.fix)
        return ends

    asyncio.run(scene())
    assert len(found) == 7
    assert all(found)


def test_a_callback_that_would_wait_for_itself_is_refused() -> None:
    errors: list[BaseException] = []

    def blocked(url: str) -> None:
        with Client(url, timeouts=EARLY) as client:

            def on_queued(place: int) -> None:
                try:
                    client.models()
                except LivedraftError as error:
                    errors.append(error)

            with pytest.raises(TimedOut):
                client.session(on_queued=on_queued).open()

    async def scene() -> None:
        async with talking(saying(wire.Queued(position=1))) as url:
            await asyncio.to_thread(blocked, url)

    asyncio.run(scene())
    assert [type(error) for error in errors] == [SessionError]


def test_a_client_that_is_closed_elsewhere_ends_what_waits() -> None:
    def blocked(url: str) -> None:
        with Client(url) as client:
            threading.Timer(0.1, client.close).start()
            with pytest.raises((SessionClosed, ConnectionLost)):
                client.generate("a cat")

    async def scene() -> None:
        async with raw(RAW["silent"]) as url:
            await asyncio.to_thread(blocked, url)

    asyncio.run(scene())


def _sent(session: Session) -> Iterator[Frame]:
    session.send(SKETCH)
    return session.frames()


def _png() -> bytes:
    return encode(Image.new("RGB", (1, 1)))
