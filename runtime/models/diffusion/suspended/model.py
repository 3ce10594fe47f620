"""A pipeline of diffusers behind the contract, by its own loop: each job's stands still in turn."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, Self

from livedraft.errors import BadInput, ConfigError
from livedraft.media.chunks import SECOND, Output, Still, VideoChunk
from livedraft.protocol.messages import Stage

from ....plan import DTYPES
from ...adapters import attach_all
from ...base import (
    DEFAULT_PLAN,
    Honours,
    Job,
    Model,
    ModelInfo,
    Params,
    Pixels,
    Plan,
    Request,
    VideoOutput,
)
from ..entry import Entry
from ..fitting import Fitting, Size
from ..model import LORAS
from ..state import MASK, DiffusionState
from ..wearing import Wearing
from ..weights import find
from .described import described

if TYPE_CHECKING:
    from .calling import Call, Calling

_PREVIEWS = 5  # steps between two
_PIECE = 8  # frames of a chunk


@dataclass(slots=True, eq=False)
class SuspendedJob(Job):
    """A pipeline's call on its way."""

    call: Call
    size: tuple[int, int]  # px
    at: int  # µs on the media clock, where a clip begins
    final: bool
    rate: float  # frames a second, of a clip
    frames: int = 0  # of a clip
    made: Pixels | None = None  # (h, w, 3), or (frames, h, w, 3) of a clip

    @property
    def whole(self) -> Size:
        """Width and height, and of a clip its frames."""
        return (*self.size, self.frames) if self.frames else self.size


class SuspendedModel(Wearing["Calling"], Model[Params, DiffusionState, SuspendedJob]):
    """Pictures or clips by a pipeline that no family here drives step by step."""

    entry: ClassVar[Entry]
    folder: ClassVar[str]
    info: ModelInfo
    params: ClassVar[type[Params]] = Params
    honours: ClassVar[Honours] = {"device": ("cpu", "cuda"), "dtype": DTYPES}

    def __init__(self, calling: Calling) -> None:
        self._family = calling
        self._fitting = Fitting(str(calling.device), (self.info.width, self.info.height))
        self._films = isinstance(self.info.outputs[0], VideoOutput)
        if self._films:
            count = int(self.params.model_fields["frames"].default)
            self._fitting.native = (*self._fitting.native, count)
        if calling.shows:
            self.info = replace(type(self).info, preview_every=_PREVIEWS)

    @classmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        """Load the folder that the model is named by, and ``loras/`` of it; no source beside that.

        Raises WeightsError for what is not whole, OutOfMemory for what does not fit.
        """
        if source:
            raise ConfigError(
                f"{cls.info.id} is named by its folder, and has {source[:80]!r} beside it",
                fix="write diffusers:FOLDER alone",
            )
        found = find(cls.entry, cls.folder, plan)
        calling: type[Calling] = import_module(".calling", __package__).Calling
        made = cls(calling.loaded(cls.entry.pipelines[0], found))
        made._fitting.free = plan.free
        attach_all(made, found.folder / LORAS)
        return made

    @classmethod
    def tiny(cls) -> Self:
        """Return the model itself: its folder is what there is."""
        return cls.load()

    def prepare(
        self, items: Sequence[tuple[DiffusionState, Request[Params]]]
    ) -> list[SuspendedJob]:
        """Begin each call, up to its first step: new prompts and pictures are encoded."""
        self._family.loras.sweep()
        jobs: list[SuspendedJob] = []
        try:
            for state, request in items:
                job = self._job(state, request)
                jobs.append(job)
                with self._fitting.trying("prepare", [job.whole]):
                    self._family.begin(job.call)
                job.steps = min(job.call.steps or job.steps, self.info.max_steps)
        except BaseException:
            for job in jobs:
                self.give_up(job)
            raise
        return jobs

    def _job(self, state: DiffusionState, request: Request[Params]) -> SuspendedJob:
        from ..preparing import bring_back

        width, height = self.info.width, self.info.height
        if request.stage is not Stage.DRAFT:
            width = getattr(request.params, "width", 0) or width
            height = getattr(request.params, "height", 0) or height
        names = [spec.name for spec in self.info.inputs]
        lacks = [s.name for s in self.info.inputs if s.required and s.name not in request.inputs]
        if lacks:
            raise BadInput(f"there is no {lacks[0]}", fix=f"send a picture as {lacks[0]!r}")
        if MASK in request.inputs and len(request.inputs) == 1:
            raise BadInput("there is a mask of no picture", fix="send the picture, too")
        pictures = {name: request.inputs[name] for name in names if name in request.inputs}
        bring_back(self._family, state)
        mix = self._family.loras.mix(getattr(request.params, "loras", {}))
        call = self._family.of(
            request.params, pictures, request.steps, (width, height), state.texts, mix
        )
        rate = float(getattr(request.params, "rate", 0))
        final = request.stage is not Stage.DRAFT
        size = (width, height)
        frames = int(getattr(request.params, "frames", 0))
        return SuspendedJob(
            self.info.id, request.steps, call, size, request.at, final, rate, frames
        )

    def step(self, jobs: Sequence[SuspendedJob]) -> None:
        """Let each call take its next step; the last one decodes."""
        for job in jobs:
            loop = job.call.loop
            if loop.done:  # it found no memory, was unwound by that, and is tried again
                raise self._fitting.refused([job.whole])
            doing = "step" if job.step + 1 < job.steps else "last step"  # which decodes
            with self._fitting.trying(doing, [job.whole]):
                self._family.go_on(job.call)
                job.step += 1
                while job.done and not loop.done:  # it takes more steps than it said
                    self._family.go_on(job.call)
            if loop.done:
                self._end(job)
                self._fitting.made(job.whole)

    def _end(self, job: SuspendedJob) -> None:
        job.made = self._family.pixels(job.call.loop.result)
        job.call.loop.give_up()  # forgets what it made
        job.ended = True
        if self._films:
            count = len(job.made)
            job.data = {"shown": count, "frames": count, "final": job.final}

    def emit(self, jobs: Sequence[SuspendedJob]) -> list[list[Output]]:
        """Return what a call made; before its end what its latents show, where that is known."""
        return [self._shown(job) for job in jobs]

    def _shown(self, job: SuspendedJob) -> list[Output]:
        if self._films:
            return [] if job.made is None else _chunks(job.made, job.at, job.rate)
        pixels, latents = job.made, job.call.loop.latents
        if pixels is None and self._family.shows and latents is not None:
            pixels = self._family.shown(latents, job.size)
        return [] if pixels is None else [Still(pixels)]

    def give_up(self, job: SuspendedJob) -> None:
        """Unwind the call."""
        job.call.loop.give_up()

    def room(self, key: Hashable) -> int:
        """Take one at a time, so that nobody waits for another's step."""
        return 1


def model_of(where: str) -> type[SuspendedModel]:
    """Return the model of a folder; raise WeightsError where it cannot be served."""
    found = described(where)
    said = {
        "__doc__": SuspendedModel.__doc__,
        "entry": found.entry,
        "folder": str(found.folder),
        "info": found.info,
        "params": found.params,
        "terms": found.entry.licence.says,
    }
    return type("SuspendedModel", (SuspendedModel,), said)


def _chunks(frames: Pixels, at: int, rate: float) -> list[Output]:
    """Return a clip as chunks of some frames each."""
    chunks: list[Output] = []
    for first in range(0, len(frames), _PIECE):
        some = frames[first : first + _PIECE]
        begin, end = (round(each * SECOND / rate) for each in (first, first + len(some)))
        chunks.append(VideoChunk(some, at + begin, end - begin))
    return chunks
