"""A model that paints each frame by itself, and what is shown of a session of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from skimage import data

from livedraft.errors import LivedraftError
from livedraft.media.chunks import Output, VideoChunk
from livedraft.protocol.messages import Stage
from livedraft.runtime.engine.calls import Calls
from livedraft.runtime.engine.contract import Progress
from livedraft.runtime.engine.turn import Cell, Emit, Emitted, Prepare, Step
from livedraft.runtime.models.base import (
    DEFAULT_PLAN,
    Job,
    Model,
    ModelInfo,
    Params,
    Pixels,
    Plan,
    Request,
    Stability,
    VideoInput,
    VideoOutput,
)
from livedraft.runtime.models.mixins import SteadyParams

FRAME = np.ascontiguousarray(data.astronaut()[:384:2, ::2][:144])  # 144 by 256
RNG = np.random.default_rng(0)


class Shades(SteadyParams):
    shade: int = 0


@dataclass(slots=True, eq=False)
class ShadeJob(Job):
    chunks: Sequence[VideoChunk] = field(default=(), kw_only=True)
    shade: int = field(default=0, kw_only=True)


class Painter(Model[Shades, None, ShadeJob]):
    """Paints each frame by itself, in strokes that are others each time; remembers what it saw."""

    info = ModelInfo(
        id="painter",
        task="video-to-video",
        title="Painter",
        licence="Apache-2.0",
        commercial="yes",
        width=256,
        height=144,
        alpha=False,
        inputs=(VideoInput("camera", required=False),),
        outputs=(VideoOutput(),),
        draft_steps=1,
        max_steps=1,
    )
    params: ClassVar[type[Params]] = Shades
    stability: Stability | None = Stability("camera", 256 * 144)

    def __init__(self) -> None:
        self.saw: list[tuple[int, int]] = []
        self.fails = False

    @classmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        return cls()

    @classmethod
    def tiny(cls) -> Self:
        return cls()

    def open(self) -> None:
        return None

    def prepare(self, items: Sequence[tuple[None, Request[Shades]]]) -> list[ShadeJob]:
        return [
            ShadeJob("p", 1, chunks=list(r.video.get("camera", ())), shade=r.params.shade)
            for _, r in items
        ]

    def step(self, jobs: Sequence[ShadeJob]) -> None:
        for job in jobs:
            if self.fails:
                raise ValueError("no paint")
            job.step += 1
            self.saw += [each.size for each in job.chunks]

    def emit(self, jobs: Sequence[ShadeJob]) -> list[list[Output]]:
        return [[self._painted(each, job.shade) for each in job.chunks] for job in jobs]

    def _painted(self, chunk: VideoChunk, shade: int) -> VideoChunk:
        strokes = RNG.normal(0, 12, chunk.frames.shape)
        made = np.clip(chunk.frames * 0.8 + shade + strokes, 0, 255).astype(np.uint8)
        return VideoChunk(made, chunk.pts, chunk.duration)


class Shown:
    """A session of the painter: frames go in, what is shown comes out."""

    def __init__(self, *, pace: bool = True) -> None:
        self.now = 0.0
        self.model = Painter()
        self.calls = Calls({"painter": self.model}, lambda: self.now)
        self.cell = Cell()
        self.pts = 0
        self.pace = pace
        self.by_size = False  # whether smaller frames take less

    def show(self, *frames: Pixels, took: float = 0.01, lasts: int = 40_000, **params: Any) -> Any:
        chunk = VideoChunk(np.stack(frames), self.pts, lasts * len(frames))
        self.pts = chunk.end
        request = Request(
            Shades(pace=self.pace, **params), {}, Stage.DRAFT, 1, video={"camera": [chunk]}
        )
        (progress,) = self.calls.make(Prepare("painter", [(self.cell, request)]))
        assert isinstance(progress, Progress), progress
        if not progress.done:
            assert isinstance(progress.job, ShadeJob)
            share = progress.job.chunks[0].frames.size / chunk.frames.size
            self.now += took * (share if self.by_size else 1)
            (stepped,) = self.calls.make(Step("painter", [progress]))
            if isinstance(stepped, LivedraftError):
                raise stepped
            assert isinstance(stepped, Progress), stepped
            progress = stepped
        (emitted,) = self.calls.make(Emit("painter", [progress]))
        assert isinstance(emitted, Emitted), emitted
        (made,) = emitted.outputs
        assert isinstance(made, VideoChunk)
        assert (made.pts, made.duration, len(made)) == (chunk.pts, chunk.duration, len(chunk))
        return made.frames[-1].astype(int)


def noisy(frame: Pixels, sigma: float = 3.0) -> Pixels:
    return np.clip(frame + RNG.normal(0, sigma, frame.shape), 0, 255).astype(np.uint8)


def apart(one: Any, other: Any) -> float:
    return float(np.abs(np.asarray(one, int) - np.asarray(other, int)).mean())


def moved(by: int) -> Pixels:
    """Return the same scene from further along: what moves is known exactly."""
    wide = data.astronaut()[60:204]
    return np.ascontiguousarray(wide[:, by : by + 256])
