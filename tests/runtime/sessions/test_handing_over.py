"""What a drafting model hands over to another one that refines, through real engines."""

from __future__ import annotations

import gc
import weakref
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
from PIL import Image
from tests.memory import MemoryClient

from livedraft.errors import InvalidImage
from livedraft.media.images import decode, encode
from livedraft.protocol.messages import (
    Ack,
    Error,
    Frame,
    Input,
    Message,
    Open,
    Refine,
    Switch,
    Switched,
)
from livedraft.runtime.config import Config
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.base import ImageInput, Inputs, ModelInfo, Pixels, Request
from livedraft.runtime.models.echo import Echo, EchoJob, EchoParams
from livedraft.runtime.server import Server
from livedraft.runtime.transports.service import Service

pytestmark = pytest.mark.anyio

RED = encode(Image.new("RGB", (8, 8), (200, 0, 0)))
Handed = dict[str, Pixels]


class Drafts(Echo):
    """A null model that says how often it handed over, and with which seed."""

    info: ModelInfo = replace(Echo.info, id="drafts")
    hands: ClassVar[tuple[str, ...]] = ("sketch", "layer", "unknown")
    made: ClassVar[Callable[[Inputs, int], Mapping[str, Pixels]]]

    def hand_over(self, state: None, request: Request[EchoParams]) -> Inputs:
        return type(self).made(request.inputs, request.params.seed)


class Finishes(Echo):
    """A null model that needs what only the other one makes, and gives that back."""

    info: ModelInfo = replace(
        Echo.info, id="finishes", inputs=(ImageInput("sketch", 8, 8), ImageInput("layer", 8, 8))
    )
    seen: ClassVar[list[Inputs]] = []

    def prepare(self, items: Sequence[tuple[None, Request[EchoParams]]]) -> list[EchoJob]:
        Finishes.seen += [request.inputs for _, request in items]
        back = [replace(r, inputs={"sketch": r.inputs["layer"]}) for _, r in items]
        return [self._job(request) for request in back]


@asynccontextmanager
async def serving(
    made: Callable[[Inputs, int], Mapping[str, Pixels]], lane: str = "other"
) -> AsyncIterator[Service]:
    ours: dict[str, type[Echo]] = {"drafts": Drafts, "finishes": Finishes}
    Drafts.made, Finishes.seen = staticmethod(made), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MODELS, "load", ours.__getitem__)
        plans = (f"finishes.lane={lane}",) if lane else ()
        async with Server(Config(models=("drafts", "finishes"), plans=plans)) as service:
            await (await service.runner()).released()  # of what warmed it up
            Finishes.seen.clear()
            yield service


def layer(inputs: Inputs, seed: int) -> Handed:
    return {"layer": np.full((4, 6, 3), seed, np.uint8)}


async def refined(client: MemoryClient, id: int = 9) -> Message:
    await client.say(Refine(id=id, refine_model="finishes", params={"steps": 1}))
    return await client.hear(Message)


async def drafted(client: MemoryClient) -> None:
    await client.open(Open(features=["models"], params={"seed": 7}))
    await client.say(Input(id=1, inputs={"sketch": RED}))
    await client.say(Ack(seq=(await client.hear(Frame)).seq))


@pytest.mark.parametrize("lane", ["", "other"])
async def test_a_model_that_refines_gets_what_the_drafting_one_made(lane: str) -> None:
    async with serving(layer, lane) as service, MemoryClient(service) as client:
        await drafted(client)
        final = await refined(client)
    assert isinstance(final, Frame)
    assert (final.model, decode(final.image).size) == ("finishes", (6, 4))
    (seen,) = Finishes.seen
    assert set(seen) == {"sketch", "layer"}
    assert seen["sketch"][0, 0].tolist() == [200, 0, 0], "the session's own"
    assert seen["layer"][0, 0].tolist() == [7, 7, 7], "by the draft's params"
    assert not seen["layer"].flags.writeable


async def test_what_waits_is_handed_over_too() -> None:
    def back(inputs: Inputs, seed: int) -> Handed:
        return {"layer": inputs["sketch"]}

    async with serving(back) as service, MemoryClient(service) as client:
        await client.open(Open(features=["models"]))
        await client.say(Input(id=1, inputs={"sketch": RED}))
        await client.say(Refine(id=2, refine_model="finishes"))
        while not (
            isinstance(told := await client.hear(Message), Frame) and told.model == "finishes"
        ):
            pass
    (seen,) = Finishes.seen
    assert seen["layer"] is seen["sketch"], "an array stays the object that it is"


