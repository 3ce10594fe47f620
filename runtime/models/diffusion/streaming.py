"""Moving pictures through a diffusion model: a picture of each of a camera's newest frames.

The noise is that of the seed, the same for every frame, so what stands still does not boil.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from livedraft.media.chunks import Output, VideoChunk
from livedraft.protocol.messages import Stage

from ..base import (
    ImageOutput,
    ModelInfo,
    Pixels,
    Request,
    Stability,
    VideoInput,
    VideoOutput,
)
from ..memory import held_bytes
from .model import SKETCH, DiffusionModel
from .params import DiffusionParams, StreamParams
from .state import DiffusionJob, DiffusionState

if TYPE_CHECKING:
    from livedraft.runtime.compute.denoise import Denoising

    from .family import Family
    from .loras import Mix

CAMERA = "camera"
_ALL_MOVES = 0.2  # of full scale: a difference between frames at which all of it moves
_NEWEST = 0.9  # how much of the newest difference counts
_STRENGTHS = 32  # that are told apart, as a sampler is kept for each

Item = tuple[DiffusionState, Request[DiffusionParams]]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A frame on its way."""

    way: Denoising
    small: bool  # whether the small autoencoder shows it
    mix: Mix
    key: Hashable
    size: tuple[int, int]  # px
    chunk: VideoChunk  # when it is shown


@dataclass(slots=True, eq=False)
class StreamState(DiffusionState):
    """A session's caches, and what it keeps from frame to frame."""

    frame: Pixels | None = None  # the newest
    motion: float = 0.0  # of the newest frames: 0 none, 1 all of it
    line: list[Frame] = field(default_factory=list)  # that are on their way, the oldest first
    shown: Pixels | None = None  # the newest picture
    shown_of: Frame | None = None

    def forget(self) -> None:
        """Keep nothing from frame to frame but the newest."""
        self.line = []
        self.shown = self.shown_of = None


@dataclass(slots=True, eq=False)
class StreamJob(DiffusionJob):
    """Frames of a camera that take their steps; none where the newest is taken for still."""

    state: StreamState = field(kw_only=True)
    chunk: VideoChunk = field(kw_only=True)
    frames: list[Frame] = field(kw_only=True)
    done_frames: list[Frame] = field(default_factory=list, init=False)


def seeing(info: ModelInfo) -> ModelInfo:
    """Return what a model is that paints a camera's frames, too, in the size of its pictures."""
    camera = VideoInput(
        CAMERA,
        info.width,
        info.height,
        required=False,
        description="Its newest frame is painted: a camera, a screen, a drawing that moves.",
    )
    pictures = (each for each in info.inputs if each.name != CAMERA)
    return replace(info, inputs=(*pictures, camera), outputs=(ImageOutput(), VideoOutput()))


class Streaming(DiffusionModel):
    """A camera's frames, painted by a family of diffusion models; drawings, too."""

    pictures: ClassVar[Mapping[str, str]] = {
        SKETCH: "A drawing or a photograph, where there is no camera."
    }

    def __init__(self, family: Family) -> None:
        super().__init__(family)
        self.stability = Stability(CAMERA, device=str(family.device), line=True)
        self.info = seeing(self.info)

    def open(self) -> StreamState:
        """Return empty caches."""
        return StreamState()

    def prepare(self, items: Sequence[Item]) -> list[DiffusionJob]:
        """Begin with the newest frame of each, unless it is still."""
        asked = [Filmed(*item) for item in items]
        moving = [each.item for each in asked if not each.still]
        begun = iter(super().prepare(moving) if moving else [])
        return [each.kept() if each.still else each.begun(next(begun)) for each in asked]

    def step(self, jobs: Sequence[DiffusionJob]) -> None:
        """Take one step of all that is on its way, in one call of the network."""
        taken: list[Frame | DiffusionJob] = []
        for job in jobs:
            taken += job.frames if isinstance(job, StreamJob) else [job]
        if taken:
            ways, sizes = [each.way for each in taken], [each.size for each in taken]
            self._take_step(self._family.denoiser, ways, sizes)
        for job in jobs:
            job.step += 1
            job.data = job.spared
            if isinstance(job, StreamJob):
                job.done_frames = [each for each in job.frames if each.way.done]
                if job.steps == 1:
                    job.state.line = [each for each in job.frames if not each.way.done]

    def emit(self, jobs: Sequence[DiffusionJob]) -> list[list[Any]]:
        """Decode what is done: frames at their times, pictures as they stand."""
        pictures = [job for job in jobs if not isinstance(job, StreamJob)]
        found: dict[DiffusionJob, list[Output]] = {}
        if pictures:
            for job, stills in zip(pictures, super().emit(pictures), strict=True):
                found[job] = [*stills]
        frames = [job for job in jobs if isinstance(job, StreamJob)]
        for job in frames:
            stays = not job.frames and job.state.shown is not None
            found[job] = [_shown(job.state.shown, job.chunk)] if stays else []
        done = [(job, frame) for job in frames for frame in job.done_frames]
        for small in (True, False):
            some = [(job, frame) for job, frame in done if frame.small is small]
            if some:
                with self._fitting.trying("emit", [frame.size for _, frame in some]):
                    made = self._family.show([frame.way.latents for _, frame in some], small)
                self._fitting.made(some[0][1].size)
                for (job, frame), pixels in zip(some, made, strict=True):
                    job.state.shown, job.state.shown_of = pixels, frame
                    found[job].append(_shown(pixels, frame.chunk))
        return [found[job] for job in jobs]

    def suspend(self, state: DiffusionState) -> None:
        """Move what was computed to the host, and let frames that are on their way go."""
        _stream(state).forget()
        super().suspend(state)

    def footprint(self, state: DiffusionState) -> int:
        """Return the bytes of prompts' and pictures' codes, and of the newest frames."""
        stream = _stream(state)
        return super().footprint(state) + held_bytes([stream.frame, stream.shown])

    def close(self, state: DiffusionState) -> None:
        """Forget them."""
        stream = _stream(state)
        stream.forget()
        stream.frame = None
        super().close(state)


