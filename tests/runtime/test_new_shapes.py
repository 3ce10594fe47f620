"""A size that no plan named: its user hears that it is made ready, and the others draw on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from tests.memory import MemoryClient

from livedraft.protocol.messages import Ack, Frame, Loading, Message, Open, ParamsUpdate
from livedraft.runtime.config import Config
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.base import ModelInfo
from livedraft.runtime.models.echo import Echo, EchoJob
from livedraft.runtime.plan import Part, Report
from livedraft.runtime.server import Server

pytestmark = pytest.mark.anyio

PIECES = 3
HEARS = Open(features=["loading"])


class Pieces(Echo):
    """A double whose pictures of an odd seed have a shape that takes three pieces to warm."""

    info: ModelInfo = replace(Echo.info, id="pieces", title="Model of Pieces", preview_every=0)
    report: ClassVar[Any] = None
    done: ClassVar[int] = 0

    def serve(self, report: Report) -> None:
        """Warm by pieces from now on."""
        type(self).report = staticmethod(report)

    def step(self, jobs: Sequence[EchoJob]) -> None:
        """Do a piece in each step of such a picture, which is drawn all the same."""
        cls = type(self)
        if cls.report is not None and cls.done < PIECES and any(_odd(job) for job in jobs):
            cls.done += 1
            cls.report(Part("warming", cls.done, PIECES, "pieces"))
        super().step(jobs)


def _odd(job: EchoJob) -> bool:
    return bool(job.picture[0, 0, 0] % 2)


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch) -> None:
    load = MODELS.load
    monkeypatch.setattr(MODELS, "load", lambda name: Pieces if name == "pieces" else load(name))
    monkeypatch.setattr(Pieces, "report", None)
    monkeypatch.setattr(Pieces, "done", 0)


async def drawn(client: MemoryClient, id: int, seed: int) -> list[Message]:
    """Draw; return what is heard up to the picture."""
    await client.say(ParamsUpdate(id=id, params={"seed": seed}))
    heard: list[Message] = []
    async with asyncio.timeout(20):
        while not (heard and isinstance(heard[-1], Frame)):
            heard.append(await client.hear(Message))
    await client.say(Ack(seq=heard[-1].seq))
    return heard


def said(heard: Sequence[Message]) -> list[str]:
    return [each.message for each in heard if isinstance(each, Loading)]


async def test_who_asks_for_it_hears_how_far_it_is_and_others_draw_on() -> None:
    async with Server(Config(models=("pieces",))) as service:
        async with MemoryClient(service) as one, MemoryClient(service) as other:
            await one.open(HEARS)
            await other.open(Open())
            assert said(await drawn(one, 1, 2)) == [], "a shape of the plan is warm"
            first = said(await drawn(one, 2, 1))
            assert service.readiness.told()["pieces"]["state"] == "warming"
            assert service.ready, "and who comes is served"
            between = await drawn(other, 1, 4)
            assert [type(each) for each in between if isinstance(each, Loading)] == []
            assert Pieces.done == 1, "it was drawn between two pieces"
            second = said(await drawn(one, 3, 3))
            third = said(await drawn(one, 4, 5))
            every = [*first, *second, *third]
            assert every == [
                "Warming up Model of Pieces, 33 %",
                "Warming up Model of Pieces, 66 %",
            ]
            assert service.readiness.told()["pieces"]["state"] == "ready"
            assert said(await drawn(one, 5, 7)) == [], "now it is warm"


async def test_who_opens_meanwhile_is_told_and_not_kept_waiting() -> None:
    async with Server(Config(models=("pieces",))) as service:
        async with MemoryClient(service) as one, MemoryClient(service) as late:
            await one.open(HEARS)
            await drawn(one, 1, 1)
            await late.open(HEARS)
            assert said([await late.hear(Message)]) == ["Warming up Model of Pieces, 33 %"]
            assert isinstance((await drawn(late, 1, 2))[-1], Frame)


async def test_models_of_others_are_not_spoken_of() -> None:
    async with Server(Config(models=("pieces", "echo"))) as service:
        async with MemoryClient(service) as one, MemoryClient(service) as elsewhere:
            await one.open(HEARS)
            await elsewhere.open(Open(model="echo", features=["loading"]))
            await drawn(one, 1, 1)
            assert said(await drawn(elsewhere, 1, 2)) == []
