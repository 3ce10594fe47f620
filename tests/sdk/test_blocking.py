"""The blocking client: the same sessions from threads without a loop, and from under one."""

import asyncio
import concurrent.futures
import threading
from collections.abc import Iterator

import pytest
from PIL import Image

from livedraft.blocking import Client
from livedraft.errors import InvalidParams, SessionClosed
from livedraft.protocol.messages import Stage
from livedraft.testing import FakeServer


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
