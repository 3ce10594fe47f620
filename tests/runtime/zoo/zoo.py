"""Models that break the contract: one fault each, chosen by the param ``fault``."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Hashable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Self, cast

from pydantic import field_validator
from tests.runtime.zoo.faults import EMITTED, MADE, PREPARED, STEPPED, ZooJob, made_job, pixels
from tests.runtime.zoo.raised import RAISED

from livedraft.media.chunks import Output, Still
from livedraft.runtime.models.adapters import Adaptable, Adapter
from livedraft.runtime.models.base import (
    DEFAULT_PLAN,
    LoraInfo,
    ModelInfo,
    Params,
    Plan,
    Request,
)
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.models.null import Null

FAULTS = [
    *(f"{phase} raises {name}" for phase in ("prepare", "step", "emit") for name in RAISED),
    *(f"prepare gives {name}" for name in PREPARED),
    *(f"step {name}" for name in STEPPED),
    *(f"emit gives {name}" for name in EMITTED),
    *(f"prepare returns {name}" for name in MADE),
]


class ZooParams(Params):
    """Which fault to show; an empty one is none."""

    fault: str = ""
    judged: str = ""  # what its validator raises

    @field_validator("judged")
    @classmethod
    def _judge(cls, name: str) -> str:
        if name:
            raise RAISED[name]()
        return name


class Zoo(Null[ZooParams, object, ZooJob], Adaptable[Adapter]):
    """Break as it is told."""

    info: ModelInfo = replace(Echo.info, id="zoo", draft_steps=2, max_steps=8, preview_every=1)
    params: ClassVar[type[Params]] = ZooParams

    opening: ClassVar[str] = ""  # what ``open`` raises
    closing: ClassVar[str] = ""
    closed: ClassVar[int] = 0
    let_go: ClassVar[threading.Event] = threading.Event()  # what a call that hangs waits for

    def read_lora(self, name: str, path: Path) -> Adapter | None:
        if path.stem in RAISED:
            raise RAISED[path.stem]()
        if path.stem == "misnamed":
            return Adapter(LoraInfo("other", "Other"))
        known = path.stem in ("good", "breaks", "hangs")
        return Adapter(LoraInfo(name, path.stem)) if known else None

    def attach(self, adapter: Adapter) -> None:
        if adapter.info.title == "breaks":
            raise ZeroDivisionError("the adapter breaks")
        if adapter.info.title == "hangs":
            self.let_go.wait()

    def detach(self, name: str) -> None:
        if name == "stays":
            raise ZeroDivisionError("it stays")

    def open(self) -> object:
        if self.opening:
            raise RAISED[self.opening]()
        return object()

    def prepare(self, items: Sequence[tuple[object, Request[ZooParams]]]) -> Sequence[ZooJob]:
        kinds = {request.params.fault.removeprefix("prepare returns ") for _, request in items}
        if len(kinds) == 1 and (kind := kinds.pop()) in MADE:
            return cast(list[ZooJob], MADE[kind]())
        return [self._job(request) for _, request in items]

    def _job(self, request: Request[ZooParams]) -> ZooJob:
        params = request.params
        _raised("prepare", params.fault)
        if params.fault == "writes to its input":
            request.inputs["sketch"][:] = 0
        kind = params.fault.removeprefix("prepare gives ")
        made = PREPARED[kind](params.fault) if kind in PREPARED else made_job(params.fault)
        return cast(ZooJob, made)

    def step(self, jobs: Sequence[ZooJob]) -> None:
        for job in jobs:
            _raised("step", job.fault)
            if job.fault == "hangs":
                print("the zoo hangs", file=sys.stderr, flush=True)
                self.let_go.wait()
            how = STEPPED.get(job.fault.removeprefix("step "))
            if how is None:
                job.step += 1
            else:
                how(job)

    def emit(self, jobs: Sequence[ZooJob]) -> Sequence[Sequence[Output]]:
        for job in jobs:
            _raised("emit", job.fault)
        (name,) = {job.fault.removeprefix("emit gives ") for job in jobs}
        if name in EMITTED:
            return cast(list[list[Output]], EMITTED[name]())
        return [[Still(pixels(2, 2, 3))] for _ in jobs]

    def room(self, key: Hashable) -> int:
        return 4

    def close(self, state: object) -> None:
        Zoo.closed += 1
        if self.closing:
            raise RAISED[self.closing]()


def _raised(phase: str, fault: str) -> None:
    name = fault.removeprefix(f"{phase} raises ")
    if name != fault:
        raise RAISED[name]()


class Stillborn(Zoo):
    """Raise in ``load`` what the environment says."""

    info: ModelInfo = replace(Zoo.info, id="stillborn")

    @classmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        how = os.environ["ZOO_LOAD"]
        if how == "hangs":
            cls.let_go.wait()
        raise RAISED[how]()


class Misfit(Zoo):
    """Say of itself what cannot be."""

    info: ModelInfo = replace(Zoo.info, id="misfit", max_steps=0)
