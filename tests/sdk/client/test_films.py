"""Films and pictures asked for by their own words, of our models and a provider's: none in vain."""

import threading
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from tests.fal_double import FalDouble
from tests.runtime.models.providers.asking import png
from tests.runtime.transports.test_films import (
    NAMED,
    UNNAMED,
    fal,
    film_at_fal,
    url,
)

import livedraft as ld
from livedraft.client import AsyncClient, Client, RefineProgress
from livedraft.errors import InvalidParams, SessionError

__all__ = ["fal", "film_at_fal", "url"]
WAN: dict[str, Any] = {"prompt": "a fox", "seconds": 0.5}


def split(pieces: Any) -> tuple[list[ld.VideoChunk], list[ld.AudioChunk]]:
    every = list(pieces)
    return (
        [each for each in every if isinstance(each, ld.VideoChunk)],
        [each for each in every if isinstance(each, ld.AudioChunk)],
    )


def test_each_kind_of_model_answers_its_own_word_and_no_other(url: str, fal: FalDouble) -> None:
    with Client(url) as client:
        with client.session("wan", **WAN) as session:
            with pytest.raises(InvalidParams, match="wan makes no picture, but films") as refused:
                session.refine(steps=1)
            assert "film()" in refused.value.fix
            frames, sounds = split(session.film(steps=1))
            assert (sum(map(len, frames)), sounds) == (9, [])
        with client.session("echo") as session:
            session.send(np.zeros((8, 8, 3), np.uint8))
            with pytest.raises(InvalidParams, match="echo makes no film, but pictures") as refused:
                list(session.film())
            assert "refine()" in refused.value.fix
            assert session.refine(steps=1).stage == "final"
        asked = len(fal.asked)
        with client.session(NAMED) as session:
            with pytest.raises(InvalidParams, match="makes no picture, but films"):
                session.refine(prompt="x")
            assert len(fal.asked) == asked, "nothing was paid for"
            frames, sounds = split(session.film(prompt="x"))
            assert [round(each.frames.mean() / 40) for each in frames] == [0, 1, 2, 3, 4]
            assert sum(map(len, sounds)) >= 24_000


def test_what_nobody_said_before_is_said_as_it_comes(url: str, fal: FalDouble) -> None:
    with Client(url) as client, client.session(UNNAMED) as session:
        with pytest.raises(InvalidParams, match="makes no picture, but films"):
            session.refine(prompt="x")
        assert len(split(session.film(prompt="x"))[0]) == 5
        fal.offer("made.png", "image/png", png())
        with pytest.raises(InvalidParams, match="makes no film, but pictures"):
            list(session.film(prompt="x"))
        assert session.refine(prompt="x").image.size == (64, 48)


def test_another_model_that_refines_makes_the_film(url: str) -> None:
    with Client(url) as client, client.session("echo", refine_model="wan") as session:
        session.send(np.zeros((8, 8, 3), np.uint8), prompt="a fox")
        with pytest.raises(InvalidParams, match="wan makes no picture, but films"):
            session.refine()
        frames, _ = split(session.film(seconds=0.5, steps=1))
        assert sum(map(len, frames)) == 9
        session.refine_model = "echo"
        assert session.refine(steps=1).model == "echo"
        session.refine_model = NAMED
        assert len(split(session.film(prompt="x"))[0]) == 5


async def taken(film: AsyncIterator[ld.VideoChunk | ld.AudioChunk]) -> int:
    return sum([len(each) async for each in film])


@pytest.mark.anyio
async def test_who_leaves_a_film_or_does_something_newer_goes_on(url: str) -> None:
    async with AsyncClient(url) as client, client.session("wan", **WAN) as session:
        film = session.film(steps=1)
        assert isinstance(await anext(film), ld.VideoChunk)
        await film.aclose()
        film = session.film(steps=1)
        first = await anext(film)
        await session.update(prompt="two birds")
        with pytest.raises(SessionError, match="newer input came"):
            await taken(film)
        assert isinstance(first, ld.VideoChunk)
        assert await taken(session.film(steps=1)) == 9


def test_the_place_in_a_provider_s_queue_is_heard_while_it_waits(url: str, fal: FalDouble) -> None:
    fal.statuses = [{"status": "IN_QUEUE", "queue_position": 2}]
    fal.held.clear()
    heard: list[str] = []
    there = threading.Event()

    def hear(progress: RefineProgress) -> None:
        heard.extend(note["message"] for note in progress.notes)
        if any("Position 3 in the provider's queue" in each for each in heard):
            there.set()
            fal.held.set()

    with Client(url) as client, client.session(NAMED, on_progress=hear) as session:
        frames, _ = split(session.film(prompt="x"))
    assert there.is_set()
    assert len(frames) == 5


def test_steps_of_a_final_picture_are_heard_in_order(url: str) -> None:
    steps: list[tuple[int, int]] = []
    with Client(url) as client:
        with client.session("wan", on_progress=lambda p: steps.append(p[:2]), **WAN) as session:
            list(session.film(steps=3))
    counted = [step for step, of in steps if of]
    assert counted == sorted(counted)
    assert counted[-1] <= 3
