"""``restyle``: a camera, a screen or a clip in another style, frame by frame, and pictures too."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

import cv2
import numpy as np

from livedraft.media.chunks import Output, Still, VideoChunk
from livedraft.protocol.messages import Note

from ..base import (
    DEFAULT_PLAN,
    Honours,
    ImageInput,
    ImageOutput,
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
from .painter import Painter
from .params import RestyleParams

SIDE = 512  # px, of a picture that is drafted
PIXELS = 512 * 288  # of a camera's frames: what two cores paint 24 times a second and more
MOST_PX = 1536  # of a final picture

NO_PICTURE = Note(
    code="no_picture",
    message="There is nothing to restyle yet: send a picture, or start the camera.",
    param="",
    choices=[],
)


@dataclass(slots=True)
class RestyleState:
    """A session's: its newest frame, to refine it."""

    frame: Pixels | None = None


@dataclass(slots=True, eq=False)
class RestyleJob(Job):
    """Frames of a camera, or one picture."""

    request: Request[RestyleParams]
    state: RestyleState
    outputs: list[Output] = field(default_factory=list)


class Restyle(Model[RestyleParams, RestyleState, RestyleJob]):
    """Paint frames and pictures in a mix of styles."""

    info: ModelInfo = ModelInfo(
        id="restyle",
        task="video-to-video",
        title="Restyle",
        description="Paints each frame of a camera in a style, on any computer.",
        licence="Apache-2.0",
        commercial="yes",
        width=SIDE,
        height=SIDE,
        alpha=False,
        inputs=(
            ImageInput(
                "picture",
                SIDE,
                SIDE,
                required=False,
                most_px=MOST_PX,
                description="It is shown in the style.",
            ),
            VideoInput(
                "camera",
                required=False,
                description="Its newest frames are shown in the style.",
            ),
        ),
        outputs=(ImageOutput(), VideoOutput()),
        draft_steps=1,
        max_steps=1,
    )
    params: ClassVar[type[Params]] = RestyleParams
    stability: Stability | None = Stability("camera", PIXELS)
    honours: ClassVar[Honours] = {"device": ("cpu", "cuda"), "threads": ()}

    def __init__(self, painter: Painter) -> None:
        self._painter = painter

    @classmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        """Load what ships, or a folder with restyle.onnx.

        Raises WeightsError where it is missing or damaged.
        """
        return cls(Painter.read(source, plan))

    @classmethod
    def tiny(cls) -> Self:
        """Return the shipped model on one thread: it is small enough."""
        return cls.load(plan=Plan(threads=1))

    def open(self) -> RestyleState:
        """Show nothing yet."""
        return RestyleState()

    def prepare(
        self, items: Sequence[tuple[RestyleState, Request[RestyleParams]]]
    ) -> list[RestyleJob]:
        """Take what came."""
        return [RestyleJob("restyle", 1, request, state) for state, request in items]

    def step(self, jobs: Sequence[RestyleJob]) -> None:
        """Paint all that came."""
        for job in jobs:
            job.step += 1
            chunks = job.request.video.get("camera", ())
            job.outputs.extend(self._film(job, chunk) for chunk in chunks)
            if not chunks:
                self._picture(job)

    def emit(self, jobs: Sequence[RestyleJob]) -> list[list[Output]]:
        """Return what was painted."""
        return [job.outputs for job in jobs]

    def room(self, key: Hashable) -> int:
        """Take one at a time: nothing is gained by waiting for each other."""
        return 1

    def _film(self, job: RestyleJob, chunk: VideoChunk) -> VideoChunk:
        params, state = job.request.params, job.state
        shown = []
        for frame, _ in chunk:
            state.frame = _flat(frame)
            shown.append(self._paint(state.frame, params))
        return VideoChunk(np.stack(shown), chunk.pts, chunk.duration)

    def _picture(self, job: RestyleJob) -> None:
        given = job.request.inputs.get("picture")
        picture = job.state.frame if given is None else _flat(given)
        if picture is None:
            job.notes = (NO_PICTURE,)
            job.outputs.append(Still(np.full((SIDE, SIDE, 3), 255, np.uint8)))
        else:
            job.outputs.append(Still(self._paint(picture, job.request.params)))

    def _paint(self, picture: Pixels, params: RestyleParams) -> Pixels:
        if params.strength == 0:
            return picture
        made = self._painter.paint(picture, params.mix)
        if params.colours == "kept":
            made = _coloured(made, picture)
        if params.strength < 1:
            mixed = cv2.addWeighted(made, params.strength, picture, 1 - params.strength, 0)
            made = np.asarray(mixed, np.uint8)
        return made


def _flat(picture: Pixels) -> Pixels:
    """Return a picture, (H, W, 3 | 4), as it is seen on white, (H, W, 3)."""
    if picture.shape[2] == 3:
        return picture
    alpha = picture[..., 3:].astype(np.float32) / 255
    seen: Pixels = (picture[..., :3] * alpha + 255 * (1 - alpha) + 0.5).astype(np.uint8)
    return seen


def _coloured(made: Pixels, picture: Pixels) -> Pixels:
    """Return the light of what was made in the colours of a picture."""
    colours = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb)
    colours[..., 0] = cv2.cvtColor(made, cv2.COLOR_RGB2YCrCb)[..., 0]
    return np.asarray(cv2.cvtColor(colours, cv2.COLOR_YCrCb2RGB), np.uint8)