class Filmed:
    """What a request asks for: the newest frame of a camera, or a picture."""

    def __init__(self, state: DiffusionState, request: Request[DiffusionParams]) -> None:
        self.state = _stream(state)
        self.chunk: VideoChunk | None = None
        inputs = dict(request.inputs)
        if chunks := request.video.get(CAMERA):
            newest = chunks[-1]
            *_, (frame, pts) = newest
            self.chunk = VideoChunk(frame[None], pts, max(1, newest.end - pts))
            self._follow(frame, request.params)
        if request.stage is not Stage.DRAFT:
            self.chunk = (
                None  # what is refined is a picture: one that was sent, or the newest frame
            )
        if self.state.frame is not None and (self.chunk is not None or SKETCH not in inputs):
            inputs[SKETCH] = self.state.frame
        self._request = replace(request, inputs=inputs)
        # The runtime says so, see ``Stability.line``; what it was like is still known here.
        self.still = request.unmoved and self.state.shown_of is not None

    @property
    def params(self) -> StreamParams:
        """Those of a stream."""
        params: object = self._request.params
        assert isinstance(params, StreamParams), "a stream has params of its own"
        return params

    @property
    def item(self) -> Item:
        """The request as it is prepared: of a frame that moves a camera's strength may be less."""
        params, request = self.params, self._request
        if self.chunk is None or not params.calm:
            return self.state, request
        left = round((1 - params.calm * self.state.motion) * _STRENGTHS) / _STRENGTHS
        calmer = request.params.model_copy(update={"strength": left * request.params.strength})
        return self.state, replace(request, params=calmer)

    def kept(self) -> StreamJob:
        """Return a job for a frame that is not made: what is on its way goes on."""
        assert self.chunk is not None, "a frame is still, not a picture"
        assert self.state.shown_of is not None, "as that which is shown"
        line = self.state.line
        of = line[-1] if line else self.state.shown_of
        key = of.key if line else (0, 0, "still")  # the size of what is made: nothing
        return StreamJob(
            key, 1, of.way, of.small, of.mix, state=self.state, chunk=self.chunk, frames=line
        )

    def begun(self, job: DiffusionJob) -> DiffusionJob:
        """Return the job of a frame, after those in the line before it; a picture's as it is."""
        if self.chunk is None:
            return job
        key = (*job.size, job.key, job.steps) if self.params.pipelined else job.key
        frame = Frame(job.way, job.small, job.mix, key, job.size, self.chunk)
        if not self.params.pipelined:
            self.state.line = []
        frames = [*(each for each in self.state.line if each.key == key), frame]
        made = StreamJob(
            key,
            1 if self.params.pipelined else job.steps,
            *(job.way, job.small, job.mix),
            state=self.state,
            chunk=self.chunk,
            frames=frames,
        )
        made.notes = job.notes
        return made

    def _follow(self, frame: Pixels, params: object) -> None:
        """Take the newest frame, and tell how much moves (StreamDiffusionV2, arXiv 2511.07399)."""
        before, self.state.frame = self.state.frame, frame
        if not isinstance(params, StreamParams) or not params.calm:
            return
        apart = 0.0
        if before is not None and before.shape == frame.shape:
            few = (slice(None, None, 4), slice(None, None, 4))
            off = frame[few].astype(np.float32) - before[few]
            apart = min(1.0, float(np.sqrt(np.square(off).mean())) / 255 / _ALL_MOVES)
        self.state.motion = _NEWEST * apart + (1 - _NEWEST) * self.state.motion


def _stream(state: DiffusionState) -> StreamState:
    assert isinstance(state, StreamState), "a stream's session has a stream's state"
    return state


def _shown(pixels: Pixels | None, chunk: VideoChunk) -> VideoChunk:
    assert pixels is not None, "something is shown"
    return VideoChunk(pixels[None], chunk.pts, chunk.duration)
