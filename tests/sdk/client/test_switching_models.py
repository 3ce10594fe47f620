"""A live session goes on with another model of a real server, and shows what a fresh one would."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import ClassVar, Literal

import numpy as np
import pytest
from PIL import Image, ImageDraw

from livedraft.client import AsyncClient, AsyncSession, Client, Frame
from livedraft.errors import InvalidParams, ModelNotFound
from livedraft.media.chunks import AudioChunk
from livedraft.protocol.messages import Stage
from livedraft.runtime.config import Config
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.base import ImageInput, ModelInfo, Params, Request
from livedraft.runtime.models.echo import Echo, EchoJob, EchoParams
from livedraft.runtime.running import Thread, running

pytestmark = pytest.mark.anyio


class SmallParams(EchoParams):
    """Params that ``echo`` has not."""

    style: Literal["oil", "ink"] = "oil"


class Small(Echo):
    """A null model that reads 256 × 256 px with transparency, under another name."""

    info: ModelInfo = replace(
        Echo.info,
        id="small",
        width=256,
        height=256,
        alpha=True,
        inputs=(ImageInput("drawing", 256, 256, alpha=True, required=True),),
    )
    params: ClassVar[type[Params]] = SmallParams

    def _job(self, request: Request[EchoParams]) -> EchoJob:
        return super()._job(replace(request, inputs={"sketch": request.inputs["drawing"]}))


@pytest.fixture(autouse=True)
def table(monkeypatch: pytest.MonkeyPatch) -> None:
    load = MODELS.load
    monkeypatch.setattr(MODELS, "load", lambda name: Small if name == "small" else load(name))


@asynccontextmanager
async def serving(*models: str) -> AsyncIterator[AsyncClient]:
    config = Config(models=models or ("small", "echo"), port=0)
    async with running(config) as url, AsyncClient(url) as client:
        yield client


def painted(side: int) -> Image.Image:
    """Return a picture of which every size looks another way: fine lines and a gradient."""
    image = Image.linear_gradient("L").resize((side, side)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for at in range(0, side, 5):
        draw.line((at, 0, side - at, side), ("red", "teal", "white")[at % 3])
    return image


async def shown(session: AsyncSession, model: str, stage: Stage = Stage.DRAFT) -> Frame:
    while (frame := await session.next_frame()) is not None:
        if (frame.model, frame.stage) == (model, stage):
            return frame
    raise AssertionError("the session ended")


def same(one: Frame, other: Frame) -> None:
    assert one.image.size == other.image.size
    np.testing.assert_array_equal(np.asarray(one.image), np.asarray(other.image))


@pytest.mark.parametrize(
    ("first", "then", "size"), [("small", "echo", 512), ("echo", "small", 256)]
)
async def test_a_switched_session_shows_what_a_fresh_one_does(
    first: str, then: str, size: int
) -> None:
    async with serving() as client:
        async with client.session(then, seed=7) as fresh:
            await fresh.send(painted(700))
            wanted = await shown(fresh, then)
        async with client.session(first, seed=7) as session:
            await session.send(painted(700))
            await shown(session, first)
            await session.switch(then)
            frame = await session.next_frame()
            assert frame is not None, "the first after it is the new model's"
            same(frame, wanted)
            assert (frame.seed, frame.image.size) == (7, (size, size))
            await session.switch(first)
            await session.switch(then)
            same(await shown(session, then), wanted)


async def test_it_works_while_frames_are_under_way() -> None:
    async with serving() as client:
        async with client.session("echo") as fresh:
            await fresh.send(painted(600))
            wanted = await shown(fresh, "echo")
        async with client.session("small", delay_ms=40) as session:
            for _ in range(4):
                await session.send(painted(600))  # one is drawn, one waits there, one here
            changed = await session.switch("echo", delay_ms=0)
            assert changed.dropped == {}
            same(await shown(session, "echo"), wanted)
            final = await session.refine(steps=1)
            assert final.model == "echo"


async def test_what_refines_stays_when_the_drafts_change() -> None:
    async with serving() as client:
        async with client.session("small", refine_model="echo", seed=7) as session:
            await session.send(painted(700))
            assert (await session.refine(steps=1)).model == "echo"
            await session.switch("echo")
            assert (await session.refine(steps=1)).model == "echo"
            await session.switch("small", style="ink")
            await shown(session, "small")
            final = await session.refine(steps=1)
            assert (final.model, final.seed) == ("echo", 7), "as it was asked for at first"


async def test_what_refines_changes_with_a_word_and_is_again_what_drafts() -> None:
    async with serving() as client, client.session("small", seed=7) as session:
        await session.send(painted(700))
        assert (await session.refine(steps=1)).model == "small"
        for wanted in ("echo", "small", "echo"):
            session.refine_model = wanted
            assert (await session.refine(steps=1)).model == wanted
        session.refine_model = ""
        await session.switch("echo")
        await session.switch("small")
        assert (await session.refine(steps=1)).model == "small"
        session.refine_model = "eco"
        with pytest.raises(ModelNotFound, match="no model 'eco'"):
            await session.refine()
        with pytest.raises(InvalidParams, match="refine_model"):
            session.refine_model = "a\0b"
        assert session.refine_model == "eco"


async def test_what_makes_no_pictures_refuses_a_refine_at_once() -> None:
    async with serving("echo", "loopback") as client:
        async with client.session("loopback") as session:
            with pytest.raises(InvalidParams, match="loopback makes no picture, nor a film"):
                await session.refine()
        async with client.session("echo") as session:
            await session.send(painted(64))
            with pytest.raises(InvalidParams, match="echo makes no film, but pictures"):
                await anext(session.film())
            session.refine_model = "loopback"
            with pytest.raises(InvalidParams, match="loopback makes no picture, nor a film"):
                await session.refine()
        with pytest.raises(InvalidParams, match="loopback makes no pictures"):
            await client.session("echo", refine_model="loopback").open()


async def test_a_drawing_that_was_taken_away_does_not_come_back() -> None:
    async with serving() as client, client.session("echo", seed=7) as session:
        await session.send(painted(600))
        await shown(session, "echo")
        await session.send({"sketch": None})
        blank = await session.next_frame()
        assert blank is not None
        await session.switch("small")  # which needs one, so nothing is drafted
        await session.send(painted(600))
        assert (await shown(session, "small")).image.size == (256, 256)


async def test_sound_goes_on_where_pictures_were() -> None:
    async with serving("small", "loopback") as client, client.session("small") as session:
        await session.send(painted(300))
        await shown(session, "small")
        changed = await session.switch("loopback")
        assert {each.kind for each in changed.model.inputs} == {"video", "audio"}
        tone = np.full((16_000, 1), 1000, np.int16)
        await session.send(AudioChunk(tone, 16_000, 0))
        heard = 0
        async for output in session.outputs():
            if isinstance(output, AudioChunk):
                heard += len(output)
            if heard >= 8_000:
                break
        await session.switch("small")
        await session.send(painted(300))
        assert (await shown(session, "small")).image.size == (256, 256)


def test_it_can_be_waited_for() -> None:
    with Thread(Config(models=("small", "echo"), port=0)) as server, Client(server.url) as client:
        with client.session("small", prompt="a fox", style="ink") as session:
            session.send(painted(600))
            assert session.next_frame() is not None
            changed = session.switch("echo", delay_ms=1)
            assert changed.model.id == session.model.id == "echo"
            assert changed.params["prompt"] == "a fox"
            assert changed.dropped == {"style": "ink"}
            frame = session.next_frame()
            assert frame is not None
            assert (frame.model, frame.image.size) == ("echo", (512, 512))
            session.refine_model = "small"
            assert session.refine_model == "small"
            assert session.refine(steps=1).model == "small"
