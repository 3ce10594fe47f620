"""Sets of people to draw: everybody, or the easy ones that try-ons are usually shown on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from numpy.random import Generator

from . import clothes, poses
from .clothes import Cut
from .poses import Pose

KIND_SHARES = (0.64, 0.2, 0.16)
FRAMINGS = {  # how people are photographed to try a garment on, and how often
    "upper": {"selfie": 0.2, "half": 0.5, "knee": 0.2, "full": 0.1},
    "lower": {"knee": 0.25, "full": 0.75},
    "dress": {"knee": 0.3, "full": 0.7},
}
SHORT, LONG = 0.33, 0.95  # sleeves
SLEEVES = ((LONG, SHORT), (SHORT, LONG), (SHORT, SHORT))  # worn, new
TIGHT = Cut("upper", ease=0.004, hem_ease=0.0, sleeve_ease=0.0, folds=0.001, laid=0.0)


@dataclass(frozen=True)
class People:
    """How the people of a set stand, are photographed and dressed."""

    pose: Callable[[Generator], Pose]
    kind: Callable[[Generator], str]
    framings: Mapping[str, Mapping[str, float]]  # by kind
    cuts: Callable[[Generator, str], dict[str, Cut]]  # `upper` and `lower` are worn, `new` is not
    tucked: float  # how many wear a top tucked in


def _any_kind(rng: Generator) -> str:
    return str(rng.choice(clothes.KINDS, p=KIND_SHARES))


def _any_cuts(rng: Generator, kind: str) -> dict[str, Cut]:
    return {
        "upper": clothes.sample(rng, "upper"),
        "lower": clothes.sample(rng, "lower"),
        "new": clothes.sample(rng, kind),
    }


def _standing(rng: Generator) -> Pose:
    u = rng.uniform
    left, right = (poses.hanging(u(0.15, 0.8), u(-0.05, 0.1), u(0.0, 0.42)) for _ in range(2))
    return Pose("down", left, right, yaw=u(-0.2, 0.2), lean=u(-0.06, 0.06), stance=0.05)


def _tight_cuts(rng: Generator, kind: str) -> dict[str, Cut]:
    worn, new = SLEEVES[int(rng.integers(len(SLEEVES)))]
    return {
        "upper": replace(TIGHT, sleeve=worn, hem=-0.02),
        "lower": replace(TIGHT, kind="lower"),
        "new": replace(TIGHT, kind=kind, sleeve=new, hem=-0.03),
    }


SETS: Mapping[str, People] = {
    "all": People(poses.sample, _any_kind, FRAMINGS, _any_cuts, tucked=0.25),
    "front": People(
        _standing, lambda _: "upper", {"upper": {"half": 1.0}}, _tight_cuts, tucked=0.0
    ),
}


def folder(cache: Path, name: str) -> Path:
    """Return where in a cache the records of a set lie."""
    return cache if name == "all" else cache / name