async def test_what_is_handed_over_counts_before_the_pictures_of_the_session() -> None:
    def both(inputs: Inputs, seed: int) -> Handed:
        return {**layer(inputs, 1), "sketch": np.zeros((2, 2, 3), np.uint8), **unknown}

    unknown = {"unknown": np.zeros((1, 1, 3), np.uint8)}
    async with serving(both) as service, MemoryClient(service) as client:
        await drafted(client)
        await refined(client)
    (seen,) = Finishes.seen
    assert set(seen) == {"sketch", "layer"}, "and no more than its inputs"
    assert seen["sketch"].shape == (2, 2, 3)


def _refuses(inputs: Inputs, seed: int) -> Handed:
    raise InvalidImage("nobody is in the photo", fix="step into it")


def _forgets(inputs: Inputs, seed: int) -> Handed:
    return {}


FAULTS: dict[str, tuple[Callable[..., object], str, str]] = {
    "a refusal": (_refuses, "invalid_image", "nobody is in the photo"),
    "nothing": (_forgets, "invalid_image", "finishes needs a layer"),
    "a bug": (lambda i, s: 1 / 0, "model_failed", "hand_over of the model 'drafts' failed"),
    "another name": (lambda i, s: {"leyer": i["sketch"]}, "model_failed", "'leyer'"),
    "no map": (lambda i, s: [1], "model_failed", "not pictures by name"),
    "no array": (lambda i, s: {"layer": "x"}, "model_failed", "hand_over returned str"),
    "floats": (lambda i, s: {"layer": np.zeros((2, 2, 3))}, "model_failed", "float64"),
    "too large": (
        lambda i, s: {"layer": np.zeros((1, 20_000, 3), np.uint8)},
        "model_failed",
        "20000",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.filterwarnings("ignore")
async def test_what_goes_wrong_there_is_told_and_the_session_goes_on(name: str) -> None:
    made, code, message = FAULTS[name]
    async with serving(made) as service, MemoryClient(service) as client:  # type: ignore[arg-type]  # faults on purpose
        await drafted(client)
        error = await refined(client)
        assert isinstance(error, Error)
        assert (error.code, error.id) == (code, 9)
        assert message in error.message
        Drafts.made = staticmethod(layer)
        assert isinstance(await refined(client, 10), Frame)


async def test_an_input_that_is_not_handed_over_is_asked_for() -> None:
    async with serving(lambda i, s: {}) as service, MemoryClient(service) as client:
        Drafts.hands = ("layer",)
        try:
            await client.open(Open(features=["models"]))
            error = await refined(client)
        finally:
            Drafts.hands = ("sketch", "layer", "unknown")
        assert isinstance(error, Error)
        assert (error.code, error.message) == ("invalid_image", "finishes needs a sketch")


async def test_a_state_of_which_is_handed_over_outlives_a_switch_meanwhile() -> None:
    async with serving(layer) as service, MemoryClient(service) as client:
        await drafted(client)
        await client.say(Refine(id=3, refine_model="finishes"))
        await client.say(Switch(id=4, model="finishes"))
        assert (await client.hear(Switched)).model["id"] == "finishes"
        await client.say(Switch(id=5, model="drafts"))
        assert (await client.hear(Switched)).model["id"] == "drafts"
        await client.say(Input(id=6, inputs={"sketch": RED}))
        while not (isinstance(told := await client.hear(Message), Frame) and told.id == 6):
            pass


async def test_nothing_that_was_handed_over_is_held_once_it_was_used() -> None:
    held: list[weakref.ref[Pixels]] = []

    def made(inputs: Inputs, seed: int) -> Handed:
        found = layer(inputs, seed)
        held.append(weakref.ref(found["layer"]))
        return found

    async with serving(made) as service, MemoryClient(service) as client:
        await drafted(client)
        assert isinstance(await refined(client), Frame)
        Finishes.seen.clear()
        assert service._runner is not None
        await service._runner.drain()
        gc.collect()
        assert [ref() for ref in held] == [None]
