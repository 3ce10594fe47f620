"""One model drafts and another refines; the model of a live session changes, its drawing stays."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import ClassVar, Literal

import numpy as np
import pytest
from PIL import Image
from pydantic import Field
from tests.memory import MemoryClient
from tests.runtime.transports.talks import SKETCH

from livedraft.media.images import decode, encode
from livedraft.protocol.messages import (
    Ack,
    Error,
    Frame,
    Input,
    Open,
    ParamsUpdate,
    Refine,
    Stage,
    Switch,
    Switched,
)
from livedraft.runtime.config import Config
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.base import ImageInput, ModelInfo, Params, Request
from livedraft.runtime.models.echo import Echo, EchoJob, EchoParams
from livedraft.runtime.server import Server
from livedraft.runtime.transports.service import Service

pytestmark = pytest.mark.anyio


class FineParams(EchoParams):
    """Params that the null model has not, and one that it has otherwise."""

    style: Literal["oil", "ink"] = "oil"
    seed: int = Field(default=5, ge=0, le=99)


class Fine(Echo):
    """A null model of another name, whose input is called otherwise."""

    info: ModelInfo = replace(
        Echo.info, id="fine", inputs=(ImageInput("drawing", 64, 64, required=True),)
    )
    params: ClassVar[type[Params]] = FineParams

    opened: ClassVar[int] = 0
    closed: ClassVar[int] = 0

    def open(self) -> None:
        Fine.opened += 1

    def close(self, state: None) -> None:
        Fine.closed += 1

    def _job(self, request: Request[EchoParams]) -> EchoJob:
        assert set(request.inputs) <= {"drawing"}
        inputs = {"sketch": request.inputs["drawing"]}
        return super()._job(replace(request, inputs=inputs))


@asynccontextmanager
async def serving(**settings: object) -> AsyncIterator[Service]:
    load = MODELS.load
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MODELS, "load", lambda name: Fine if name == "fine" else load(name))
        plans = ("fine.lane=other",)
        async with Server(Config(models=("echo", "fine"), plans=plans)) as service:
            yield service


async def test_another_model_refines_with_the_params_that_it_takes() -> None:
    async with serving() as service, MemoryClient(service) as client:
        opened = await client.open(
            Open(features=["models"], refine_model="fine", params={"prompt": "a fox", "seed": 7})
        )
        assert opened.features == ["models"]
        assert (opened.model["id"], opened.refine_model["id"]) == ("echo", "fine")
        assert "style" in opened.refine_model["params_schema"]["properties"]
        await client.say(Input(id=1, inputs={"sketch": SKETCH}))
        draft = await client.hear(Frame)
        assert (draft.model, draft.stage) == ("echo", Stage.DRAFT)
        await client.say(Ack(seq=draft.seq))
        await client.say(Refine(id=2, params={"style": "ink", "steps": 1}))
        final = await client.hear(Frame)
        assert (final.model, final.stage, final.id) == ("fine", Stage.FINAL, 2)
        told = {name: final.params[name] for name in ("prompt", "seed", "style", "steps")}
        assert told == {"prompt": "a fox", "seed": 7, "style": "ink", "steps": 1}
        assert decode(final.image).size == (256, 256), "the drawing that was sent"
        await client.say(ParamsUpdate(id=3, params={"style": "ink"}))
        assert "no parameter 'style'" in (await client.hear(Error)).message
        await client.say(Refine(id=4, params={"style": "chalk"}))
        assert (await client.hear(Error)).code == "invalid_params"
        await client.say(ParamsUpdate(id=5, params={"seed": 4000}))
        await client.hear(Ack)
        draft = await client.hear(Frame)
        assert draft.seed == 4000
        await client.say(Ack(seq=draft.seq))
        await client.say(Refine(id=6, params={"steps": 1}))
        assert (await client.hear(Frame)).seed == 5, "which the other takes no more, so its own"


async def test_a_refine_may_name_its_model() -> None:
    async with serving() as service, MemoryClient(service) as client:
        await client.open(Open(features=["models"]))
        await client.say(Refine(id=1, refine_model="fine"))
        assert "needs a drawing" in (await client.hear(Error)).message
        await client.say(Refine(id=2, refine_model="fien"))
        assert (await client.hear(Error)).code == "model_not_found"
        await client.say(Input(id=3, inputs={"sketch": SKETCH}))
        await client.say(Ack(seq=(await client.hear(Frame)).seq))
        await client.say(Refine(id=4, refine_model="echo", params={"steps": 1}))
        assert (await client.hear(Frame)).model == "echo"


async def test_the_drawing_stays_when_the_model_changes() -> None:
    async with serving() as service:
        assert service._runner is not None
        await service._runner.released()  # of what warmed it up
        Fine.opened = Fine.closed = 0
        async with MemoryClient(service) as client:
            await client.open(Open(features=["models"], params={"prompt": "a fox", "delay_ms": 1}))
            await client.say(Input(id=1, inputs={"sketch": SKETCH}))
            first = await client.hear(Frame)
            await client.say(Ack(seq=first.seq))
            await client.say(Switch(id=2, model="fine", params={"style": "ink"}))
            switched = await client.hear(Switched)
            assert (switched.id, switched.model["id"]) == (2, "fine")
            assert (switched.params["prompt"], switched.params["style"]) == ("a fox", "ink")
            frame = await client.hear(Frame)
            assert (frame.id, frame.model) == (2, "fine")
            shown = [np.asarray(decode(each.image)) for each in (first, frame)]
            np.testing.assert_array_equal(shown[0], shown[1])
            await client.say(Ack(seq=frame.seq))
            await client.say(Input(id=3, inputs={"drawing": SKETCH}))
            frame = await client.hear(Frame)
            assert (frame.id, frame.model) == (3, "fine")
            await client.say(Ack(seq=frame.seq))
            for id, model, code in ((4, "fien", "model_not_found"), (5, "loopback", "model_not")):
                await client.say(Switch(id=id, model=model))
                assert (await client.hear(Error)).code.startswith(code)
            for id, inputs in ((51, {"drawing": SKETCH}), (52, {"sketch": b"\x89PNG"})):
                await client.say(Switch(id=id, model="echo", inputs=inputs))
                assert (await client.hear(Error)).code == "invalid_image", "and nothing changed"
            await client.say(Switch(id=60, model="echo", params={"style": "ink"}))
            assert (await client.hear(Error)).code == "invalid_params"
            await client.say(Switch(id=70, model="echo"))
            assert (await client.hear(Switched)).model["id"] == "echo"
            frame = await client.hear(Frame)
            assert (frame.model, frame.params["prompt"]) == ("echo", "a fox")
            await client.leave(done=True)
        await service._runner.released()
        assert (Fine.opened, Fine.closed) == (1, 1), "the state that is needed no more is freed"


async def test_pictures_that_come_with_a_switch_are_laid_over_those_that_stay() -> None:
    async with serving() as service, MemoryClient(service) as client:
        await client.open(Open(features=["models"], accept=["image/png"]))
        await client.say(Input(id=1, inputs={"sketch": SKETCH}))
        await client.say(Ack(seq=(await client.hear(Frame)).seq))
        other = encode(Image.new("RGB", (40, 30), "teal"))
        await client.say(Switch(id=2, model="fine", inputs={"drawing": other}))
        await client.hear(Switched)
        frame = await client.hear(Frame)
        assert (frame.id, frame.model) == (2, "fine")
        np.testing.assert_array_equal(decode(frame.image), decode(other))
        await client.say(Ack(seq=frame.seq))
        await client.say(Switch(id=3, model="echo"))
        await client.hear(Switched)
        frame = await client.hear(Frame)
        np.testing.assert_array_equal(decode(frame.image), decode(other))
        await client.say(Ack(seq=frame.seq))
        await client.say(Switch(id=4, model="fine", inputs={"drawing": b""}))
        await client.hear(Switched)
        await client.say(Refine(id=5))
        assert "needs a drawing" in (await client.hear(Error)).message, "empty takes it away"
