"""``metronome``: a null model that never ends: clicks and a flash at one time, to measure by."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from livedraft.media.chunks import AudioChunk, Output, VideoChunk

from .base import (
    AudioOutput,
    Job,
    ModelInfo,
    Params,
    Request,
    VideoOutput,
)
from .null import Null

TICK_US = 40_000  # one frame, and as much sound
RATE = 16_000  # Hz
WIDTH, HEIGHT = 320, 180  # px
_SAMPLES = RATE * TICK_US // 1_000_000  # of a tick
_CLICK_S = 0.005
_TONE_HZ = 1000


class MetronomeParams(Params):
    """Params of the null model: how often it beats."""

    beat_ms: int = Field(
        default=1000,
        ge=200,
        le=10_000,
        multiple_of=40,
        title="Beat, ms",
        description="From beat to beat, ms.",
    )


@dataclass(slots=True, eq=False)
class MetronomeJob(Job):
    """A row of ticks without an end."""

    beat_us: int
    at: int  # µs on the media clock, of the next tick
    ticks: list[int] = field(default_factory=list)  # µs, made and not shown yet


class Metronome(Null[MetronomeParams, None, MetronomeJob]):
    """Show dark frames in silence; at each beat a bright one, and a click that begins with it."""

    info: ModelInfo = ModelInfo(
        id="metronome",
        task="clock",
        title="Metronome",
        description="Beats time in pictures and sound, to see how well both keep together.",
        licence="Apache-2.0",
        commercial="yes",
        width=WIDTH,
        height=HEIGHT,
        alpha=False,
        inputs=(),
        draft_steps=1,
        max_steps=1,
        outputs=(
            VideoOutput(width=WIDTH, height=HEIGHT, rate=1e6 / TICK_US),
            AudioOutput(rate=RATE, channels=1),
        ),
        endless=True,
    )
    params: ClassVar[type[Params]] = MetronomeParams

    def __init__(self) -> None:
        self._frames = {on: np.full((1, HEIGHT, WIDTH, 3), 255 * on, np.uint8) for on in (0, 1)}
        self._click = _click()

    def open(self) -> None:
        """Keep nothing for a session: beats are told by the media clock."""

    def prepare(self, items: Sequence[tuple[None, Request[MetronomeParams]]]) -> list[MetronomeJob]:
        """Begin at the next whole tick, or go on with what runs."""
        return [self._job(request) for _, request in items]

    def _job(self, request: Request[MetronomeParams]) -> MetronomeJob:
        beat_us = request.params.beat_ms * 1000
        job = request.running
        if not isinstance(job, MetronomeJob):
            job = MetronomeJob("metronome", 0, beat_us, -(-request.at // TICK_US) * TICK_US)
        job.beat_us, job.due = beat_us, job.at
        return job

    def step(self, jobs: Sequence[MetronomeJob]) -> None:
        """Make one tick of each."""
        for job in jobs:
            job.ticks.append(job.at)
            job.at += TICK_US
            job.step += 1
            job.ready, job.due = True, job.at

    def emit(self, jobs: Sequence[MetronomeJob]) -> list[list[Output]]:
        """Return a frame and its sound for each tick that was made."""
        made = [[each for at in job.ticks for each in self._tick(at, job.beat_us)] for job in jobs]
        for job in jobs:
            job.ticks.clear()
        return made

    def room(self, key: Hashable) -> int:
        """Take many at a time."""
        return 64

    def _tick(self, at: int, beat_us: int) -> tuple[Output, Output]:
        beats = at % beat_us == 0
        sound = self._click if beats else np.zeros_like(self._click)
        return VideoChunk(self._frames[beats], at, TICK_US), AudioChunk(sound, RATE, at)


def _click() -> NDArray[np.int16]:
    """Return a tick's sound, (n, 1), that begins with a short tone."""
    time = np.arange(_SAMPLES) / RATE
    tone = np.where(time < _CLICK_S, np.sin(2 * math.pi * _TONE_HZ * time), 0.0)
    return (tone * 16_000).astype(np.int16)[:, None]
