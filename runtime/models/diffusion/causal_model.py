"""A model of moving pictures that goes on: chunk after chunk, steered between them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, cast

from livedraft.media.chunks import SECOND, Output, VideoChunk
from livedraft.protocol.messages import Stage

from ..base import LEAD_US, Job, Params, Request, VideoOutput
from .model import FamilyModel
from .params import CausalParams, DiffusionParams
from .state import DiffusionState

if TYPE_CHECKING:
    from torch import Tensor

    from .families.anyflow import AnyFlow, Window
    from .family import Family
    from .loras import Mix

_FINAL_S = 5.0  # of a final stream that was not told how long it is
_AHEAD_US = SECOND - LEAD_US  # that a stream may be ahead of its clock, beside a job's own lead


@dataclass(slots=True, eq=False, kw_only=True)
class CausalJob(Job):
    """A stream, which goes on by what its session wants now."""

    window: Window
    began: tuple[Hashable, ...]  # size and seed, which it has to its end
    mix: Mix  # LoRAs, kept while the next chunk may wear them
    text: Tensor  # of the next chunk
    chunk_steps: int
    at: int  # µs on the media clock, of its first frame
    most: int  # frames; 0: it goes on
    decoding: bool = False  # whether a chunk is made and not all of it shown
    shown: int = 0  # frames that were decoded
    made: list[VideoChunk] = field(default_factory=list)  # not shown yet


class CausalModel(FamilyModel[CausalJob]):
    """A stream of a prompt by causal chunks, each by what its session wants as it begins.

    A window has as many chunks as its caches; the next looks back at the last frames of it.
    """

    params: ClassVar[type[Params]] = CausalParams
    pictures: ClassVar[Mapping[str, str]] = {}
    _family: AnyFlow

    def __init__(self, family: Family) -> None:
        super().__init__(family)
        film = VideoOutput("video", self.info.width, self.info.height, self._family.rate)
        self.info = replace(self.info, outputs=(film,))

    def prepare(
        self, items: Sequence[tuple[DiffusionState, Request[DiffusionParams]]]
    ) -> list[CausalJob]:
        """Begin a stream, or have one that runs go on by what is new."""
        self._family.loras.sweep()
        return [self._job(state, request) for state, request in items]

    def _job(self, state: DiffusionState, request: Request[DiffusionParams]) -> CausalJob:
        from .preparing import bring_back, cut_off, read

        params, family = cast(CausalParams, request.params), self._family
        bring_back(family, state)
        mix = family.loras.mix(params.loras)
        final = request.stage is not Stage.DRAFT
        width = (final and params.width) or self.info.width
        height = (final and params.height) or self.info.height
        began = (width, height, params.seed)
        job = request.running
        with self._fitting.trying("prepare", [(width, height)]):
            read_now = read(family, state, mix, params.prompt)
            text: Tensor = read_now.rows["encoder_hidden_states"]
            if not isinstance(job, CausalJob) or job.began != began:
                job = CausalJob(
                    "stream",
                    0,
                    window=family.opened(width, height, params.seed, text),
                    began=began,
                    mix=mix,
                    text=text,
                    chunk_steps=request.steps,
                    at=request.at,
                    most=0,
                )
        job.text, job.mix, job.chunk_steps = text, mix, request.steps
        seconds = params.seconds or (_FINAL_S if final else 0.0)
        job.most = round(seconds * family.rate)
        job.notes = cut_off(read_now, "prompt")
        job.at += max(0, request.at - self._next_at(job))  # who stood still missed nothing
        self._pace(job)
        return job

    def step(self, jobs: Sequence[CausalJob]) -> None:
        """Take one step of the chunk under way of each, or show the next of its frames."""
        for job in jobs:
            if not job.decoding:
                self._denoise(job)
            if job.decoding:
                self._show(job)
            job.step += 1

    def _denoise(self, job: CausalJob) -> None:
        family = self._family
        # The more chunks there are to look back at, the more a step takes.
        trying = self._fitting.trying(f"step of chunk {job.window.chunk}", [job.window.size])
        with trying, family.loras.denoising([job.mix.row]):
            if family.full(job.window):
                job.window = family.following(job.window)
            job.decoding = family.denoise(job.window, job.chunk_steps, job.text)

    def _show(self, job: CausalJob) -> None:
        doing = "emit" if job.shown else "emit the first"
        with self._fitting.trying(doing, [job.window.size]):
            frames = self._family.next_of(job.window)
        self._fitting.made(job.window.size)
        if job.most:
            frames = frames[: job.most - job.shown]
        begin = self._next_at(job)
        job.shown += len(frames)
        job.made.append(VideoChunk(frames, begin, self._next_at(job) - begin))
        job.decoding = not self._family.told(job.window)
        job.ready, job.ended = True, 0 < job.most <= job.shown
        job.data = {"shown": job.shown, "frames": job.most}
        self._pace(job)

    def _next_at(self, job: CausalJob) -> int:
        return job.at + round(job.shown * SECOND / self._family.rate)

    def _pace(self, job: CausalJob) -> None:
        job.due = max(0, self._next_at(job) - _AHEAD_US)

    def emit(self, jobs: Sequence[CausalJob]) -> list[list[Output]]:
        """Return the frames that were decoded and are not shown yet."""
        shown: list[list[Output]] = [[*job.made] for job in jobs]
        for job in jobs:
            job.made.clear()
        return shown

    def room(self, key: Hashable) -> int:
        """Take one at a time: to share a call, caches would be copied in each step."""
        return 1
