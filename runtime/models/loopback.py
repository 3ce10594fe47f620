"""``loopback``: a null model that returns camera and microphone as they came, or sound later."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from pydantic import Field

from livedraft.media.chunks import Output

from .base import (
    AudioInput,
    AudioOutput,
    Job,
    ModelInfo,
    Params,
    Request,
    VideoInput,
    VideoOutput,
)
from .null import Null


class LoopbackParams(Params):
    """Params of the null model."""

    delay_ms: float = Field(
        default=0.0, ge=0, le=5000, title="Delay, ms", description="How late sound returns, ms."
    )


@dataclass(slots=True, eq=False)
class LoopbackJob(Job):
    """What came since the job before it."""

    outputs: list[Output]


@dataclass(slots=True)
class LoopbackState:
    """Where the sound of a session ends, so that none lies over another."""

    sound_until: int = 0  # µs on the media clock


class Loopback(Null[LoopbackParams, LoopbackState, LoopbackJob]):
    """Return frames at the time at which they came, and sound that much later."""

    info: ModelInfo = ModelInfo(
        id="loopback",
        task="video-to-video",
        title="Loopback",
        description="Sends a camera's frames and a microphone's sound back, to try a line.",
        licence="Apache-2.0",
        commercial="yes",
        width=640,
        height=360,
        alpha=False,
        inputs=(
            VideoInput("camera", required=False, description="Comes back as it is."),
            AudioInput("microphone", required=False, description="Comes back after delay_ms."),
        ),
        draft_steps=1,
        max_steps=1,
        outputs=(VideoOutput(), AudioOutput()),
    )
    params: ClassVar[type[Params]] = LoopbackParams

    def open(self) -> LoopbackState:
        """Begin with silence."""
        return LoopbackState()

    def prepare(
        self, items: Sequence[tuple[LoopbackState, Request[LoopbackParams]]]
    ) -> list[LoopbackJob]:
        """Take what came; sound that would lie over what is out already is left out."""
        return [self._job(state, request) for state, request in items]

    def _job(self, state: LoopbackState, request: Request[LoopbackParams]) -> LoopbackJob:
        delay = round(request.params.delay_ms * 1000)
        outputs: list[Output] = [*request.video.get("camera", ())]
        for chunk in request.audio.get("microphone", ()):
            late = replace(chunk, pts=chunk.pts + delay)
            if late.pts >= state.sound_until:
                outputs.append(late)
                state.sound_until = late.end
        return LoopbackJob("loopback", 1, outputs)

    def step(self, jobs: Sequence[LoopbackJob]) -> None:
        """Do nothing, once."""
        for job in jobs:
            job.step += 1

    def emit(self, jobs: Sequence[LoopbackJob]) -> list[list[Output]]:
        """Return what came."""
        return [job.outputs for job in jobs]

    def room(self, key: Hashable) -> int:
        """Take many at a time."""
        return 64
