"""A test double of ``head``: its inputs, params and what it tells; a disc that beeps."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from livedraft.errors import InvalidImage
from livedraft.media.chunks import AudioChunk, Output, VideoChunk
from livedraft.runtime.models.base import (
    AudioInput,
    AudioOutput,
    ImageInput,
    Job,
    ModelInfo,
    Params,
    Request,
    TextInput,
    VideoOutput,
)
from livedraft.runtime.models.null import Null

TICK_US = 40_000
RATE = 24_000
SAMPLES = RATE * TICK_US // 1_000_000  # of a tick
SIZE = 256  # px
WORD = 6  # ticks
_AHEAD_US = 160_000  # of the 200 ms that a job may be ahead of the clock, none is used but 40
_Y, _X = np.mgrid[:SIZE, :SIZE] / SIZE - 0.5
_SVG = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'%3E"
_DISC = "%3Ccircle cx='.5' cy='.5' r='.4' fill='{}'/%3E%3C/svg%3E"
COLOURS = {"ada": (90, 150, 240), "kofi": (240, 170, 70), "lena": (120, 200, 130)}
PICTURES = {
    each: _SVG + _DISC.format("%23{:02x}{:02x}{:02x}".format(*colour))
    for each, colour in COLOURS.items()
}


class PuppetParams(Params):
    """Params of ``head``."""

    avatar: Literal["ada", "kofi", "lena"] = Field(
        default="ada", json_schema_extra={"x-pictures": {**PICTURES}}
    )
    voice: Literal["en-GB", "en-US", "de-DE"] = "en-US"
    speed: float = Field(default=1.0, ge=0.5, le=2.0)
    pitch: float = Field(default=1.0, ge=0.5, le=2.0)
    liveliness: float = Field(default=0.5, ge=0.0, le=1.0)
    listening: bool = False
    consent: bool = False
    badge: bool = True


@dataclass(slots=True)
class Said:
    """A tick of speech, and the word that begins in it."""

    sound: NDArray[np.int16]
    word: str = ""


@dataclass(slots=True, eq=False)
class PuppetJob(Job):
    """A row of ticks without an end, and what is to be said in them."""

    at: int  # µs on the media clock, of the next tick
    params: PuppetParams
    portrait: NDArray[np.uint8] | None = None
    line: deque[Said] = field(default_factory=deque)
    rest: NDArray[np.int16] = field(default_factory=lambda: np.zeros(0, np.int16))
    text: str = ""  # that has no end yet
    spoken_us: int = 0
    made: list[Output] = field(default_factory=list)


class Puppet(Null[PuppetParams, None, PuppetJob]):
    """Say what it is told, 40 ms a tick."""

    info: ModelInfo = ModelInfo(
        id="head",
        task="talking-head",
        title="Puppet",
        licence="Apache-2.0",
        commercial="yes",
        width=SIZE,
        height=SIZE,
        alpha=False,
        inputs=(
            ImageInput("portrait", 512, 512, required=False),
            AudioInput("speech", rate=RATE, channels=1, max_s=120.0, required=False),
            TextInput("text", max_chars=100_000, required=False),
        ),
        draft_steps=1,
        max_steps=1,
        outputs=(
            VideoOutput(width=SIZE, height=SIZE, rate=25.0),
            AudioOutput(rate=RATE, channels=1),
        ),
    )
    params: ClassVar[type[Params]] = PuppetParams

    def open(self) -> None:
        """Keep nothing for a session."""

    def prepare(self, items: Sequence[tuple[None, Request[PuppetParams]]]) -> list[PuppetJob]:
        """Take what is to be said, after what is being said."""
        return [self._job(request) for _, request in items]

    def _job(self, request: Request[PuppetParams]) -> PuppetJob:
        portrait = request.inputs.get("portrait")
        if portrait is not None and portrait.any() and not request.params.consent:
            raise InvalidImage("a photograph needs consent", fix="give consent=True")
        job = request.running
        if not isinstance(job, PuppetJob):
            job = PuppetJob("puppet", 0, request.at, request.params)
        job.params, job.portrait = request.params, portrait
        if request.interrupted:
            job.line.clear()
            job.rest, job.text = job.rest[:0], ""
        for chunk in request.audio.get("speech", ()):
            self._hear(job, chunk.pcm[:, 0])
        for piece in request.text.get("text", ()):
            self._read(job, piece.text)
        job.due = job.at + _AHEAD_US
        return job

    def _hear(self, job: PuppetJob, samples: NDArray[np.int16]) -> None:
        whole = np.concatenate([job.rest, samples])
        ticks = len(whole) // SAMPLES
        job.line.extend(Said(each) for each in whole[: ticks * SAMPLES].reshape(-1, SAMPLES))
        job.rest = whole[ticks * SAMPLES :]

    def _read(self, job: PuppetJob, text: str) -> None:
        job.text += text
        *words, last = job.text.split(" ")
        job.text = last
        if not text and last:
            words, job.text = [*words, last], ""
        for word in filter(None, words):
            job.line.extend(Said(_beep(i), word if i == 0 else "") for i in range(WORD))

    def step(self, jobs: Sequence[PuppetJob]) -> None:
        """Make one tick of each."""
        for job in jobs:
            said = job.line.popleft() if job.line else None
            idle = "listening" if job.params.listening else "idle"
            sound = np.zeros(SAMPLES, np.int16) if said is None else said.sound
            viseme = "sil" if said is None else ("aa", "PP")[job.step // 3 % 2]
            frame = _frame(job, viseme)
            job.made += [
                VideoChunk(frame[None], job.at, TICK_US),
                AudioChunk(sound[:, None], RATE, job.at),
            ]
            job.spoken_us = 0 if said is None else job.spoken_us + TICK_US
            word = {"text": said.word if said else "", "at": job.at + 10_000}
            words: list[dict[str, Any]] = [word | {"until": job.at + WORD * TICK_US}]
            job.data = {
                "state": "speaking" if said else idle,
                "viseme": viseme,
                "words": words if said and said.word else [],
                "spoken_us": job.spoken_us,
            }
            job.at += TICK_US
            job.step += 1
            job.ready, job.due = True, job.at + _AHEAD_US

    def emit(self, jobs: Sequence[PuppetJob]) -> list[list[Output]]:
        """Return the frame and the sound of each tick that was made."""
        made = [list(job.made) for job in jobs]
        for job in jobs:
            job.made.clear()
        return made

    def room(self, key: Hashable) -> int:
        """Take many at a time."""
        return 64


def _beep(tick: int) -> NDArray[np.int16]:
    """Return a tick of a word, which swells and fades."""
    time = np.arange(SAMPLES) / RATE
    loud = 9_000 * np.sin(np.pi * (tick + 0.5) / WORD)
    beep: NDArray[np.int16] = (loud * np.sin(2 * np.pi * 220 * time)).astype(np.int16)
    return beep


def _frame(job: PuppetJob, viseme: str) -> NDArray[np.uint8]:
    """Return a disc in the avatar's colour, or in the portrait's mean one, with a mouth."""
    frame = np.full((SIZE, SIZE, 3), 236, np.uint8)
    colour: Any = COLOURS[job.params.avatar]
    if job.portrait is not None:
        colour = job.portrait[..., :3].mean((0, 1))
    frame[_X**2 + _Y**2 < 0.16] = colour
    for side in (-0.13, 0.13):
        frame[(_X - side) ** 2 + (_Y + 0.1) ** 2 < 0.001] = 30
    height = 0.006 if viseme == "aa" else 0.0002
    frame[(_X / 1.6) ** 2 + (_Y - 0.15) ** 2 < height] = (120, 30, 40)
    if job.params.badge:
        frame[-24:-8, -40:-8] = 20
    return frame
