"""A model that keeps a photograph in its session's state and gives it back, or fails with it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from pydantic import Field

from livedraft.errors import ModelFailed
from livedraft.media.chunks import Still
from livedraft.runtime.models.base import (
    ImageInput,
    Inputs,
    Job,
    ModelInfo,
    Params,
    Pixels,
    Request,
)
from livedraft.runtime.models.null import Null


class MirrorParams(Params):
    """How it fails, and what the element of try-on sets."""

    view: str = Field(default="picture", description="What comes back.")
    category: str = Field(default="auto", description="Of the garment.")
    sleeves: str = Field(default="auto", description="Of the garment.")
    fit: float = Field(default=0, description="Of the garment.")
    points: dict[str, list[float]] = Field(default={}, description="Of the garment.")
    joints: dict[str, list[float]] = Field(default={}, description="Of the person.")
    subject: list[float] | None = Field(default=None, description="Of the people.")
    fault: Literal["", "told", "unforeseen", "deadly"] = Field(
        default="", description="In the step: with an error of ours, any error, or the process."
    )


@dataclass(slots=True, eq=False)
class Seen:
    """What a session's state holds: the photograph, as caches of real models do."""

    photo: Pixels | None = None


@dataclass(slots=True, eq=False)
class MirrorJob(Job):
    """The photograph."""

    photo: Pixels
    fault: str


class Mirror(Null[MirrorParams, Seen, MirrorJob]):
    """Give back what came."""

    info: ModelInfo = ModelInfo(
        id="mirror",
        task="try-on",
        title="Mirror",
        licence="Apache-2.0",
        commercial="yes",
        width=512,
        height=512,
        alpha=False,
        inputs=(
            ImageInput("person", 512, 512, most_px=2048),
            *(
                ImageInput(name, 512, 512, alpha=True, required=False)
                for name in ("garment", "lower", "mask")
            ),
        ),
        draft_steps=1,
        max_steps=4,
    )
    params: ClassVar[type[Params]] = MirrorParams
    hands: ClassVar[tuple[str, ...]] = ("person",)

    def open(self) -> Seen:
        """Begin with nothing."""
        return Seen()

    def prepare(self, items: Sequence[tuple[Seen, Request[MirrorParams]]]) -> list[MirrorJob]:
        """Keep the photograph."""
        jobs = []
        for seen, request in items:
            seen.photo = request.inputs["person"].copy()
            jobs.append(MirrorJob("mirror", request.steps, seen.photo, request.params.fault))
        return jobs

    def step(self, jobs: Sequence[MirrorJob]) -> None:
        """Fail as was asked, with the photograph at hand."""
        for job in jobs:
            photo = job.photo
            if job.fault == "told":
                raise ModelFailed("asked to fail", fix="ask otherwise")
            if job.fault == "unforeseen":
                _ = photo @ photo  # shapes that do not fit: NumPy's own error
            if job.fault == "deadly":
                os.abort()
            job.step += 1

    def hand_over(self, state: Seen, request: Request[MirrorParams]) -> Inputs:
        """Hand over the photograph that is kept."""
        return {} if state.photo is None else {"person": state.photo.copy()}

    def emit(self, jobs: Sequence[MirrorJob]) -> list[list[Still]]:
        """Give it back."""
        return [[Still(job.photo)] for job in jobs]


class Second(Mirror):
    """Another one, to refine with."""

    info: ModelInfo = replace(Mirror.info, id="second")
