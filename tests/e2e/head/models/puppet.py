"""A test double of ``head``: its inputs, params and what it tells; a disc that beeps."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from tests.ticking import RATE, SAMPLES, SILENCE, TICK_US, Ticking, TickJob, info_of

from livedraft.errors import InvalidImage
from livedraft.runtime.models.base import ModelInfo, Params, Pixels, Request

SIZE = 256  # px
WORD = 6  # ticks
MARK = 24  # px, of a square in a corner that is black in frames with sound
_LEAD_US = 40_000  # ahead of the media clock
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
class PuppetJob(TickJob):
    """What is to be said, tick by tick."""

    params: PuppetParams = field(default_factory=PuppetParams)
    portrait: Pixels | None = None
    line: deque[Said] = field(default_factory=deque)
    text: str = ""  # that has no end yet


class Puppet(Ticking[PuppetParams, PuppetJob]):
    """Say what it is told, 40 ms a tick."""

    info: ModelInfo = info_of("head", "Puppet", (SIZE, SIZE), (512, 512))
    params: ClassVar[type[Params]] = PuppetParams

    def job(self, request: Request[PuppetParams]) -> PuppetJob:
        """Put what came in line."""
        portrait = request.inputs.get("portrait")
        if portrait is not None and portrait.any() and not request.params.consent:
            raise InvalidImage("a photograph needs consent", fix="give consent=True")
        job = request.running
        if not isinstance(job, PuppetJob):
            job = PuppetJob("puppet", 0, request.at)
            job.lead = _LEAD_US
        job.params, job.portrait = request.params, portrait
        if request.interrupted:
            job.line.clear()
            job.rest, job.text = job.rest[:0], ""
        for chunk in request.audio.get("speech", ()):
            job.line.extend(map(Said, job.hear(chunk.pcm[:, 0])))
        for piece in request.text.get("text", ()):
            self._read(job, piece.text)
        return job

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
            viseme = "sil" if said is None else ("aa", "PP")[job.step // 3 % 2]
            job.spoken_us = 0 if said is None else job.spoken_us + TICK_US
            word = {"text": said.word if said else "", "at": job.at + 10_000}
            words: list[dict[str, Any]] = [word | {"until": job.at + WORD * TICK_US}]
            job.data = {
                "state": "speaking" if said else idle,
                "viseme": viseme,
                "words": words if said and said.word else [],
                "spoken_us": job.spoken_us,
            }
            frame = _frame(job, viseme)
            if said is not None:
                frame[:MARK, :MARK] = 0
            job.make(frame, SILENCE if said is None else said.sound)


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
