"""A test double of a talking model: it repeats sound, and beeps each letter of a text."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pytest
from pydantic import Field
from tests.ticking import RATE, SAMPLES, SILENCE, TICK_US, Sound, Ticking, TickJob, info_of

from livedraft.runtime.models import MODELS
from livedraft.runtime.models.base import ModelInfo, Params, Pixels, Request

__all__ = ["RATE", "SAMPLES", "TICK_US", "Parrot", "ParrotJob", "serve_a_parrot"]

WIDTH, HEIGHT = 64, 36  # px
LOUD = 8_000  # of a beep
_LEAD_US = 60_000  # ahead of the media clock
_BEEP = np.full(SAMPLES, LOUD, np.int16)


def serve_a_parrot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let servers know the double by its name, beside what there is."""
    load = MODELS.load
    monkeypatch.setattr(MODELS, "load", lambda name: Parrot if name == "parrot" else load(name))


class ParrotParams(Params):
    """What its fellows take, too."""

    avatar: str = Field(default="", description="Nothing comes of it.")
    consent: bool = Field(default=False, description="That the portrait may speak.")
    voice: str = Field(default="", description="Nothing comes of it.")


@dataclass(slots=True, eq=False)
class ParrotJob(TickJob):
    """What is to be said, tick by tick."""

    line: deque[tuple[str, Sound]] = field(default_factory=deque)  # with the letter, if any
    interruptions: int = 0
    portrait: Pixels | None = None
    preparing: int = 0  # ticks until the portrait is seen


class Parrot(Ticking[ParrotParams, ParrotJob]):
    """Say what it is told, 40 ms a tick; bright while it does, dark in silence."""

    info: ModelInfo = info_of("parrot", "Parrot", (WIDTH, HEIGHT), (WIDTH, HEIGHT))
    params: ClassVar[type[Params]] = ParrotParams

    def __init__(self) -> None:
        self.heard: list[Request[Any]] = []  # for tests to look at

    def job(self, request: Request[ParrotParams]) -> ParrotJob:
        """Put what came in line."""
        self.heard.append(request)
        job = request.running
        if not isinstance(job, ParrotJob):
            job = ParrotJob("parrot", 0, request.at)
            job.lead = _LEAD_US
        portrait = request.inputs.get("portrait")
        if portrait is not None and portrait is not job.portrait:
            job.portrait, job.preparing = portrait, 3
        if request.interrupted:
            job.line.clear()
            job.rest = job.rest[:0]
            job.interruptions += 1
        for chunk in request.audio.get("speech", ()):
            job.line.extend(("", tick) for tick in job.hear(chunk.pcm[:, 0]))
        for text in request.text.get("text", ()):
            job.line.extend((letter, _BEEP) for letter in text.text)
            if not text.text and len(job.rest):
                job.line.append(("", np.pad(job.rest, (0, SAMPLES - len(job.rest)))))
                job.rest = job.rest[:0]
        return job

    def step(self, jobs: Sequence[ParrotJob]) -> None:
        """Make one tick of each."""
        for job in jobs:
            speaking = bool(job.line)
            letter, sound = job.line.popleft() if speaking else ("", SILENCE)
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
            job.make(np.full((HEIGHT, WIDTH, 3), 255 * speaking, np.uint8), sound)
