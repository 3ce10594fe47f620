"""Text up and an interruption, from Python, before a real server with a double of a talker."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import numpy as np
import pytest
from tests.fake_server import FakeServer
from tests.parrot import RATE, serve_a_parrot
from tests.sdk.client.test_real_server import serving

from livedraft.client import AsyncClient, AsyncSession, Client
from livedraft.errors import InvalidMedia, SessionClosed, VersionMismatch
from livedraft.media.chunks import AudioChunk
from livedraft.media.text import PART, parts
from livedraft.protocol import messages as wire

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def with_a_parrot(monkeypatch: pytest.MonkeyPatch) -> None:
    serve_a_parrot(monkeypatch)


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    async with serving(models=("parrot", "echo")) as client:
        yield client


@pytest.fixture
async def session(client: AsyncClient) -> AsyncIterator[AsyncSession]:
    async with client.session("parrot") as session:
        yield session


async def heard(session: AsyncSession, done: Callable[[str], bool]) -> str:
    """Return the letters of what is said, up to where it is enough."""
    said, before = "", -1
    async for output in session.outputs():
        if isinstance(output, AudioChunk):
            assert output.pts > before
            before = output.pts
            said += "".join(word["text"] for word in session.data["words"])
            if done(said):
                return said
    raise AssertionError(said)


async def silent(session: AsyncSession, ticks: int = 5) -> None:
    """Return after so many ticks in which nothing is heard, the first of which is the next."""
    left = ticks
    async for output in session.outputs():
        if isinstance(output, AudioChunk):
            assert not output.samples.any()
            left -= 1
            if not left:
                return


async def test_a_text_is_said_after_the_one_before(session: AsyncSession) -> None:
    await session.speak("Hallo, ")
    await session.speak("🦊!")
    assert await heard(session, lambda said: said.endswith("!")) == "Hallo, 🦊!"


async def test_pieces_come_from_any_iterator(session: AsyncSession) -> None:
    gate = threading.Event()

    def slowly() -> Iterator[str]:
        yield "a"
        assert gate.wait(60), "the loop goes on meanwhile"
        yield "b"

    async def written() -> AsyncIterator[str]:
        yield "c"
        yield "d"

    saying = asyncio.create_task(session.speak(slowly()))
    assert await heard(session, lambda said: said == "a") == "a"
    gate.set()
    await saying
    await session.speak(written())
    await session.speak(["e", "", "f"])
    assert await heard(session, lambda said: "f" in said) == "bcdef"


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("", []),
        (["a\ud83e", "\udd8ab"], ["a", "🦊b"]),
        ("\ud83e", ["\ufffd"]),
        (["\udd8a", "x"], ["\ufffd", "x"]),
        ("a\x00b\tc\n", ["a b\tc\n"]),
        ("🦊" * (PART + 1), ["🦊" * PART, "🦊"]),
    ],
)
async def test_what_is_sent_is_whole_characters(given: Any, sent: list[str]) -> None:
    assert [part async for part in parts(given)] == sent


@pytest.mark.parametrize("given", [7, None, [7], b"bytes"])
async def test_what_is_no_text_is_refused(session: AsyncSession, given: Any) -> None:
    with pytest.raises(InvalidMedia, match="is no text"):
        await session.speak(given)
    await session.speak("x")
    assert await heard(session, lambda said: bool(said)) == "x"


async def test_a_hundred_kilobytes_are_taken_and_more_at_once_are_not(
    session: AsyncSession,
) -> None:
    await session.speak("x" * 100_000)
    await session.interrupt()
    with pytest.raises(InvalidMedia, match="more than 100000 characters") as refused:
        await session.speak("x" * 100_001)
    assert "the rest once they were heard" in refused.value.fix


async def test_nothing_that_was_said_before_an_interruption_is_yielded_after_it(
    session: AsyncSession,
) -> None:
    await session.speak("x" * 1000)
    await session.send(np.full(60 * RATE, 3000, np.int16))  # a minute in one
    await heard(session, lambda said: len(said) == 3)
    await session.interrupt()
    await silent(session)
    await session.speak("y")
    assert await heard(session, lambda said: bool(said)) == "y"


async def test_an_interruption_before_anything_and_in_a_storm(session: AsyncSession) -> None:
    await session.interrupt()
    await silent(session, 1)
    for number in range(200):
        await session.speak(f"{number}")
        await session.interrupt()
    await session.speak("end")
    assert await heard(session, lambda said: len(said) == 3) == "end"


async def test_an_interruption_takes_back_what_is_still_being_written(
    session: AsyncSession,
) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def endless() -> AsyncIterator[str]:
        try:
            while True:
                yield "x"
                begun.set()
                await go.wait()
        finally:
            ended.set()

    go = asyncio.Event()
    saying = asyncio.create_task(session.speak(endless()))
    await begun.wait()
    await session.interrupt()
    await session.speak("y")  # though the one before waits for its next piece
    assert await heard(session, lambda said: bool(said)) == "y"
    go.set()
    await saying
    assert ended.is_set(), "its source is told to end"


async def test_sound_of_single_samples_is_said(session: AsyncSession) -> None:
    for at in range(960):
        await session.send(AudioChunk(np.full((1, 1), 5000, np.int16), RATE, at * 42))
    async for output in session.outputs():
        if isinstance(output, AudioChunk) and output.samples.any():
            return


async def test_a_model_without_text_says_so(client: AsyncClient) -> None:
    async with client.session("echo") as session:
        with pytest.raises(InvalidMedia, match="takes no text"):
            await session.speak("x")
        await session.interrupt()  # nothing is under way
    with pytest.raises(SessionClosed):
        await session.interrupt()
    with pytest.raises(SessionClosed):
        await session.speak("x")


def test_the_blocking_client_speaks_and_interrupts() -> None:
    async def serve(ready: "asyncio.Future[str]", over: asyncio.Event) -> None:
        async with serving(models=("parrot",)) as served:
            ready.set_result(served.url)
            await over.wait()

    async def main() -> None:
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        over = asyncio.Event()
        serving_it = asyncio.create_task(serve(ready, over))
        said = await asyncio.to_thread(talked, await ready)
        over.set()
        await serving_it
        assert said == "xy"

    def talked(url: str) -> str:
        said = ""
        with Client(url) as client, client.session("parrot") as session:
            session.speak(iter(["x" * 500]))
            for output in session.outputs():
                if isinstance(output, AudioChunk):
                    words = "".join(word["text"] for word in session.data["words"])
                    if not said and words:
                        said = words
                        session.interrupt()
                        session.speak("y")
                    elif words:
                        return said + words
        raise AssertionError(said)

    asyncio.run(main())


async def test_an_older_server_takes_no_text_and_ends_what_has_no_end() -> None:
    async with FakeServer(features=()) as server, AsyncClient(server.url) as client:
        async with client.session() as session:
            with pytest.raises(VersionMismatch, match="takes no text"):
                await session.speak("x")
            await session.interrupt()
            await session.update(seed=1)  # answered after it
            assert any(isinstance(message, wire.Cancel) for message in server.received)
