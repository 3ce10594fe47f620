"""A model of moving pictures behind the contract: a clip leaves piece by piece as it is decoded."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import TYPE_CHECKING, ClassVar, cast

from livedraft.media.chunks import SECOND, Output, VideoChunk
from livedraft.protocol.messages import Stage

from ..base import Honours, ImageInput, ModelInfo, Params, Pixels, Request, VideoOutput
from .catalogue import CATALOGUE
from .fitting import Size
from .model import DiffusionModel, info_of
from .params import DiffusionParams, VideoParams
from .state import DiffusionJob, DiffusionState

if TYPE_CHECKING:
    from .family import Family
    from .video import Reel, VideoFamily

_DECODED = "decoded"  # the key of jobs that are, one at a time, so that others have their turns
_TOKENS = 40_000  # in one call, of 16 by 16 px; what is beyond that fills any device alone


@dataclass(slots=True, eq=False, kw_only=True)
class VideoJob(DiffusionJob):
    """A clip on its way: denoised in so many steps, then decoded in as many as it has pieces.

    While it is decoded it counts as open-ended, so that it waits for who watches.
    """

    at: int  # µs on the media clock, of its first frame
    frames: int
    final: bool
    form: tuple[Hashable, ...]  # what those share that are denoised together
    experts: tuple[str, ...]  # the denoiser of each step
    reel: Reel | None = None
    shown: int = 0  # frames that were decoded
    made: list[tuple[int, Pixels]] = field(default_factory=list)  # not shown yet, by their number

    @property
    def whole(self) -> Size:
        """Width, height and frames."""
        return (*self.size, self.frames)

    @property
    def expert(self) -> str:
        """The denoiser of its next step."""
        return self.experts[self.way.step] if self.experts and not self.way.done else ""


class VideoModel(DiffusionModel):
    """Clips of a prompt, and of a picture where it takes one, by a family of diffusion models.

    What is new while a draft's clip is being decoded begins the next one at once; the end of the
    one before is left out.
    """

    params: ClassVar[type[Params]] = VideoParams
    pictures: ClassVar[Mapping[str, str]] = {}
    needs_picture: ClassVar[bool] = True  # where it takes one
    honours: ClassVar[Honours] = {
        key: values
        for key, values in DiffusionModel.honours.items()
        if key not in ("quantise", "parallel")
    }
    _family: VideoFamily

    def __init__(self, family: Family) -> None:
        super().__init__(family)
        film = VideoOutput(width=self.info.width, height=self.info.height, rate=self._family.rate)
        inputs = tuple(replace(each, required=self.needs_picture) for each in self.info.inputs)
        self.info = replace(self.info, inputs=inputs, outputs=(film,))
        seconds = self.params.model_fields["seconds"].default
        self._fitting.native = (*self._fitting.native, self._family.frames(seconds))

    def prepare(
        self, items: Sequence[tuple[DiffusionState, Request[DiffusionParams]]]
    ) -> list[DiffusionJob]:
        """Encode prompts and pictures, only what changed, and begin with noise."""
        begun = super().prepare(items)
        return [self._job(job, item[1]) for job, item in zip(begun, items, strict=True)]

    def _whole(self, size: tuple[int, int], request: Request[DiffusionParams]) -> Size:
        return (*size, self._family.frames(cast(VideoParams, request.params).seconds))

    def _job(self, begun: DiffusionJob, request: Request[DiffusionParams]) -> VideoJob:
        frames = self._family.frames(cast(VideoParams, request.params).seconds)
        experts = self._family.experts(begun.way)
        width, height, *others = cast("tuple[Hashable, ...]", begun.key)
        form = (width, height, frames, *others)
        job = VideoJob(
            form,
            begun.steps,
            begun.way,
            begun.small,
            begun.mix,
            size=begun.size,
            at=request.at,
            frames=frames,
            final=request.stage is not Stage.DRAFT,
            form=form,
            experts=experts,
        )
        job.key = (*form, job.expert)
        job.notes = begun.notes
        return job

    def step(self, jobs: Sequence[DiffusionJob]) -> None:
        """Take one step of denoising of each, or decode the next piece of each."""
        clips = cast(Sequence[VideoJob], jobs)
        # Who took its step in a call that then failed has it, and is not counted yet.
        going = [clip for clip in clips if clip.reel is None and clip.way.step == clip.step]
        if going:
            denoiser = self._family.denoisers[going[0].expert]
            ways, sizes = [clip.way for clip in going], [clip.whole for clip in going]
            self._take_step(denoiser, ways, sizes)
        for clip in clips:
            self._go_on(clip)
        for clip in clips:
            clip.step += 1
        for clip in clips:  # what fails here is tried again, each alone
            if clip.reel is not None:
                self._decode(clip, clip.reel)

    def _go_on(self, clip: VideoJob) -> None:
        if not clip.way.done:
            clip.key = (*clip.form, clip.expert)
        elif clip.reel is None:
            from .video import Reel

            self._family.end(clip.way)
            clip.reel, clip.steps, clip.key = Reel(clip.way.latents), 0, _DECODED

    def _decode(self, clip: VideoJob, reel: Reel) -> None:
        """Decode the next piece; the first comes with the last step, so that each clip is seen."""
        doing = "emit" if reel.piece else "emit the first"  # of fewer frames
        with self._fitting.trying(doing, [clip.whole]):
            frames = self._family.next_frames(reel)
        self._fitting.made(clip.whole)
        clip.made.append((clip.shown, frames))
        clip.shown += len(frames)
        told = {"shown": clip.shown, "frames": clip.frames, "final": clip.final}
        clip.data = {**told, **clip.spared}
        clip.ready, clip.ended = True, clip.shown >= clip.frames

    def emit(self, jobs: Sequence[DiffusionJob]) -> list[list[Output]]:
        """Return the pieces that were decoded and are not shown yet."""
        clips = cast(Sequence[VideoJob], jobs)
        shown: list[list[Output]] = [
            [self._chunk(clip.at, *piece) for piece in clip.made] for clip in clips
        ]
        for clip in clips:
            clip.made.clear()
        return shown

    def _chunk(self, at: int, number: int, frames: Pixels) -> VideoChunk:
        rate = self._family.rate
        begin, end = (round(each * SECOND / rate) for each in (number, number + len(frames)))
        return VideoChunk(frames, at + begin, end - begin)

    def room(self, key: Hashable) -> int:
        """Take few at a time: one clip keeps a device busy."""
        if isinstance(key, tuple) and isinstance(key[0], int):
            size = tuple(int(each) for each in key[:3])
            most = _TOKENS * 256 // prod(size)
            return max(1, min(self._fitting.room(size), most))
        return 1


def clips_of(name: str, *pictures: str, required: bool = True) -> ModelInfo:
    """Return what the catalogue says of a model of moving pictures, and which it takes."""
    entry = CATALOGUE[name]
    size = entry.width, entry.height
    made = VideoOutput("video", *size, entry.rate)
    inputs = tuple(ImageInput(each, *size, required=required) for each in pictures)
    return replace(info_of(name), inputs=inputs, outputs=(made,))
