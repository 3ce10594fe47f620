"""``echo``: a null model that returns its input after a delay, for tests and benchmarks."""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from pydantic import Field

from livedraft.errors import ModelFailed
from livedraft.media.chunks import Still

from .base import (
    ImageInput,
    Job,
    ModelInfo,
    Params,
    Pixels,
    Request,
)
from .mixins import PromptParams, SeedParams, StepsParams
from .null import Null


class EchoParams(StepsParams, SeedParams, PromptParams):
    """Params of the null model: what pictures have, and the faults it shall show."""

    delay_ms: float = Field(default=0.0, ge=0, le=10_000, description="Time of one step, ms.")
    fail: bool = Field(default=False, description="Raise in the first step.")


@dataclass(slots=True, eq=False)
class EchoJob(Job):
    """A picture that goes back as it came."""

    picture: Pixels
    delay_s: float
    fail: bool


class Echo(Null[EchoParams, None, EchoJob]):
    """Return the input. A call takes as long as its slowest job asks for."""

    info: ModelInfo = ModelInfo(
        id="echo",
        task="sketch-to-image",
        title="Null model",
        description="Shows the sketch as it came: no model, to try what lies around one.",
        licence="Apache-2.0",
        commercial="yes",
        width=512,
        height=512,
        alpha=False,
        inputs=(
            ImageInput("sketch", 512, 512, required=False, description="Comes back as it is."),
        ),
        draft_steps=1,
        max_steps=100,
        preview_every=2,
    )
    params: ClassVar[type[Params]] = EchoParams

    def open(self) -> None:
        """Keep nothing for a session."""

    def prepare(self, items: Sequence[tuple[None, Request[EchoParams]]]) -> list[EchoJob]:
        """Take the pictures, or grey ones that the seed shades where there are none."""
        return [self._job(request) for _, request in items]

    def _job(self, request: Request[EchoParams]) -> EchoJob:
        params = request.params
        picture = request.inputs.get("sketch")
        if picture is None:
            shade = params.seed % 256
            picture = np.full((self.info.height, self.info.width, 3), shade, np.uint8)
        return EchoJob("echo", request.steps, picture, params.delay_ms / 1e3, params.fail)

    def step(self, jobs: Sequence[EchoJob]) -> None:
        """Wait for the longest delay of the batch, as a model would compute."""
        if any(job.fail for job in jobs):
            raise ModelFailed("the null model was asked to fail", fix="leave out the param 'fail'")
        time.sleep(max(job.delay_s for job in jobs))  # stands for work on the engine's thread
        for job in jobs:
            job.step += 1

    def emit(self, jobs: Sequence[EchoJob]) -> list[list[Still]]:
        """Return the pictures unchanged."""
        return [[Still(job.picture)] for job in jobs]

    def room(self, key: Hashable) -> int:
        """Take eight at a time."""
        return 8
