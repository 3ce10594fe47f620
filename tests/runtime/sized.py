"""Null models that are warmed up in tests: of several sizes, of any, of video, of no end."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from pydantic import Field

from livedraft.media.chunks import Output, Still
from livedraft.runtime.models.base import (
    AudioInput,
    ImageInput,
    Job,
    ModelInfo,
    Params,
    Request,
    VideoInput,
    VideoOutput,
)
from livedraft.runtime.models.echo import Echo, EchoJob, EchoParams
from livedraft.runtime.models.loopback import Loopback, LoopbackJob, LoopbackParams, LoopbackState
from livedraft.runtime.models.metronome import Metronome


class SizedParams(EchoParams):
    """Params with a size, as ink has one."""

    size: Literal[32, 64, 128] = 32
    steps: int = Field(default=2, ge=1, le=4)


@dataclass(frozen=True)
class Call:
    """What a model was called with."""

    verb: str
    many: int
    size: int = 0
    stage: str = ""


class Sized(Echo):
    """A null model of several sizes that notes its calls, and breaks where it is told to."""

    info: ModelInfo = replace(
        Echo.info,
        id="sized",
        width=32,
        height=32,
        inputs=(ImageInput("sketch", 32, 32, alpha=True, most_px=64),),
        preview_every=0,
    )
    params: ClassVar[type[Params]] = SizedParams
    calls: ClassVar[list[Call]] = []
    shapes: ClassVar[set[tuple[int, ...]]] = set()  # of the pictures that came
    breaks: ClassVar[tuple[int, int]] = (0, 0)  # at which size, for how many at once
    fails: ClassVar[tuple[str, int]] = ("", 0)  # in which call, with how many jobs

    def prepare(self, items: Sequence[tuple[None, Request[Any]]]) -> list[EchoJob]:
        jobs = [self._job(request) for _, request in items]
        first = items[0][1]
        self.calls.append(Call("prepare", len(items), first.params.size, first.stage.value))
        self.shapes.update(request.inputs["sketch"].shape for _, request in items)
        if (first.params.size, len(items)) == self.breaks:
            raise MemoryError
        self._fail("prepare", items)
        return jobs

    def step(self, jobs: Sequence[EchoJob]) -> None:
        self.calls.append(Call("step", len(jobs)))
        self._fail("step", jobs)
        super().step(jobs)

    def emit(self, jobs: Sequence[EchoJob]) -> list[list[Still]]:
        self.calls.append(Call("emit", len(jobs)))
        self._fail("emit", jobs)
        return super().emit(jobs)

    def room(self, key: Hashable) -> int:
        return 4

    def _fail(self, verb: str, batch: Sequence[Any]) -> None:
        if (verb, len(batch)) == self.fails:
            raise MemoryError


class WideParams(EchoParams):
    """Params with a width and a height, as diffusion models have them."""

    width: int = Field(default=32, multiple_of=8, le=128)
    height: int = 32


class Wide(Sized):
    """A null model of any size."""

    info: ModelInfo = replace(Sized.info, id="wide")
    params: ClassVar[type[Params]] = WideParams
    asked: ClassVar[set[tuple[int, int]]] = set()

    def prepare(self, items: Sequence[tuple[None, Request[Any]]]) -> list[EchoJob]:
        self.asked.update((request.params.width, request.params.height) for _, request in items)
        return [self._job(request) for _, request in items]


class Dancing(Loopback):
    """A null model of video and sound that notes what came."""

    info: ModelInfo = replace(
        Loopback.info,
        id="dancing",
        inputs=(VideoInput("camera"), AudioInput("music", rate=8000, channels=2)),
    )
    came: ClassVar[list[tuple[str, tuple[int, ...]]]] = []

    def prepare(
        self, items: Sequence[tuple[LoopbackState, Request[LoopbackParams]]]
    ) -> list[LoopbackJob]:
        for _, request in items:
            (frame,), (sound,) = request.video["camera"], request.audio["music"]
            self.came.extend([("camera", frame.frames.shape), ("music", sound.samples.shape)])
        return super().prepare(items)


class Mute(Metronome):
    """A stream that waits for somebody to speak, and shows nothing until then."""

    info: ModelInfo = replace(Metronome.info, id="mute", outputs=(VideoOutput(),))
    steps: ClassVar[int] = 0

    def step(self, jobs: Sequence[Any]) -> None:
        for job in jobs:
            job.step += 1
            Mute.steps += 1

    def emit(self, jobs: Sequence[Job]) -> list[list[Output]]:
        raise AssertionError("there is nothing to show")
