"""A test double of a talking model: it repeats sound, and beeps each letter of a text."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

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
WIDTH, HEIGHT = 64, 36  # px
LOUD = 8_000  # of a beep
_LEAD_US = 60_000  # ahead of the media clock, where the runner lets a job be 200 ms ahead
_DUE_US = 200_000 - _LEAD_US

_Sound = NDArray[np.int16]


class ParrotParams(Params):
    """What its fellows take, too."""

    avatar: str = Field(default="", description="Nothing comes of it.")
    consent: bool = Field(default=False, description="That the portrait may speak.")
    voice: str = Field(default="", description="Nothing comes of it.")


@dataclass(slots=True, eq=False)
class ParrotJob(Job):
    """A row of ticks without an end, and what is to be said in them."""

    at: int  # µs on the media clock, of the next tick
    line: deque[tuple[str, _Sound]] = field(default_factory=deque)  # by tick; the letter, if any
    rest: _Sound = field(default_factory=lambda: np.zeros(0, np.int16))  # no whole tick
    spoken_us: int = 0
    made: list[Output] = field(default_factory=list)
    interruptions: int = 0
    portrait: Pixels | None = None
    preparing: int = 0  # ticks until the portrait is seen


class Parrot(Null[ParrotParams, None, ParrotJob]):
    """Say what it is told, 40 ms a tick; bright while it does, dark in silence."""

    info: ModelInfo = ModelInfo(
        id="parrot",
        task="talking-head",
        title="Parrot",
        licence="Apache-2.0",
        commercial="yes",
        width=WIDTH,
        height=HEIGHT,
        alpha=False,
        inputs=(
            ImageInput("portrait", WIDTH, HEIGHT, required=False),
            AudioInput("speech", rate=RATE, channels=1, max_s=120.0, required=False),
            TextInput("text", max_chars=100_000, required=False),
        ),
        draft_steps=1,
        max_steps=1,
        outputs=(
            VideoOutput(width=WIDTH, height=HEIGHT, rate=25.0),
            AudioOutput(rate=RATE, channels=1),
        ),
    )
    params: ClassVar[type[Params]] = ParrotParams

    def __init__(self) -> None:
        self.heard: list[Request[Any]] = []  # for tests to look at

    def open(self) -> None:
        """Keep nothing for a session."""

    def prepare(self, items: Sequence[tuple[None, Request[ParrotParams]]]) -> list[ParrotJob]:
        """Take what is to be said, after what is being said."""
        return [self._job(request) for _, request in items]

    def _job(self, request: Request[ParrotParams]) -> ParrotJob:
        self.heard.append(request)
        job = request.running
        if not isinstance(job, ParrotJob):
            job = ParrotJob("parrot", 0, request.at)
        portrait = request.inputs.get("portrait")
        if portrait is not None and portrait is not job.portrait:
            job.portrait, job.preparing = portrait, 3
        if request.interrupted:
            job.line.clear()
            job.rest = job.rest[:0]
            job.interruptions += 1
        for chunk in request.audio.get("speech", ()):
            whole = np.concatenate([job.rest, chunk.pcm[:, 0]])
            ticks, job.rest = divided(whole)
            job.line.extend(("", tick) for tick in ticks)
        for text in request.text.get("text", ()):
            job.line.extend((letter, _BEEP) for letter in text.text)
            if not text.text and len(job.rest):
                job.line.append(("", np.pad(job.rest, (0, SAMPLES - len(job.rest)))))
                job.rest = job.rest[:0]
        job.due = job.at + _DUE_US
        return job

    def step(self, jobs: Sequence[ParrotJob]) -> None:
        """Make one tick of each."""
        for job in jobs:
            speaking = bool(job.line)
            letter, sound = job.line.popleft() if speaking else ("", _SILENCE)
            shade = 255 if speaking else 0
            frame = np.full((1, HEIGHT, WIDTH, 3), shade, np.uint8)
            job.made += [
                VideoChunk(frame, job.at, TICK_US),
                AudioChunk(sound[:, None], RATE, job.at),
            ]
            job.spoken_us += TICK_US if speaking else 0
            words = [{"text": letter, "at": job.at, "until": job.at + TICK_US}] if letter else []
            job.data = {
                "state": "speaking" if speaking else "idle",
                "viseme": "aa" if speaking else "sil",
                "words": words,
                "spoken_us": job.spoken_us,
            }
            if job.preparing:
                job.preparing -= 1
                job.data = {**job.data, "ready": False}
            job.at += TICK_US
            job.step += 1
            job.ready, job.due = True, job.at + _DUE_US

    def emit(self, jobs: Sequence[ParrotJob]) -> list[list[Output]]:
        """Return the frame and the sound of each tick that was made."""
        made = [list(job.made) for job in jobs]
        for job in jobs:
            job.made.clear()
        return made

    def room(self, key: Hashable) -> int:
        """Take many at a time."""
        return 64


def divided(samples: _Sound) -> tuple[list[_Sound], _Sound]:
    """Return the whole ticks of some sound, and the rest."""
    whole = len(samples) // SAMPLES
    ticks = [samples[at * SAMPLES : (at + 1) * SAMPLES] for at in range(whole)]
    return ticks, samples[whole * SAMPLES :]


_SILENCE = np.zeros(SAMPLES, np.int16)
_BEEP = np.full(SAMPLES, LOUD, np.int16)
