"""`tryon` drafts and a large model finishes, in one session: the contract between the two."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.memory import MemoryClient
from tests.runtime.models.tryon.tiny_finisher import TinyFinisher

from livedraft.media.images import decode, encode
from livedraft.protocol.messages import Ack, Error, Frame, Input, Message, Open, Refine, Stage
from livedraft.runtime.config import Config
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.base import AnyModel
from livedraft.runtime.models.tryon.garment.catalogue import shipped
from livedraft.runtime.models.tryon.model import TryOn
from livedraft.runtime.server import Server

pytestmark = pytest.mark.anyio

PEOPLE = Path(__file__).parents[4] / "demos" / "tryon" / "people"
PERSON = Image.open(PEOPLE / "young-woman-in-mauve.jpg").convert("RGB")
LARGE = Open(features=["models"], refine_model="tryon-finish", params={"view": "layer"})


@asynccontextmanager
async def serving() -> AsyncIterator[MemoryClient]:
    ours: dict[str, type[AnyModel]] = {"tryon": TryOn, "tryon-finish": TinyFinisher}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MODELS, "load", ours.__getitem__)
        plans = ("tryon-finish.lane=large",)
        config = Config(models=("tryon", "tryon-finish"), plans=plans)
        async with Server(config) as service, MemoryClient(service) as client:
            await client.open(LARGE)
            yield client


async def final(client: MemoryClient, id: int, **params: float) -> Frame | Error:
    await client.say(Refine(id=id, params=params))
    while True:
        told = await client.hear(Message)
        if isinstance(told, Error) or (isinstance(told, Frame) and told.stage is Stage.FINAL):
            return told
        if isinstance(told, Frame):
            await client.say(Ack(seq=told.seq))


@pytest.mark.parametrize("sku", ["breton-navy", ""], ids=["a picture", "a SKU of the catalogue"])
async def test_what_tryon_drafted_is_finished_and_nothing_else_changes(sku: str) -> None:
    shop = shipped()
    async with serving() as client:
        inputs = {"person": encode(PERSON)}
        if sku:
            inputs["garment"] = (shop.folder / shop.find(sku).image).read_bytes()
        params = {} if sku else {"sku": "breton-navy"}
        await client.say(Input(id=1, inputs=inputs, params=params))
        made = await final(client, 2, steps=2, seed=5)
    assert isinstance(made, Frame), made
    assert (made.model, made.seed) == ("tryon-finish", 5)
    finished, person = np.asarray(decode(made.image)), np.asarray(PERSON)
    assert finished.shape == person.shape, "at the photo's own size, and no layer"
    changed = (finished != person).any(axis=2)
    assert 0.05 < changed.mean() < 0.6, "clothes, and no more"
    assert not changed[: person.shape[0] // 8].any(), "nor her hair"


@pytest.mark.parametrize("shown", [[], ["person"]], ids=["nobody", "nothing to wear"])
async def test_what_is_missing_is_told_with_a_way_out(shown: list[str]) -> None:
    async with serving() as client:
        if shown:
            await client.say(Input(id=1, inputs={"person": encode(PERSON)}))
        told = await final(client, 2)
    assert isinstance(told, Error)
    assert told.code == "invalid_image"
    assert told.fix
