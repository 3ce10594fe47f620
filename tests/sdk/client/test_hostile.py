"""No server keeps a client waiting: each call ends in time, in an error of ours that says a fix."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from PIL import Image
from tests.sdk.client.hostile import (
    EARLY,
    LATE,
    NEVER_OPENS,
    OPENS,
    RAW,
    frame,
    opened,
    raw,
    saying,
    talking,
)
from websockets.asyncio.server import ServerConnection

from livedraft.client import AsyncClient
from livedraft.client.session import AsyncSession
from livedraft.client.terms import Retry, Timeouts
from livedraft.errors import (
    BadMessage,
    ConnectionLost,
    LivedraftError,
    TimedOut,
    VersionMismatch,
)
from livedraft.media.images import encode
from livedraft.protocol import messages as wire

pytestmark = pytest.mark.anyio

QUICK = Retry(attempts=2, first_s=0.01, longest_s=0.01)
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
        ("a newer shape", BadMessage, "queued.position"),
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


async def test_a_callback_s_own_timeout_is_not_taken_for_the_server_s() -> None:
    def fail(place: int) -> None:
        raise TimeoutError

    async with talking(saying(wire.Queued(position=1))) as url:
        async with AsyncClient(url, timeouts=LATE, retry=QUICK) as client:
            error = await refused(client.session(on_queued=fail).open())
    assert type(error) is not TimedOut
    assert "TimeoutError" in str(error)


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


def _png() -> bytes:
    return encode(Image.new("RGB", (1, 1)))
