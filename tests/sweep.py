"""A double of a model of films: frames that get lighter, and a tone; without weights or torch."""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from pydantic import Field

from livedraft.errors import ModelFailed
from livedraft.media.chunks import SECOND, AudioChunk, Output, VideoChunk
from livedraft.runtime.models.base import (
    AudioOutput,
    ImageInput,
    Job,
    ModelInfo,
    Params,
    Request,
    VideoOutput,
)
from livedraft.runtime.models.mixins import PromptParams, SeedParams, StepsParams
from livedraft.runtime.models.null import Null

SERVED = f"python:{__file__}:Sweep"
WIDTH, HEIGHT, FPS, RATE = 64, 48, 10, 16_000


class SweepParams(StepsParams, SeedParams, PromptParams):
    """What films have, and the faults that it shall show."""

    seconds: float = Field(default=0.5, gt=0, le=60)
    sound: bool = False
    noise: bool = Field(default=False, description="Frames that are as large as files get.")
    unseen: bool = Field(default=False, description="Sound alone.")
    delay_ms: float = Field(default=0.0, ge=0, le=10_000, description="Time of one step, ms.")
    fail: bool = False


@dataclass(slots=True, eq=False)
class SweepJob(Job):
    """A film that comes whole."""

    params: SweepParams
    at: int  # µs


class Sweep(Null[SweepParams, None, SweepJob]):
    """Films black that turns white."""

    info = ModelInfo(
        id="sweep",
        task="text-to-video",
        title="Sweep",
        licence="Apache-2.0",
        commercial="yes",
        width=WIDTH,
        height=HEIGHT,
        alpha=False,
        inputs=(ImageInput("image", WIDTH, HEIGHT, required=False),),
        draft_steps=1,
        max_steps=100,
        outputs=(
            VideoOutput(width=WIDTH, height=HEIGHT, rate=FPS),
            AudioOutput(rate=RATE, channels=1),
        ),
    )
    params: ClassVar[type[Params]] = SweepParams

    def open(self) -> None:
        """Keep nothing for a session."""

    def prepare(self, items: Sequence[tuple[None, Request[SweepParams]]]) -> list[SweepJob]:
        """Begin each anew."""
        return [SweepJob("sweep", each.steps, each.params, each.at) for _, each in items]

    def step(self, jobs: Sequence[SweepJob]) -> None:
        """Wait for the longest delay of the batch, as a model would compute."""
        if any(job.params.fail for job in jobs):
            raise ModelFailed("the sweep was asked to fail", fix="leave out the param 'fail'")
        time.sleep(max(job.params.delay_ms for job in jobs) / 1e3)
        for job in jobs:
            job.step += 1

    def emit(self, jobs: Sequence[SweepJob]) -> list[list[Output]]:
        """Return all frames, and their sound."""
        return [[*_film(job)] for job in jobs]

    def room(self, key: Hashable) -> int:
        """Take many at a time."""
        return 64


def _film(job: SweepJob) -> Sequence[Output]:
    params = job.params
    count = max(1, round(params.seconds * FPS))
    shades = np.linspace(0, 250, count).astype(np.uint8)
    frames = np.broadcast_to(shades[:, None, None, None], (count, HEIGHT, WIDTH, 3)).copy()
    if params.noise:
        frames[:] = np.random.default_rng(params.seed).integers(0, 256, frames.shape, np.uint8)
    wave = np.sin(np.arange(round(params.seconds * RATE)) / 6) * 8_000
    sound = AudioChunk(wave.astype(np.int16)[:, None], RATE, job.at)
    if params.unseen:
        return [sound]
    film = VideoChunk(frames, job.at, count * SECOND // FPS)
    return [film, sound] if params.sound else [film]
