"""A model that is loaded as far as a test lets it be, and a server that has begun to load."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

import pytest
from tests.memory import MemoryClient

from livedraft.errors import WeightsError
from livedraft.protocol.messages import (
    Loading,
    Message,
)
from livedraft.runtime.config import Config
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.base import DEFAULT_PLAN, ModelInfo, Plan
from livedraft.runtime.models.echo import Echo, EchoJob
from livedraft.runtime.plan import Part
from livedraft.runtime.server import Server

BYTES = 4000


Told = TypeVar("Told", bound=Message)


class Slow(Echo):
    """A model of two parts that is loaded as far as it is let, and warmed up likewise."""

    info: ModelInfo = replace(Echo.info, id="slow", title="Slow Model")
    gates: ClassVar[dict[str, threading.Event]] = {}
    fails: ClassVar[bool] = False

    @classmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Slow:
        plan.report(Part("loading", 0, BYTES, missing=("vae", "unet")))
        cls.gates["vae"].wait()
        plan.report(Part("loading", BYTES // 4, BYTES, missing=("unet",)))
        cls.gates["unet"].wait()
        if cls.fails:
            raise WeightsError("half a file", fix="fetch it anew")
        return cls()

    def step(self, jobs: Sequence[EchoJob]) -> None:
        """Take a step once that is allowed."""
        self.gates["warm"].wait()
        super().step(jobs)


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the model by its name, with its gates shut."""
    load = MODELS.load
    monkeypatch.setattr(MODELS, "load", lambda name: Slow if name == "slow" else load(name))
    monkeypatch.setattr(
        Slow, "gates", {name: threading.Event() for name in ("vae", "unet", "warm")}
    )
    monkeypatch.setattr(Slow, "fails", False)


@asynccontextmanager
async def starting(**settings: Any) -> AsyncIterator[Server]:
    """Give a server that has begun to load; its gates open at the end."""
    server = Server(Config(**{"models": ("slow",), **settings}))
    try:
        async with server.app.router.lifespan_context(server.app):
            try:
                yield server
            finally:
                for gate in Slow.gates.values():
                    gate.set()
    finally:
        server.ready.cancel()


def let(*names: str) -> None:
    for name in names:
        Slow.gates[name].set()


async def heard(client: MemoryClient, until: Callable[[Loading], bool]) -> list[str]:
    """Return what a client hears of loading, up to what it waits for."""
    said: list[str] = []
    async with asyncio.timeout(20):
        while True:
            told = await client.hear(Loading)
            said.append(told.message)
            if until(told):
                return said


async def hear_of(client: MemoryClient, kind: type[Told]) -> Told:
    """Return the first message of a kind, whatever is told before, errors too."""
    while True:
        told = await client.hear(Message)
        if isinstance(told, kind):
            return told
