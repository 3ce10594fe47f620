"""The cases, those that tell most first, with what is aimed at on one H200."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from .klein import Klein
from .networks import Place
from .scene import Scene
from .sessions import Sessions
from .stable import SDTurbo, SDXLLightning
from .wan import Wan

Kind = Literal["library", "ours", "compiled"]  # diffusers eager, ours, diffusers compiled
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Aim:
    """A goal: what is measured of a row, None where a part of it is not there yet."""

    what: str
    value: Callable[[Row], float]
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class Case:
    """One thing that a user waits for. ``seconds``: what measuring it may take on an H200."""

    name: str
    title: str
    make: Callable[[Place], Scene]
    aims: tuple[Aim, ...]
    seconds: Mapping[Kind, float]


def _rate(least: float) -> Aim:
    return Aim("pictures a second", lambda row: 1e3 * row["batch"] / row["ours_ms"], least)


def _ms(most: float) -> Aim:
    return Aim("a picture, ms", lambda row: float(row["ours_ms"]), most=most)


def _film(most: float) -> Aim:
    return Aim("a film, s", lambda row: row["ours_ms"] / 1e3, most=most)


_FIRST = Aim("the first frame, s", lambda row: row["first_ms"] / 1e3, most=1.0)
_SHARED = (
    Aim(
        "pictures a second by diffusers' one after another",
        lambda row: row["together_pictures_per_s"] * row["library_ms"] / row["batch"] / 1e3,
        least=3.0,
    ),
    Aim(
        "p95 of a picture of eight by that of one alone",
        lambda row: row["together_p95_ms"] / row["alone_p95_ms"],
        most=1.3,
    ),
)


def _took(library: float, ours: float, compiled: float) -> Mapping[Kind, float]:
    return {"library": library, "ours": ours, "compiled": compiled}


CASES: Mapping[str, Case] = {
    case.name: case
    for case in (
        Case(
            "sd-turbo", "SD-Turbo class, picture to picture, 512 px, 1 step",
            SDTurbo, (_rate(200),), _took(8, 30, 60),
        ),
        Case(
            "sd-turbo-batched", "SD-Turbo class, 16 at once, 512 px, 1 step",
            partial(SDTurbo, batch=16), (_rate(400),), _took(5, 15, 60),
        ),
        Case(
            "klein-512", "klein-4B class, 512 px, 4 steps", Klein, (_ms(110),), _took(8, 15, 45),
        ),
        Case(
            "klein-1024", "klein-4B class, 1024 px, 4 steps",
            partial(Klein, side=1024), (_ms(300),), _took(6, 15, 45),
        ),
        Case(
            "sdxl-lightning", "SDXL-Lightning class, 1024 px, 4 steps",
            SDXLLightning, (_ms(350),), _took(8, 20, 60),
        ),
        Case(
            "sessions", "8 sessions at once, SD-Turbo class, 256 px, 4 steps",
            Sessions, _SHARED, _took(8, 20, 60),
        ),
        Case(
            "wan-480p", "Wan-1.3B class, 832x480, 81 frames, 4 steps",
            Wan, (_film(5), _FIRST), _took(25, 30, 45),
        ),
        Case(
            "wan-720p", "Wan-1.3B class, 1280x720, 81 frames, 4 steps",
            partial(Wan, size=(1280, 720)), (_film(10),), _took(60, 70, 90),
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Work:
    """One measurement of a case: a run begins it or does not."""

    case: Case
    kind: Kind

    @property
    def op(self) -> str:
        """Whose report it goes into: all are of one."""
        return "engine"

    @property
    def title(self) -> str:
        """The case, for people."""
        return self.case.name

    @property
    def like(self) -> tuple[str, str]:
        """Nothing else takes as long."""
        return self.case.name, self.kind

    @property
    def guess(self) -> float:
        """Seconds that it takes."""
        return self.case.seconds[self.kind]


LAST = "wan-720p"  # takes the longest, and tells the least beside 480p


def ordered(names: list[str], *, compiled: bool = True) -> list[Work]:
    """Return what is measured: cases in their order, compiled ones after all others."""
    cases = [case for name, case in CASES.items() if name in names]
    works = [Work(case, kind) for case in cases for kind in ("library", "ours")]
    first = [work for work in works if work.case.name != LAST]
    last = [work for work in works if work.case.name == LAST]
    return [*first, *(Work(case, "compiled") for case in cases if compiled), *last]
