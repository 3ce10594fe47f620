"""The stage of moving pictures: calm where it is known what moves, nothing left out, at pace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, ClassVar, Self

import numpy as np
import pytest
from skimage import data

from livedraft.errors import LivedraftError, ModelFailed
from livedraft.media.chunks import Output, VideoChunk
from livedraft.protocol.messages import Stage
from livedraft.runtime.engine.calls import Calls
from livedraft.runtime.engine.contract import Progress
from livedraft.runtime.engine.stability.governor import SIZES, Governor
from livedraft.runtime.engine.stability.still import Still
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

    def show(self, *frames: Pixels, took: float = 0.01, **params: Any) -> Any:
        chunk = VideoChunk(np.stack(frames), self.pts, 40_000 * len(frames))
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


def test_strokes_are_calm_along_motion_that_is_known_exactly() -> None:
    def flicker(**params: Any) -> float:
        session = Shown(pace=False)
        frames = [session.show(moved(2 * n), **params) for n in range(8)]
        return float(
            np.mean([apart(now[:, 8:-10], then[:, 10:-8]) for then, now in pairwise(frames)][2:])
        )

    calm, raw = flicker(), flicker(steady=False)
    assert calm < 0.5 * raw
    still = Shown(pace=False)
    frames = [still.show(moved(2 * n)) for n in range(8)]
    ghost = apart(frames[-1][:, 8:-8], moved(14)[:, 8:-8] * 0.8)
    behind = apart(frames[-1][:, 8:-8], moved(10)[:, 8:-8] * 0.8)
    assert ghost < 0.6 * behind, "it shows where things are, not where they were"


def test_a_noisy_still_is_made_anew_now_and_then_alone() -> None:
    session = Shown()
    shown = [session.show(noisy(FRAME)) for _ in range(40)]
    assert 3 <= len(session.model.saw) <= 5
    assert sum(apart(one, other) > 0 for one, other in pairwise(shown)) <= 4


def test_a_caret_is_never_left_out() -> None:
    for contrast in (250, 90):
        for x, y in RNG.integers(8, 120, (20, 2)):
            scene = np.full((288, 512, 3), 128 - contrast // 2, np.uint8)
            still = Still()
            still.moves(scene)
            assert not still.moves(noisy(scene, 1.0)), "nothing moves yet"
            scene[y : y + 10, x : x + 8] += np.uint8(contrast)
            assert still.moves(noisy(scene, 1.0)), (contrast, x, y)


def test_other_params_a_cut_and_another_size_are_shown_at_once() -> None:
    session = Shown()
    session.show(FRAME)
    assert session.show(FRAME).mean() == pytest.approx(session.show(FRAME).mean())
    assert len(session.model.saw) == 1
    brighter = session.show(FRAME, shade=40)
    assert len(session.model.saw) == 2
    assert brighter.mean() > session.show(FRAME, shade=0).mean() + 20
    turned = np.ascontiguousarray(255 - FRAME[::-1])
    assert apart(session.show(turned, steady=False), turned * 0.8) < 12
    cut = session.show(FRAME)
    assert apart(cut, FRAME * 0.8) < 12, "nothing is left of before"
    assert session.show(FRAME[:96]).shape == (96, 256, 3)


def test_without_anybody_looking_every_frame_is_made_at_its_size() -> None:
    session = Shown(pace=False)
    large = np.ascontiguousarray(np.tile(FRAME, (3, 3, 1)))
    for _ in range(20):
        assert session.show(large, took=1.0).shape == large.shape
    assert session.model.saw == [(768, 432)] * 20


def test_large_frames_are_made_as_small_as_the_model_says_and_shown_as_they_came() -> None:
    session = Shown()
    large = np.ascontiguousarray(np.tile(FRAME, (4, 4, 1)))
    assert session.show(large).shape == large.shape
    assert session.model.saw == [(256, 144)]
    tall = np.ascontiguousarray(large.transpose(1, 0, 2))
    assert session.show(tall).shape == tall.shape
    assert session.model.saw[1] == (144, 256)


def test_a_busy_machine_gets_smaller_frames_at_once_and_larger_ones_slowly() -> None:
    session = Shown()
    frames = [moved(n % 40) for n in range(200)]
    for frame in frames[:9]:
        session.show(frame, took=0.06)
    session.show(frames[9])
    assert session.model.saw[-1] == (224, 128), "nine frames are enough"
    for frame in frames[10:20]:
        session.show(frame, took=0.5)
    assert session.model.saw[-1] == (128, 72), "at once, and no smaller than half"
    for frame in frames[20:50]:
        assert session.show(frame, took=0.012).shape == FRAME.shape
    assert session.model.saw[-1] == (128, 72), "not yet"
    for frame in frames[50:80]:
        session.show(frame, took=0.012)
    assert session.model.saw[-1] == (160, 88)


def per_second(session: Shown, rest: float, frames: int = 60) -> float:
    """Return how many frames a second are shown of a camera that makes thirty.

    Each takes 45 ms in the model, at its full size, and ``rest`` before and after it.
    """
    began, last = session.now, 0.0
    for number in range(frames):
        if number == frames // 2:
            last = session.now
        session.pts = max(session.pts, int(session.now * 30) * 33_333)
        session.show(moved(7 * (number % 20)), took=0.045)
        session.now += rest
        session.now = max(session.now, session.pts / 1_000_000)  # the next is not there before
    assert session.now > began
    return (frames - frames // 2) / (session.now - last)


def test_a_frame_s_whole_way_is_kept_to_fifteen_a_second() -> None:
    session = Shown()
    session.by_size = True
    assert per_second(session, 0.045) >= 15
    assert 0.5 * 256 <= session.model.saw[-1][0] < 256
    alone = Shown()
    alone.by_size = True
    assert per_second(alone, 0.0) >= 15
    assert alone.model.saw[-1] == (256, 144), "the model by itself is in time"


def test_the_whole_way_of_frames_counts_where_a_camera_is_faster_alone() -> None:
    governor = Governor()
    for _ in range(30):
        governor.took(0.045)
    assert governor.scale == 1.0
    for _ in range(9):
        governor.took(0.045, 0.03)
    assert governor.scale < 1.0, "what the model takes is not all"
    slow = Governor()
    for _ in range(60):
        slow.took(0.045, 0.5)
    assert slow.scale == 1.0, "no smaller frame makes up for that"


def test_one_late_frame_is_no_load() -> None:
    governor = Governor()
    for n in range(60):
        governor.took(2.0 if n % 7 == 3 else 0.03)
    assert governor.scale == SIZES[0]


def test_a_model_that_fails_fails_alone_and_goes_on() -> None:
    session = Shown()
    session.show(FRAME)
    session.model.fails = True
    with pytest.raises(ModelFailed):
        session.show(moved(3))
    session.model.fails = False
    assert apart(session.show(moved(40)), moved(40) * 0.8) < 12


def test_sessions_keep_apart() -> None:
    one, other = Shown(), Shown()
    other.model, other.calls = one.model, one.calls
    one.show(FRAME)
    other.show(FRAME)
    assert len(one.model.saw) == 2
