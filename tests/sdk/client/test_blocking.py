"""The blocking client: the same sessions from threads without a loop, and from under one."""

import asyncio
import concurrent.futures
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from PIL import Image
from tests.fake_server import FakeServer
from tests.sdk.client.hostile import EARLY, LATE, RAW, opened, raw, saying, talking

from livedraft.client.blocking import Client, Session
from livedraft.client.frame import Frame
from livedraft.errors import (
    ConnectFailed,
    ConnectionLost,
    InvalidParams,
    LivedraftError,
    SessionClosed,
    SessionError,
    TimedOut,
)
from livedraft.protocol import messages as wire
from livedraft.protocol.messages import Stage

SKETCH = Image.new("RGB", (8, 8))


@pytest.fixture
def url() -> Iterator[str]:
    """Serve from a thread of its own, as a blocked test cannot."""
    ready, done = threading.Event(), asyncio.Event()
    found: list[tuple[str, asyncio.AbstractEventLoop]] = []

    async def serve() -> None:
        async with FakeServer() as server:
            found.append((server.url, asyncio.get_running_loop()))
            ready.set()
            await done.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    ready.wait(5)
    url, loop = found[0]
    yield url
    loop.call_soon_threadsafe(done.set)
    thread.join(5)


def test_a_session_from_start_to_end(url: str) -> None:
    with Client(url) as client, client.session("fake", prompt="a red fox") as session:
        session.send(Image.new("RGB", (64, 64), "white"))
        assert session.update(strength=0.7)["strength"] == 0.7
        for frame in session.frames():
            assert frame.stage is Stage.DRAFT
            if frame.params["strength"] == 0.7:
                break
        assert session.refine(seed=5).seed == 5
        assert session.model.id == "fake"
        with pytest.raises(InvalidParams):
            session.update(sed=1)
    assert session.state == "closed"


def test_closing_from_another_thread_ends_frames(url: str) -> None:
    with Client(url) as client, client.session() as session:
        threading.Timer(0.05, session.close).start()
        assert list(session.frames()) == []


def test_closing_the_client_closes_its_sessions(url: str) -> None:
    client = Client(url)
    session = client.session().open()
    client.close()
    client.close()
    assert session.state == "closed"
    with pytest.raises(SessionClosed):
        client.models()


def test_an_interrupt_leaves_a_client_that_can_be_closed(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Client(url) as client, client.session() as session:

        def interrupt(self: object, timeout: float | None = None) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(concurrent.futures.Future, "result", interrupt)
            with pytest.raises(KeyboardInterrupt):
                session.next_frame()
        assert session.update(seed=1)["seed"] == 1
    assert session.state == "closed"


@pytest.mark.anyio
async def test_it_works_where_a_loop_runs_already(url: str) -> None:
    with Client(url) as client, client.session() as session:  # as a notebook's cell does
        assert session.update(seed=3)["seed"] == 3


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
