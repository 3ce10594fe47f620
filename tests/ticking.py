"""What doubles of talking models share: a frame and 40 ms of sound a tick, without an end."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from livedraft.media.chunks import AudioChunk, Output, VideoChunk
from livedraft.runtime.models.base import (
    AudioInput,
    AudioOutput,
    ImageInput,
    Job,
    ModelInfo,
    Params,
    Pixels,
    Request,
    TextInput,
    VideoOutput,
)
from livedraft.runtime.models.null import Null

TICK_US = 40_000
RATE = 24_000
SAMPLES = RATE * TICK_US // 1_000_000  # of a tick

Sound = NDArray[np.int16]
SILENCE: Sound = np.zeros(SAMPLES, np.int16)


@dataclass(slots=True, eq=False)
class TickJob(Job):
    """A row of ticks."""

    at: int  # µs on the media clock, of the next
    rest: Sound = field(default_factory=lambda: np.zeros(0, np.int16))  # heard, and no whole tick
    spoken_us: int = 0
    made: list[Output] = field(default_factory=list)

    def hear(self, samples: Sound) -> list[Sound]:
        """Return the whole ticks of what came and of the rest before it."""
        whole = np.concatenate([self.rest, samples])
        count = len(whole) // SAMPLES
        self.rest = whole[count * SAMPLES :]
        return [*whole[: count * SAMPLES].reshape(-1, SAMPLES)]

    def make(self, frame: Pixels, sound: Sound) -> None:
        """Add a tick."""
        self.made += [
            VideoChunk(frame[None], self.at, TICK_US),
            AudioChunk(sound[:, None], RATE, self.at),
        ]
        self.at += TICK_US
        self.step += 1
        self.ready, self.due = True, self.at


P = TypeVar("P", bound=Params)
J = TypeVar("J", bound=TickJob)


class Ticking(Null[P, None, J]):
    """A talking model's ways in and out."""

    def open(self) -> None:
        """Keep nothing for a session."""

    @abstractmethod
    def job(self, request: Request[P]) -> J:
        """Return the job that goes on, or a new one, with what came."""

    def prepare(self, items: Sequence[tuple[None, Request[P]]]) -> list[J]:
        """Take what is to be said, after what is being said."""
        jobs = [self.job(request) for _, request in items]
        for job in jobs:
            job.due = job.at
        return jobs

    def emit(self, jobs: Sequence[J]) -> list[list[Output]]:
        """Return the frame and the sound of each tick that was made."""
        made = [list(job.made) for job in jobs]
        for job in jobs:
            job.made.clear()
        return made

    def room(self, key: Hashable) -> int:
        """Take many at a time."""
        return 64


def info_of(id: str, title: str, size: tuple[int, int], portrait: tuple[int, int]) -> ModelInfo:
    """Return what clients hear of a double; sizes are width and height, px."""
    more: dict[str, Any] = {"task": "talking-head", "licence": "Apache-2.0", "commercial": "yes"}
    return ModelInfo(
        id=id,
        title=title,
        width=size[0],
        height=size[1],
        alpha=False,
        inputs=(
            ImageInput("portrait", *portrait, required=False),
            AudioInput("speech", rate=RATE, channels=1, max_s=120.0, required=False),
            TextInput("text", max_chars=100_000, required=False),
        ),
        draft_steps=1,
        max_steps=1,
        outputs=(
            VideoOutput(width=size[0], height=size[1], rate=1e6 / TICK_US),
            AudioOutput(rate=RATE, channels=1),
        ),
        **more,
    )
