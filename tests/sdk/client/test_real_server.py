"""The client against the real server and its null model, over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from PIL import Image

from livedraft.client import AsyncClient
from livedraft.client.terms import Retry
from livedraft.errors import (
    BadMessage,
    InvalidImage,
    InvalidParams,
    LivedraftError,
    ModelFailed,
    ModelNotFound,
    ServerBusy,
    SessionError,
    SessionIdle,
    Unauthorized,
)
from livedraft.protocol.messages import Stage
from livedraft.runtime.config import Config
from livedraft.runtime.running import running

pytestmark = pytest.mark.anyio

GREY = Image.new("RGB", (512, 512), (90, 90, 90))
QUICK = Retry(attempts=20, first_s=0.02, longest_s=0.1)


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[AsyncClient]:
    config = Config(**{"models": ("echo",), "port": 0, **settings})
    async with running(config) as url, AsyncClient(url, settings.get("token"), retry=QUICK) as c:
        yield c


def shade(image: Image.Image) -> int:
    value = image.convert("L").getpixel((5, 5))
    assert isinstance(value, int)
    return value


async def test_one_picture_carries_its_recipe() -> None:
    async with serving() as client:
        (model,) = await client.models()
        image = await client.generate("a red fox", sketch=GREY, seed=7)
        without = await client.generate("a red fox", seed=7, model="echo")
    assert (model.id, model.default, model.inputs[0].name) == ("echo", True, "sketch")
    assert "delay_ms" in model.params_schema["properties"]
    assert abs(shade(image) - 90) <= 2, "it went as JPEG"
    assert shade(without) == 7, "the null model shades by the seed"
    recipe = image.info["livedraft"]
    assert (recipe["model"], recipe["seed"], recipe["stage"]) == ("echo", 7, "final")
    assert recipe["params"]["prompt"] == "a red fox"


@pytest.mark.parametrize(
    ("asked", "expected", "fix"),
    [
        ({"sed": 1}, InvalidParams, "did you mean 'seed'"),
        ({"steps": 0}, InvalidParams, ""),
        ({"model": "ehco"}, ModelNotFound, "did you mean 'echo'"),
        ({"fail": True}, ModelFailed, ""),
        ({"inputs": {"skech": GREY}}, InvalidImage, "did you mean 'sketch'"),
    ],
)
async def test_one_picture_that_is_refused_says_what_to_do(
    asked: dict[str, Any], expected: type[LivedraftError], fix: str
) -> None:
    async with serving() as client:
        with pytest.raises(expected) as caught:
            await client.generate(**asked)
    assert type(caught.value) is expected
    assert fix in caught.value.fix


async def test_a_session_draws_changes_and_refines() -> None:
    async with serving() as client, client.session("echo", seed=7) as session:
        await session.send(GREY)
        draft = await session.next_frame()
        assert draft is not None
        assert (draft.stage, draft.seed) == (Stage.DRAFT, 7)
        assert abs(shade(draft.image) - 90) <= 3
        assert {"queued", "prepared", "stepped", "decoded", "model"} <= draft.timings.keys()
        assert (await session.update(seed=8, steps=4))["seed"] == 8
        final = await session.refine(prompt="once")
        assert (final.stage, final.seed, final.steps) == (Stage.FINAL, 8, 4)
        assert final.params["prompt"] == "once"
        assert session.params["prompt"] == ""
        assert session.model.params_schema["properties"].keys() == session.params.keys()


async def test_bad_values_are_told_where_they_were_given_and_nothing_is_lost() -> None:
    async with serving() as client, client.session(seed=7) as session:
        with pytest.raises(InvalidParams, match="seed"):
            await session.update(sed=1)
        with pytest.raises(InvalidParams):
            await session.update(seed=-1)
        with pytest.raises(ModelFailed):
            await session.refine(fail=True)
        assert (await session.refine()).seed == 7


async def test_a_refine_is_given_up_when_the_pen_moves_on() -> None:
    async with serving() as client, client.session() as session:
        slow = asyncio.create_task(session.refine(delay_ms=300, steps=50))
        preview = await session.next_frame()
        assert preview is not None
        assert preview.stage is Stage.PREVIEW
        await session.send(GREY)
        with pytest.raises(SessionError, match="newer input"):
            await slow


async def test_a_full_server_queues_and_then_turns_away() -> None:
    async with serving(max_sessions=1, max_queue=1) as client:
        first = await client.session().open()
        places: list[int] = []
        called = asyncio.Event()

        def on_queued(place: int) -> None:
            places.append(place)
            called.set()

        waiting = asyncio.create_task(client.session(on_queued=on_queued).open())
        await called.wait()
        with pytest.raises(ServerBusy) as caught:
            await client.session().open()
        assert caught.value.retryable
        await first.close()
        second = await waiting
        assert second.state == "open"
        assert places == [1]
        await second.close()


async def test_the_shared_secret_opens_both_doors() -> None:
    async with serving(token="hush") as client:
        assert await client.models()
        async with client.session() as session:
            assert session.state == "open"
        async with AsyncClient(client.url, "wrong") as stranger:
            with pytest.raises(Unauthorized):
                await stranger.models()
            with pytest.raises(Unauthorized):
                await stranger.session().open()


async def test_a_server_that_starts_anew_gets_the_drawing_again() -> None:
    async with serving() as client:
        port = int(client.url.rpartition(":")[2])
        session = await client.session(seed=7).open()
        await session.send(GREY)
        assert await session.next_frame() is not None
    async with running(Config(port=port, models=("echo",))):
        frame = await session.next_frame()
        assert frame is not None
        assert abs(shade(frame.image) - 90) <= 3
        assert frame.seed == 7
        await session.close()


async def test_an_idle_place_goes_to_who_waits_and_comes_back_with_the_next_word() -> None:
    async with serving(max_sessions=1, idle_s=0.1) as client:
        first = await client.session(seed=7).open()
        taking = asyncio.ensure_future(anext(first.frames()))
        second = await client.session(seed=9).open()  # once the first has done nothing for so long
        with pytest.raises(SessionIdle) as caught:
            await taking
        assert "send" in caught.value.fix
        with pytest.raises(SessionIdle):
            await first.next_frame()
        await second.close()
        assert (await first.update(prompt="a fox"))["prompt"] == "a fox"
        frame = await first.next_frame()
        assert frame is not None
        assert (frame.seed, frame.params["prompt"]) == (7, "a fox"), "it was resumed"
        await first.close()


async def test_params_too_large_to_open_with_are_told_and_not_tried_again() -> None:
    async with serving() as client:
        with pytest.raises(BadMessage, match="larger than the server takes"):
            await client.session(prompt="x" * 100_000).open()


async def test_another_model_may_refine() -> None:
    async with serving() as client:
        with pytest.raises(ModelNotFound, match="no model 'ecko'"):
            await client.session("echo", refine_model="ecko").open()
        async with client.session("echo", refine_model="echo") as session:
            await session.send(Image.new("RGB", (8, 8), "teal"))
            assert (await session.refine(steps=1)).model == "echo"
