"""A talk from beginning to end: frames and sound in step, and over when all is said."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.parrot import RATE, SAMPLES, TICK_US, Parrot, ParrotJob, serve_a_parrot
from tests.sdk.client.test_real_server import serving

from livedraft.client import AsyncClient, Client
from livedraft.errors import InvalidMedia, ModelNotFound
from livedraft.media.talk import Talk
from livedraft.protocol.messages import Note

pytestmark = pytest.mark.anyio
SPEECH = np.full(10 * SAMPLES, 7000, np.int16)


@pytest.fixture(autouse=True)
def with_a_parrot(monkeypatch: pytest.MonkeyPatch) -> None:
    serve_a_parrot(monkeypatch)


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    async with serving(models=("parrot", "echo")) as client:
        yield client


async def said(coming: AsyncIterator[Talk]) -> list[Talk]:
    return [talk async for talk in coming]


def loud(talk: Talk) -> bool:
    return bool(talk.sound.samples.any())


def in_step(talks: list[Talk]) -> None:
    """Check that each frame is of its sound: bright while it is loud, at the same time."""
    for talk in talks:
        assert (talk.frame.pts, talk.frame.duration) == (talk.sound.pts, talk.sound.duration)
        assert len(talk.frame) == 1
        assert (talk.frame.frames.max() > 128) == loud(talk) == (talk.state == "speaking")


async def test_sound_is_said_to_its_last_sample_and_then_it_is_over(client: AsyncClient) -> None:
    talks = await said(client.talk("parrot", audio=SPEECH))
    in_step(talks)
    spoken = [talk for talk in talks if loud(talk)]
    assert len(spoken) == 10
    assert talks[-1] is spoken[-1]
    heard = np.concatenate([talk.sound.samples[:, 0] for talk in spoken])
    assert np.array_equal(heard, SPEECH)


async def test_a_text_comes_with_its_words_at_their_times(client: AsyncClient) -> None:
    talks = await said(client.talk("parrot", text=["Hel", "lo"], avatar="ada", voice="en"))
    in_step(talks)
    words = [(word, talk.sound.pts) for talk in talks for word in talk.words]
    assert "".join(word.text for word, _ in words) == "Hello"
    assert all(word.at == pts and word.until == pts + TICK_US for word, pts in words)


async def test_notes_come_with_what_they_are_about(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = Parrot.step

    def noted(self: Parrot, jobs: Sequence[ParrotJob]) -> None:
        step(self, jobs)
        for job in jobs:
            job.notes = (Note(code="hungry", message="…", param="", choices=[]),)

    monkeypatch.setattr(Parrot, "step", noted)
    talks = await said(client.talk("parrot", text="Hi"))
    assert {note["code"] for talk in talks for note in talk.notes} == {"hungry"}
    assert max(talk.spoken_us for talk in talks) == 2 * TICK_US


async def test_why_a_head_that_ships_leaves_something_out_is_told() -> None:
    async with serving(models=("head",)) as real:
        for text in ("😀", "Hi. 😀"):
            talks = await said(real.talk(text=text))
            assert {note["code"] for talk in talks for note in talk.notes} == {"left_out"}


async def test_sound_comes_as_it_is_made(client: AsyncClient) -> None:
    async def spoken() -> AsyncIterator[bytes]:
        for at in range(0, len(SPEECH), 500):
            await asyncio.sleep(0)
            yield SPEECH[at : at + 500].tobytes()

    talks = await said(client.talk("parrot", audio=spoken(), sample_rate=RATE))
    assert sum(loud(talk) for talk in talks) == 10


async def test_a_portrait_goes_before_what_is_said(client: AsyncClient) -> None:
    face = Image.new("RGB", (64, 36), "teal")
    talks = await said(client.talk("parrot", portrait=face, text="x", consent=True))
    assert sum(loud(talk) for talk in talks) == 1
    unready = [talk for talk in talks if not talk.ready]
    assert len(unready) == 3
    assert not any(map(loud, unready)), "nothing is said before who says it is seen"


@pytest.mark.parametrize("nothing", [{"text": ""}, {"audio": b""}, {"audio": []}])
async def test_of_what_nothing_comes_it_is_over_soon(
    client: AsyncClient, nothing: dict[str, Any]
) -> None:
    talks = await said(client.talk("parrot", **nothing))
    assert not any(map(loud, talks))
    assert len(talks) * TICK_US < 2_000_000


async def test_who_takes_slowly_misses_frames_and_no_sound(client: AsyncClient) -> None:
    talks: list[Talk] = []
    speech = np.arange(50 * SAMPLES).astype(np.int16) % 20_000 + 1
    async for talk in client.talk("parrot", audio=speech):
        talks.append(talk)
        if len(talks) == 5:
            await said(client.talk("parrot", text="x" * 40))  # as long as that takes
    spoken = [talk for talk in talks if loud(talk)]
    heard = np.concatenate([talk.sound.samples[:, 0] for talk in spoken])
    assert np.array_equal(heard, speech)
    in_step(spoken)


@pytest.mark.parametrize(
    ("asked", "error", "why"),
    [
        ({}, InvalidMedia, "nothing to say"),
        ({"audio": SPEECH, "text": "x"}, InvalidMedia, "sound and text at once"),
        ({"audio": b"\x00"}, InvalidMedia, "no 16-bit samples"),
        ({"text": 7}, InvalidMedia, "is no text"),
    ],
)
async def test_what_cannot_be_said_is_refused(
    client: AsyncClient, asked: dict[str, Any], error: type[Exception], why: str
) -> None:
    with pytest.raises(error, match=why):
        await said(client.talk("parrot", **asked))
    with pytest.raises(ModelNotFound, match="did you mean 'parrot'"):
        await said(client.talk("parot", text="x"))


async def test_who_leaves_early_closes_the_session(client: AsyncClient) -> None:
    async for _ in client.talk("parrot", text="x" * 1000):
        break
    talks = client.talk("parrot", text="x" * 1000)
    await anext(talks)
    await talks.aclose()


def test_the_blocking_client_talks() -> None:
    async def main() -> None:
        async with serving(models=("parrot",)) as served:

            def talked() -> int:
                with Client(served.url) as client:
                    for _ in client.talk("parrot", text="x" * 1000):
                        break
                    return sum(loud(talk) for talk in client.talk("parrot", audio=SPEECH))

            assert await asyncio.to_thread(talked) == 10

    asyncio.run(main())
