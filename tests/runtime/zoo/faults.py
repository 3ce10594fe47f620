"""What models give that break the contract, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import repeat
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from tests.runtime.zoo.raised import Mute

from livedraft.media.chunks import AudioChunk, Output, Still
from livedraft.runtime.models.base import Job, Pixels


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


def made_job(fault: str, **wrong: Any) -> ZooJob:
    """Return a job with something set that should not be."""
    job = ZooJob("zoo", 2, fault)
    for name, value in wrong.items():
        setattr(job, name, value)
    return job


PREPARED: dict[str, Callable[[str], Any]] = {
    "None": lambda fault: None,
    "no job": lambda fault: object(),
    "a class": lambda fault: ZooJob,
    "a time before all times": lambda fault: made_job(fault, due=-1),
    "a time that is none": lambda fault: made_job(fault, due="soon"),
    "negative steps": lambda fault: made_job(fault, steps=-1),
    "too many steps": lambda fault: made_job(fault, steps=10**9),
    "steps as text": lambda fault: made_job(fault, steps="2"),
    "steps not finite": lambda fault: made_job(fault, steps=float("inf")),
    "step beyond": lambda fault: made_job(fault, step=3),
    "step negative": lambda fault: made_job(fault, step=-1),
    "step as None": lambda fault: made_job(fault, step=None),
    "step that raises": lambda fault: Odd("zoo", 2, fault),
    "key unhashable": lambda fault: made_job(fault, key=[]),
    "key that cannot be hashed": lambda fault: made_job(fault, key=Key(hashes=False)),
    "key that cannot be compared": lambda fault: made_job(fault, key=Key(hashes=True)),
    "notes of no kind": lambda fault: made_job(fault, notes=7),
    "notes without fields": lambda fault: made_job(fault, notes=({},)),
    "notes of bytes": lambda fault: made_job(
        fault, notes=({"code": b"", "message": "", "param": "", "choices": []},)
    ),
    "notes with half a character": lambda fault: made_job(
        fault, notes=({"code": "", "message": "\ud800", "param": "", "choices": []},)
    ),
    "choices without end": lambda fault: made_job(
        fault, notes=({"code": "", "message": "", "param": "", "choices": repeat("x")},)
    ),
    "too many choices": lambda fault: made_job(
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
        return repeat(Still(pixels(2, 2, 3)))


def pixels(*shape: int) -> Pixels:
    """Return a black picture."""
    return np.zeros(shape, np.uint8)


def _one_by_one() -> Iterator[list[Output]]:
    yield [Still(pixels(2, 2, 3))]


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
    "too many": lambda: [[Still(pixels(2, 2, 3))]] * 2,
    "a generator": _one_by_one,
    "a table": lambda: {0: [Still(pixels(2, 2, 3))]},
    "text": lambda: "x",
    "a list of None": lambda: [None],
    "pixels": lambda: [pixels(2, 2, 3)],
    "bare pixels": lambda: [[pixels(2, 2, 3)]],
    "no still": lambda: [[Posed(pixels(2, 2, 3))]],
    "sound": lambda: [[AudioChunk(np.zeros((4, 1), np.int16), 16_000, 0)]],
    "stills without end": lambda: [Endless()],
    "many stills": lambda: [[Still(pixels(2, 2, 3))] * 1025],
    "floats": lambda: _still(np.zeros((2, 2, 3))),
    "floats of its own": lambda: [[Still(cast(Any, np.zeros((2, 2, 3))))]],
    "grey": lambda: _still(pixels(2, 2)),
    "five channels": lambda: _still(pixels(2, 2, 5)),
    "no pixels": lambda: _still(pixels(0, 0, 3)),
    "no height": lambda: _still(pixels(0, 9, 4)),
    "too wide": lambda: _still(pixels(1, 70_000, 3)),
    "too high for WebP": lambda: _still(pixels(16_384, 1, 4)),
    "too large": lambda: _still(np.broadcast_to(pixels(1, 1, 3), (16_000, 16_000, 3))),
    "objects": lambda: _still(np.full((2, 2, 3), None)),
    "lying": lambda: _still(np.zeros((2, 2), np.uint8).view(Lying)),
    "flattering": lambda: _still(pixels(5000, 5000, 3).view(Flattering)),
    "flattering objects": lambda: _still(np.full((2, 2, 3), None).view(Flattering)),
    "a list without end": Endless,
}
MADE: dict[str, Callable[[], Any]] = {
    "nothing": list,
    "a generator": lambda: (job for job in [made_job("")]),
    "one too many": lambda: [made_job(""), made_job("")],
    "a job": lambda: made_job(""),
}
