"""The head that ships, by the client, by somebody who does not hold still."""

from collections.abc import AsyncIterator
from itertools import pairwise

import numpy as np
import pytest
from skimage import data
from tests.sdk.client.test_real_server import serving

from livedraft.client import AsyncClient, AsyncSession
from livedraft.errors import BadInput, InvalidImage, InvalidParams
from livedraft.media.chunks import AudioChunk

pytestmark = pytest.mark.anyio

NEVER = "a word that is never said"
MOST = 1500  # outputs, half a minute: who has not said it by then never does


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    async with serving(models=("head",)) as client:
        yield client


async def heard(session: AsyncSession, last: str) -> list[tuple[str, AudioChunk]]:
    """Return each tick's words with its sound, up to a word."""
    found: list[tuple[str, AudioChunk]] = []
    taken = 0
    async for output in session.outputs():
        taken += 1
        assert taken < MOST, f"{last} is not said: {found}"
        if isinstance(output, AudioChunk):
            words = " ".join(word["text"] for word in session.data.get("words", ()))
            found.append((words, output))
            if words.endswith(last):
                break
    return found


def said(ticks: list[tuple[str, AudioChunk]]) -> list[str]:
    return [word for words, _ in ticks for word in words.split()]


async def test_after_a_hundred_interruptions_only_what_came_last_is_said(
    client: AsyncClient,
) -> None:
    async with client.session("head") as session:
        for _ in range(100):
            await session.speak("Nobody hears any of this.")
            await session.interrupt()
        await session.speak("Over now.")
        assert said(await heard(session, "now.")) == ["Over", "now."]


async def test_no_word_is_lost_by_what_changes_meanwhile(client: AsyncClient) -> None:
    async with client.session("head") as session:
        await session.speak("One two three four five six.")
        ticks = await heard(session, "One")
        for changed in (
            {"avatar": "kofi"},
            {"voice": "de-DE", "speed": 2.0},
            {"badge": False},
            {"consent": True},
        ):
            await session.update(**changed)
        await session.send({"portrait": data.astronaut()})
        ticks += await heard(session, "three")
        await session.send({"portrait": np.tile(data.astronaut(), (1, 2, 1))})  # two faces
        with pytest.raises(InvalidParams, match="no voice 'xx'"):
            await session.update(voice="xx")
        ticks += await heard(session, "four")
        await session.send({"portrait": None})
        ticks += await heard(session, "six.")
        assert said(ticks) == ["One", "two", "three", "four", "five", "six."]
        sounds = [sound for _, sound in ticks]
        assert all(a.end <= b.pts for a, b in pairwise(sounds))


async def test_who_takes_consent_back_ends_the_portrait_and_not_the_speech(
    client: AsyncClient,
) -> None:
    async with client.session("head", consent=True) as session:
        await session.send({"portrait": data.astronaut()})
        await session.speak("One two three four five six.")
        await heard(session, "One")
        await session.update(consent=False)
        with pytest.raises(BadInput, match="consent"):
            await heard(session, NEVER)
        await session.speak("Over now.")
        await heard(session, "now.")
        assert [note["code"] for note in session.notes] == ["no_consent"]


async def test_an_animal_in_the_middle_of_a_word_is_refused_and_the_head_speaks_on(
    client: AsyncClient,
) -> None:
    async with client.session("head", consent=True) as session:
        await session.speak("One two three four five six.")
        await heard(session, "One")
        await session.send({"portrait": data.chelsea()})  # a cat
        with pytest.raises(InvalidImage, match="no face"):  # once it was looked at
            await heard(session, NEVER)
        await session.speak("Over now.")
        await heard(session, "now.")
        assert [note["code"] for note in session.notes] == ["no_face"]
