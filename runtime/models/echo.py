"""``echo``: a null model that returns its input after a delay, for tests and benchmarks."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from pydantic import Field

from livedraft.errors import ModelFailed

from .base import InputSpec, Job, Model, ModelInfo, Params, Pixels, Request


class EchoParams(Params):
    """Params of the null model: the faults it shall show."""

    delay_ms: float = Field(default=0.0, ge=0, le=10_000, description="Time of one step, ms.")
    fail: bool = Field(default=False, description="Raise in the first step.")


@dataclass(slots=True, eq=False)
class EchoJob(Job):
    """A picture that goes back as it came."""

    picture: Pixels
    delay_s: float
    fail: bool


class Echo(Model[EchoParams, None, EchoJob]):
    """Return the input. A call takes as long as its slowest job asks for."""

    info: ModelInfo = ModelInfo(
        id="echo",
        task="sketch-to-image",
        title="Null model",
        licence="Apache-2.0",
        commercial="yes",
        width=512,
        height=512,
        alpha=False,
        inputs=(InputSpec("sketch", 512, 512, required=False, description="Comes back as it is."),),
        draft_steps=1,
        max_steps=100,
        max_batch=8,
        preview_every=2,
    )
    params: ClassVar[type[Params]] = EchoParams

    @classmethod
    def load(cls, device: str = "cpu", source: str = "", threads: int = 0) -> Self:
        """Return the model; there are no weights."""
        return cls()

    @classmethod
    def tiny(cls) -> Self:
        """Return the model; it is as small as can be."""
        return cls()

    def open(self) -> None:
        """Keep nothing for a session."""

    def prepare(self, state: None, request: Request) -> EchoJob:
        """Take the picture, or a grey one that the seed shades where there is none."""
        params = request.params
        assert isinstance(params, EchoParams)
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

    def decode(self, jobs: Sequence[EchoJob]) -> list[Pixels]:
        """Return the pictures unchanged."""
        return [job.picture for job in jobs]
