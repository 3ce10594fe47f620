"""Models that break the contract: one fault each, chosen by the param ``fault``."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, Self, cast

import numpy as np
from pydantic import field_validator
from tests.runtime.zoo.raised import RAISED, Mute

from livedraft.media.chunks import AudioChunk, Output, Still
from livedraft.runtime.models.base import (
    DEFAULT_PLAN,
    Job,
    Model,
    ModelInfo,
    Params,
    Pixels,
    Plan,
    Request,
)
from livedraft.runtime.models.echo import Echo


class Key:
    """A key of jobs that breaks where it is compared."""

    def __init__(self, *, hashes: bool) -> None:
        self._hashes = hashes

    def __hash__(self) -> int:
        if not self._hashes:
            raise SystemExit(0)
        return 1

    def __eq__(self, other: object) -> bool:
        raise Mute


@dataclass(slots=True, eq=False)
class ZooJob(Job):
    """A picture that may go wrong."""

    fault: str


class Odd(ZooJob):
    """A job that cannot say where it stands."""

    @property
    def step(self) -> int:
        raise Mute

    @step.setter
    def step(  # pyright: ignore[reportIncompatibleVariableOverride]  # the fault meant
        self, value: int
    ) -> None: ...


def _job(fault: str, **wrong: Any) -> ZooJob:
    job = ZooJob("zoo", 2, fault)
    for name, value in wrong.items():
        setattr(job, name, value)
    return job


PREPARED: dict[str, Callable[[str], Any]] = {
    "None": lambda fault: None,
    "no job": lambda fault: object(),
    "a class": lambda fault: ZooJob,
    "a time before all times": lambda fault: _job(fault, due=-1),
    "a time that is none": lambda fault: _job(fault, due="soon"),
    "negative steps": lambda fault: _job(fault, steps=-1),
    "too many steps": lambda fault: _job(fault, steps=10**9),
    "steps as text": lambda fault: _job(fault, steps="2"),
    "steps not finite": lambda fault: _job(fault, steps=float("inf")),
    "step beyond": lambda fault: _job(fault, step=3),
    "step negative": lambda fault: _job(fault, step=-1),
    "step as None": lambda fault: _job(fault, step=None),
    "step that raises": lambda fault: Odd("zoo", 2, fault),
    "key unhashable": lambda fault: _job(fault, key=[]),
    "key that cannot be hashed": lambda fault: _job(fault, key=Key(hashes=False)),
    "key that cannot be compared": lambda fault: _job(fault, key=Key(hashes=True)),
    "notes of no kind": lambda fault: _job(fault, notes=7),
    "notes without fields": lambda fault: _job(fault, notes=({},)),
    "notes of bytes": lambda fault: _job(
        fault, notes=({"code": b"", "message": "", "param": "", "choices": []},)
    ),
    "notes with half a character": lambda fault: _job(
        fault, notes=({"code": "", "message": "\ud800", "param": "", "choices": []},)
    ),
    "choices without end": lambda fault: _job(
        fault, notes=({"code": "", "message": "", "param": "", "choices": repeat("x")},)
    ),
    "too many choices": lambda fault: _job(
        fault, notes=({"code": "", "message": "", "param": "", "choices": ["x"] * 10**5},)
    ),
}


def _set(job: ZooJob, **wrong: Any) -> None:
    for name, value in wrong.items():
        setattr(job, name, value)


STEPPED: dict[str, Callable[[ZooJob], None]] = {
    "stays": lambda job: None,
    "goes back": lambda job: _set(job, step=job.step - 1),
    "goes beyond": lambda job: _set(job, step=99),
    "never ends": lambda job: _set(job, step=job.step + 1, steps=job.step + 9),
    "halves": lambda job: _set(job, step=job.step + 0.5),
    "forgets": lambda job: _set(job, step=None),
    "another key": lambda job: _set(job, step=job.step + 1, key=[]),
}


class Lying(np.ndarray[Any, np.dtype[np.uint8]]):
    """An array that breaks when it is asked."""

    @property  # type: ignore[misc]  # the fault meant
    def shape(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        raise Mute


class Flattering(np.ndarray[Any, np.dtype[np.uint8]]):
    """An array that says that it is small, and that nobody can write to it."""

    shape: Any = (2, 2, 3)
    ndim: Any = 3
    flags: Any = SimpleNamespace(writeable=False)
    base: Any = None


class Endless(list[Any]):
    """A list that says that it holds one thing."""

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[Any]:
        return repeat(Still(_pixels(2, 2, 3)))


def _pixels(*shape: int) -> Pixels:
    return np.zeros(shape, np.uint8)


def _one_by_one() -> Iterator[list[Output]]:
    yield [Still(_pixels(2, 2, 3))]


def _still(pixels: Any) -> list[list[Output]]:
    """Return one job's picture, whatever that is: no check of ``Still``'s own stands before it."""
    made = object.__new__(Still)
    object.__setattr__(made, "pixels", pixels)
    return [[made]]


class Posed(Still):
    """It passes for a still."""


EMITTED: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "nothing": list,
    "too many": lambda: [[Still(_pixels(2, 2, 3))]] * 2,
    "a generator": _one_by_one,
    "a table": lambda: {0: [Still(_pixels(2, 2, 3))]},
    "text": lambda: "x",
    "a list of None": lambda: [None],
    "pixels": lambda: [_pixels(2, 2, 3)],
    "bare pixels": lambda: [[_pixels(2, 2, 3)]],
    "no still": lambda: [[Posed(_pixels(2, 2, 3))]],
    "sound": lambda: [[AudioChunk(np.zeros((4, 1), np.int16), 16_000, 0)]],
    "stills without end": lambda: [Endless()],
    "many stills": lambda: [[Still(_pixels(2, 2, 3))] * 65],
    "floats": lambda: _still(np.zeros((2, 2, 3))),
    "floats of its own": lambda: [[Still(cast(Any, np.zeros((2, 2, 3))))]],
    "grey": lambda: _still(_pixels(2, 2)),
    "five channels": lambda: _still(_pixels(2, 2, 5)),
    "no pixels": lambda: _still(_pixels(0, 0, 3)),
    "no height": lambda: _still(_pixels(0, 9, 4)),
    "too wide": lambda: _still(_pixels(1, 70_000, 3)),
    "too high for WebP": lambda: _still(_pixels(16_384, 1, 4)),
    "too large": lambda: _still(np.broadcast_to(_pixels(1, 1, 3), (16_000, 16_000, 3))),
    "objects": lambda: _still(np.full((2, 2, 3), None)),
    "lying": lambda: _still(np.zeros((2, 2), np.uint8).view(Lying)),
    "flattering": lambda: _still(_pixels(5000, 5000, 3).view(Flattering)),
    "flattering objects": lambda: _still(np.full((2, 2, 3), None).view(Flattering)),
    "a list without end": Endless,
}
MADE: dict[str, Callable[[], Any]] = {
    "nothing": list,
    "a generator": lambda: (job for job in [_job("")]),
    "one too many": lambda: [_job(""), _job("")],
    "a job": lambda: _job(""),
}

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


class Zoo(Model[ZooParams, object, ZooJob]):
    """Break as it is told."""

    info: ModelInfo = replace(Echo.info, id="zoo", draft_steps=2, max_steps=8, preview_every=1)
    params: ClassVar[type[Params]] = ZooParams

    opening: ClassVar[str] = ""  # what ``open`` raises
    closing: ClassVar[str] = ""
    closed: ClassVar[int] = 0
    let_go: ClassVar[threading.Event] = threading.Event()  # what a call that hangs waits for

    @classmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        return cls()

    @classmethod
    def tiny(cls) -> Self:
        return cls()

    def add_lora(self, name: str, path: Path) -> bool:
        if path.stem in RAISED:
            raise RAISED[path.stem]()
        return path.stem == "good"

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
        made = PREPARED[kind](params.fault) if kind in PREPARED else _job(params.fault)
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
        return [[Still(_pixels(2, 2, 3))] for _ in jobs]

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
