"""``tint``: a model of tests whose LoRAs are text files with a shade of grey."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from tests.memory import MemoryClient

from livedraft.errors import InvalidParams, WeightsError
from livedraft.media.chunks import Still
from livedraft.media.images import decode
from livedraft.protocol.messages import Ack, Frame, Loras, Message, Open, ParamsUpdate
from livedraft.runtime.config import Config
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.adapters import Adaptable, Adapter
from livedraft.runtime.models.base import (
    Job,
    LoraInfo,
    ModelInfo,
    Params,
    Request,
)
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.models.mixins import LoraParams, StepsParams
from livedraft.runtime.models.null import Null
from livedraft.runtime.server import Server
from livedraft.runtime.transports.service import Service

HEARS = Open(features=["loras"], accept=["image/png"])


@dataclass(frozen=True, eq=False)
class Shade(Adapter):
    """A shade, and what the model is to do as it takes it."""

    shade: int
    how: str


class TintParams(LoraParams, StepsParams):
    """Which shades, and whether a step waits for ``Tint.gate``."""

    held: bool = False


@dataclass(slots=True, eq=False)
class TintJob(Job):
    """The shade that it was prepared with."""

    shade: int
    held: bool


class Tint(Null[TintParams, None, TintJob], Adaptable[Shade]):
    """Paint the sum of the shades that are asked for, each by its weight."""

    info: ModelInfo = replace(Echo.info, id="tint", max_steps=4, preview_every=0)
    params: ClassVar[type[Params]] = TintParams
    gate: ClassVar[threading.Event] = threading.Event()
    held: ClassVar[threading.Event] = threading.Event()

    def __init__(self) -> None:
        self._shades: dict[str, int] = {}

    def read_lora(self, name: str, path: Path) -> Shade | None:
        how, _, shade = path.read_text().partition(" ")
        if how == "other":
            return None
        if how == "stuck":
            self.held.set()
            self.gate.wait()
        if not shade.isdecimal():
            raise WeightsError(f"{path.name} is damaged", fix="write it anew")
        return Shade(LoraInfo(name, name.title()), int(shade), how)

    def attach(self, adapter: Shade) -> None:
        if adapter.how == "breaks":
            raise ZeroDivisionError("it does not fit after all")
        if adapter.how == "hangs":
            self.gate.wait()
        self._shades[adapter.info.name] = adapter.shade

    def detach(self, name: str) -> None:
        if self._shades[name] == 0:
            raise ZeroDivisionError("it stays")
        del self._shades[name]

    def open(self) -> None:
        pass

    def prepare(self, items: Sequence[tuple[None, Request[TintParams]]]) -> list[TintJob]:
        return [self._job(request) for _, request in items]

    def _job(self, request: Request[TintParams]) -> TintJob:
        try:
            shades = [self._shades[n] * weight for n, weight in request.params.loras.items()]
        except KeyError as error:
            raise InvalidParams(f"the model has no {error}", fix="ask for another") from None
        return TintJob("tint", request.steps, round(sum(shades)), request.params.held)

    def step(self, jobs: Sequence[TintJob]) -> None:
        if any(job.held for job in jobs):
            self.held.set()
            self.gate.wait()
        for job in jobs:
            job.step += 1

    def emit(self, jobs: Sequence[TintJob]) -> list[list[Still]]:
        return [[Still(np.full((4, 4, 3), job.shade, np.uint8))] for job in jobs]


@contextmanager
def known() -> Iterator[None]:
    """Have the table of models know ``tint`` while the context lasts."""
    load = MODELS.load
    Tint.gate.clear()
    Tint.held.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MODELS, "load", lambda name: Tint if name == "tint" else load(name))
        try:
            yield
        finally:
            Tint.gate.set()


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[tuple[Server, Service]]:
    """Serve ``tint``, and ``echo`` that takes no LoRA, without a port."""
    with known():
        server = Server(Config(models=("tint", "echo"), **settings))
        async with server as service:
            yield server, service
            Tint.gate.set()


def shade(folder: Path, value: int, how: str = "fits") -> Path:
    """Write a LoRA's file."""
    path = folder / f"{how}-{value}.txt"
    path.write_text(f"{how} {value}")
    return path


def grey(frame: Frame) -> int:
    """Return the shade of a picture."""
    value = decode(frame.image).convert("L").getpixel((0, 0))
    assert isinstance(value, int)
    return value


async def drawn(client: MemoryClient, id: int, **params: object) -> Frame:
    """Change params and return the picture that follows."""
    await client.say(ParamsUpdate(id=id, params=params))
    assert (await client.hear(Ack)).id == id
    frame = await client.hear(Frame)
    await client.say(Ack(seq=frame.seq))
    return frame


async def until_frame(client: MemoryClient) -> tuple[list[Loras], Frame]:
    """Return the next picture, and what was told of LoRAs before it."""
    told: list[Loras] = []
    while isinstance(message := await client.hear(Message), Loras):
        told.append(message)
    assert isinstance(message, Frame), message
    return told, message
