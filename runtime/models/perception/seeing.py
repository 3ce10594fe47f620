"""What the models of perception share: a picture or a camera in, what was seen in it out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Self, TypeVar

import numpy as np

from livedraft.media.chunks import Output, Still, VideoChunk
from livedraft.protocol.messages import Note

from ..base import (
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
    VideoInput,
    VideoOutput,
)
from .overlay import flat

SIDE = 512  # px, what clients send of a draft; the networks look at 224 and 256
MOST_PX = 2048  # of a final picture

_INPUTS = (
    ImageInput(
        "picture", SIDE, SIDE, required=False, most_px=MOST_PX, description="People are seen in it."
    ),
    VideoInput(
        "camera", SIDE, SIDE, required=False, description="One person is followed in its frames."
    ),
)
_OUTPUTS = (ImageOutput(), VideoOutput())

NO_PICTURE = Note(
    code="no_picture",
    message="There is no picture to look at yet: send one, or start the camera.",
    param="",
    choices=[],
)
NO_PERSON = Note(
    code="no_person",
    message="Nobody is seen: show a person from head to hips, larger and in better light.",
    param="",
    choices=[],
)


def more(what: str, found: int, shown: int) -> Note:
    """Return the note that not all who are seen are shown."""
    return Note(
        code="several_people",
        message=f"{found} {what} are seen, and {shown} shown: ask for more people to see all.",
        param="people",
        choices=[str(found)],
    )


def seer(id: str, task: str, title: str, description: str) -> ModelInfo:
    """Return what a model is that looks at pictures of people."""
    return ModelInfo(
        id=id,
        task=task,
        title=title,
        description=description,
        licence="Apache-2.0",
        commercial="yes",
        width=SIDE,
        height=SIDE,
        alpha=False,
        inputs=_INPUTS,
        outputs=_OUTPUTS,
        draft_steps=1,
        max_steps=1,
    )


P = TypeVar("P", bound=Params)
F = TypeVar("F")  # what follows a person through frames


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of looking at a picture."""

    picture: Pixels  # with what was seen drawn into it
    data: Mapping[str, Any]
    notes: tuple[Note, ...] = ()


@dataclass(slots=True)
class SeeingState(Generic[F]):
    """A session's: who is followed, and the newest frame, to refine it."""

    follower: F
    frame: Pixels | None = None


@dataclass(slots=True, eq=False)
class SeeingJob(Job, Generic[P, F]):
    """Frames of a camera, or one picture."""

    request: Request[P]
    state: SeeingState[F]
    outputs: list[Output] = field(default_factory=list)


class Seeing(Model[P, SeeingState[F], SeeingJob[P, F]]):
    """A model that looks at pictures of people. What was measured is in ``data``, 0..1 of them."""

    honours: ClassVar[Honours] = {"device": ("cpu", "cuda"), "threads": ()}

    @classmethod
    def tiny(cls) -> Self:
        """Return the shipped model on one thread: it is small enough."""
        return cls.load(plan=Plan(threads=1))

    @abstractmethod
    def follower(self) -> F:
        """Return what follows a person of a new session."""

    @abstractmethod
    def look(self, picture: Pixels, params: P) -> Seen:
        """Return what is in a picture, (H, W, 3)."""

    @abstractmethod
    def follow(self, follower: F, frame: Pixels, at_us: int, params: P) -> Seen:
        """Return what is in a camera's frame, (H, W, 3)."""

    def open(self) -> SeeingState[F]:
        """Follow nobody yet."""
        return SeeingState(self.follower())

    def prepare(self, items: Sequence[tuple[SeeingState[F], Request[P]]]) -> list[SeeingJob[P, F]]:
        """Take what came."""
        return [SeeingJob("seeing", 1, request, state) for state, request in items]

    def step(self, jobs: Sequence[SeeingJob[P, F]]) -> None:
        """Look at all that came."""
        for job in jobs:
            job.step += 1
            chunks = job.request.video.get("camera", ())
            for chunk in chunks:
                job.outputs.append(self._followed(job, chunk))
            if not chunks:
                self._looked(job)

    def emit(self, jobs: Sequence[SeeingJob[P, F]]) -> list[list[Output]]:
        """Return the pictures with what was seen."""
        return [job.outputs for job in jobs]

    def room(self, key: Hashable) -> int:
        """Take one at a time: nothing is gained by waiting for each other."""
        return 1

    def _followed(self, job: SeeingJob[P, F], chunk: VideoChunk) -> VideoChunk:
        seen = []
        for frame, at_us in chunk:
            job.state.frame = flat(frame)
            follower, params = job.state.follower, job.request.params
            seen.append(self.follow(follower, job.state.frame, at_us, params))
        self._tell(job, seen[-1])
        return VideoChunk(np.stack([each.picture for each in seen]), chunk.pts, chunk.duration)

    def _looked(self, job: SeeingJob[P, F]) -> None:
        given = job.request.inputs.get("picture")
        picture = job.state.frame if given is None else flat(given)
        if picture is None:
            blank = np.full((SIDE, SIDE, 3), 255, np.uint8)
            seen = Seen(blank, {"people": []}, (NO_PICTURE,))
        else:
            seen = self.look(picture, job.request.params)
        job.outputs.append(Still(seen.picture))
        self._tell(job, seen)

    def _tell(self, job: SeeingJob[P, F], seen: Seen) -> None:
        job.data, job.notes = seen.data, seen.notes


def share(value: float, of: int) -> float:
    """Return a place or a length in px as a share of a side, as clients have it."""
    return round(float(value) / of, 5)
