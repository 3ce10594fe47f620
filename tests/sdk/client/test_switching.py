"""The model of a live session changes: what stays, what is told, and what breaks in between."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from tests.sdk.client.drawn import picture, shade
from tests.sdk.client.switching import LARGE, Two, heard, two_models

from livedraft.client.terms import Timeouts
from livedraft.errors import (
    InvalidParams,
    ModelNotFound,
    SessionClosed,
    SessionError,
    TimedOut,
    VersionMismatch,
)
from livedraft.protocol import messages as wire

pytestmark = pytest.mark.anyio


def circle(side: int) -> Image.Image:
    image = Image.new("RGBA", (side, side))
    ImageDraw.Draw(image).ellipse((9, 9, side - 9, side - 20), "teal", "black", 7)
    return image


async def test_the_drawing_is_sent_anew_as_large_as_the_other_model_reads_it() -> None:
    drawn = circle(300)
    async with two_models() as (_, client):
        async with client.session("large") as fresh:
            await fresh.send(drawn)
            wanted = await fresh.next_frame()
        async with client.session("small") as session:
            await session.send(drawn)
            small = await session.next_frame()
            drawn.paste("red", (0, 0, 300, 300))  # what was sent stays as it was
            await session.switch("large")
            large = await session.next_frame()
    assert wanted is not None
    assert small is not None
    assert large is not None
    assert (small.image.size, large.image.size) == ((64, 64), (128, 128))
    np.testing.assert_array_equal(np.asarray(large.image), np.asarray(wanted.image))


@pytest.mark.parametrize("kind", ["array", "bytes", "path"])
async def test_whatever_holds_a_picture_is_kept_as_it_was(
    kind: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("drawn") / "drawn.png"
    drawn = circle(300)
    drawn.save(path)
    array = np.array(drawn)
    given: Any = {"array": array, "bytes": path.read_bytes(), "path": path}[kind]
    async with two_models() as (_, client), client.session("small") as session:
        await session.send(given)
        assert await session.next_frame() is not None
        array[:] = 0
        path.unlink()
        await session.switch("large")
        large = await session.next_frame()
    assert large is not None
    wanted = circle(300)
    wanted.thumbnail((128, 128))
    assert large.image.size == (128, 128)
    alpha = np.asarray(large.image.convert("RGBA"))[..., 3]
    assert abs(float(alpha.mean()) - float(np.asarray(wanted)[..., 3].mean())) < 1


async def test_params_that_suit_stay_and_the_others_are_told() -> None:
    async with two_models() as (two, client):
        async with client.session("small", prompt="a fox", steps=6) as session:
            await session.update(seed=7)
            changed = await session.switch("large", style="ink")
            assert changed.model.id == session.model.id == "large"
            assert changed.params == session.params
            assert (changed.params["prompt"], changed.params["seed"]) == ("a fox", 7)
            assert changed.params["style"] == "ink"
            assert changed.dropped == {"steps": 6}, "which it takes otherwise"
            two.resumes = False
            two.breaks = {"params": "before"}
            assert (await session.update(prompt="a cat"))["prompt"] == "a cat"
    again = two.of(wire.Open)[-1]
    assert again.model == "large", "a fresh session begins where this one was"
    assert again.params == {"prompt": "a fox", "seed": 7, "style": "ink"}


async def test_what_is_refused_changes_nothing() -> None:
    async with two_models() as (two, client), client.session("large", seed=7) as session:
        await session.send(picture(3))
        with pytest.raises(ModelNotFound) as caught:
            await session.switch("smal")
        assert caught.value.fix == "did you mean 'small'?"
        with pytest.raises(InvalidParams, match="style"):
            await session.switch("small", style="ink")
        assert session.model.id == "large"
        await session.send({"drawing": picture(5, 128)})
        frame = await session.next_frame()
        while frame is not None and shade(frame.image) != 5:
            frame = await session.next_frame()
        assert frame is not None
        assert (frame.model, frame.image.size) == ("large", (128, 128))
        assert len(two.of(wire.Switch)) == 1, "a name that is none is not even sent"


async def test_a_model_that_came_later_is_found() -> None:
    async with two_models() as (two, client), client.session("small") as session:
        two.models = [two.models[0]]
        with pytest.raises(ModelNotFound):
            await session.switch("large")
        two.models = [two.models[0], LARGE]
        assert (await session.switch("large")).model.id == "large"


@pytest.mark.parametrize("broken", ["before", "after"])
async def test_a_break_in_between_loses_nothing(broken: str) -> None:
    """The switch had taken effect, and the answer was lost; or it had not."""
    async with two_models() as (two, client), client.session("small", seed=7) as session:
        await session.send(circle(300))
        assert await session.next_frame() is not None
        two.breaks = {"switch": broken}
        changed = await session.switch("large", style="ink")
        assert (changed.model.id, changed.params["style"]) == ("large", "ink")
        frame = await session.next_frame()
        assert frame is not None
        assert (frame.model, frame.image.size) == ("large", (128, 128))
        assert len(two.of(wire.Switch)) == (1 if broken == "after" else 2)
        await session.send(circle(200))
        frame = await session.next_frame()
        assert frame is not None
        assert frame.image.size == (128, 128)


async def test_a_lost_session_is_opened_afresh_and_switched() -> None:
    async with two_models() as (two, client), client.session("small", seed=7) as session:
        await session.send(circle(300))
        assert await session.next_frame() is not None
        two.resumes = False
        two.breaks = {"switch": "after"}
        changed = await session.switch("large")
        assert (changed.model.id, changed.params["seed"]) == ("large", 7)
        frame = await session.next_frame()
        assert frame is not None
        assert (frame.model, frame.image.size) == ("large", (128, 128))


async def test_what_is_sent_meanwhile_is_for_the_model_that_comes() -> None:
    async with two_models() as (two, client), client.session("small") as session:
        await session.send(circle(300))
        assert await session.next_frame() is not None
        switching = asyncio.create_task(session.switch("large"))
        sending = asyncio.create_task(session.send(circle(400), seed=9))
        await switching
        await sending
        await heard(two, lambda two: len(two.of(wire.Input)) == 2)
        frame = await session.next_frame()
        while frame is not None and frame.params["seed"] != 9:
            frame = await session.next_frame()
        assert frame is not None
        assert (frame.model, frame.image.size) == ("large", (128, 128))


def came(inputs: int, two: Two) -> bool:
    return len(two.of(wire.Input)) == inputs


async def test_frames_of_the_model_before_are_not_taken_for_new_ones() -> None:
    async with two_models() as (two, client), client.session("small") as session:
        for number in range(3):  # of which nobody takes a frame: the server waits for one to be
            await session.send(picture(number))
            await heard(two, partial(came, number + 1))
        await session.switch("large")
        frame = await session.next_frame()
        assert frame is not None
        assert frame.model == "large"


async def test_a_refine_of_the_model_before_is_given_up() -> None:
    async with two_models() as (two, client), client.session("small") as session:
        refining = asyncio.create_task(session.refine())
        await heard(two, lambda two: bool(two.of(wire.Refine)))
        await session.switch("large")
        with pytest.raises(SessionError, match="the model is another one"):
            await refining


async def test_one_that_nobody_answers_is_given_up_in_time() -> None:
    async with two_models(Timeouts(update_s=0.2, close_s=0.1)) as (two, client):
        async with client.session("small") as session:
            two.mute = True
            with pytest.raises(TimedOut) as caught:
                await session.switch("large")
            assert "update_s" in caught.value.fix
            two.mute = False
            assert (await session.switch("large")).model.id == "large"


async def test_an_older_server_is_told_apart() -> None:
    async with two_models() as (two, client):
        two.features = ["media"]
        async with client.session("small") as session:
            with pytest.raises(VersionMismatch) as caught:
                await session.switch("large")
            assert caught.value.fix == "update the server"
            assert not two.of(wire.Switch)
        with pytest.raises(SessionClosed):
            await session.switch("large")
