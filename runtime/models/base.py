"""The model contract: what a model family writes, and all that it writes.

A model turns the live state of one session into jobs, and advances many jobs by one denoising
step in one call. It never sees a socket, a queue or a clock; who runs when is the scheduler's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, JsonValue
from pydantic_core import CoreSchema

from livedraft.errors import ModelFailed
from livedraft.media.chunks import AudioChunk, Output, TextChunk, VideoChunk
from livedraft.protocol.messages import Note, Stage

from ..plan import DEFAULT_PLAN, Honours, Plan, Report
from .info import (
    AudioInput,
    AudioOutput,
    ImageInput,
    ImageOutput,
    InputSpec,
    LoraInfo,
    ModelInfo,
    OutputSpec,
    Stability,
    TextInput,
    VideoInput,
    VideoOutput,
)
from .memory import held_bytes
from .validation import failing_fast

__all__ = [  # all that a model needs
    "COLOURED",
    "DEFAULT_PLAN",
    "REFINED",
    "AnyModel",
    "AudioInput",
    "AudioOutput",
    "Honours",
    "ImageInput",
    "ImageOutput",
    "InputSpec",
    "Inputs",
    "Job",
    "LoraInfo",
    "Model",
    "ModelInfo",
    "OutputSpec",
    "Params",
    "Pixels",
    "Plan",
    "Report",
    "Request",
    "Stability",
    "TextInput",
    "VideoInput",
    "VideoOutput",
    "to_pixels",
]

Pixels = NDArray[np.uint8]  # (H, W, 3 | 4), straight alpha
Inputs = Mapping[str, Pixels]  # by the names in ``ModelInfo.inputs``


# Which pictures a param changes, in its JSON schema, so that no form offers what does nothing.
REFINED: dict[str, JsonValue] = {"x-reach": "refined"}
COLOURED: dict[str, JsonValue] = {"x-reach": "coloured"}  # of drawings that say a colour
UNASKED = "x-unasked"  # there, too: the word that a form shows for 0, where that asks for nothing


LEAD_US = 200_000  # that an open-ended job may be ahead of its session's media clock
LATE_US = 200_000  # behind it, from which on it is prepared again: it may leave out what is past


class Params(BaseModel):
    """What a user may set of a model: its own fields, and those of the mix-ins in ``mixins``.

    Its JSON schema draws the parameter panel, the CLI flags and the docs. ``seed`` and ``steps``
    mean what they mean there, and are whole numbers from 0 on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Have every list and table stop at its first fault, as clients may send thousands."""
        schema: CoreSchema = failing_fast(handler(source))
        return schema


P = TypeVar("P", bound=Params)
S = TypeVar("S")  # what a session keeps: caches, adapters, windows


@dataclass(frozen=True, slots=True)
class Request(Generic[P]):
    """What a job is made from.

    An input that did not change since the session's last request is the same array object, and
    arrays are never written to: state caches may compare with ``is``.
    """

    params: P
    inputs: Inputs
    stage: Stage  # DRAFT or FINAL
    steps: int
    # What came since the last request, in order, by the names of inputs of these kinds.
    video: Mapping[str, Sequence[VideoChunk]] = field(default_factory=dict)
    audio: Mapping[str, Sequence[AudioChunk]] = field(default_factory=dict)
    at: int = 0  # µs on the session's media clock: where what comes of it begins
    running: Job | None = None  # an open-ended job that is under way, to go on with it
    text: Mapping[str, Sequence[TextChunk]] = field(default_factory=dict)  # as ``video``
    # What came of ``append`` inputs before is unwanted, whatever of it is not shown yet; what this
    # holds came after that.
    interrupted: bool = False
    unmoved: bool = False  # its newest frame is as that which is shown, see ``Stability.line``


@dataclass(slots=True, eq=False, weakref_slot=True)
class Job:
    """What a model makes of a request; a model subclasses it to keep its tensors.

    Jobs with equal ``key`` may share a model call, whatever step each stands at and whosever
    they are; a job may change its key from step to step. One of 0 ``steps`` is open-ended: it
    goes on until the model sets ``ended``. Where ``step`` sets ``ready``, what there is goes out
    before the job's end.
    """

    key: Hashable
    steps: int
    step: int = field(default=0, init=False)
    ready: bool = field(default=False, init=False)  # outputs are there; reset as they go
    ended: bool = field(default=False, init=False)
    due: int | None = field(default=None, init=False)  # µs on the media clock, of the next output
    lead: int = field(default=LEAD_US, init=False)  # µs before ``due`` that it is made at earliest
    seen: Any = field(default=None, init=False)  # the runtime's own: see ``Model.stability``
    notes: tuple[Note, ...] = field(default=(), init=False)  # for the user, see ``Note``
    data: Mapping[str, Any] = field(default_factory=dict, init=False)  # measured; goes into JSON
    # Of what is computed elsewhere, done when its next step has something to do: it waits till
    # then, and its lane serves others.
    waits: Future[Any] | None = field(default=None, init=False)

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return self.ended or 0 < self.steps <= self.step


J = TypeVar("J", bound=Job)


class Model(ABC, Generic[P, S, J]):
    """One loaded model. All methods run on the engine's thread, one at a time.

    It is loaded on another thread, while other models of its lane are served; ``offload`` may be
    called on another one, never during a call.
    """

    info: ModelInfo  # of the class; an instance that was given LoRAs has its own
    terms: ClassVar[str] = ""  # what its licence forbids or asks for, in a sentence
    params: ClassVar[type[Params]]
    # Of the plan that an operator writes: keys, and the values that each takes; none named: any.
    honours: ClassVar[Honours] = {"device": (), "threads": ()}
    # Of moving pictures that the runtime is to keep calm, and at pace; None: the model does that.
    # An instance may have its own, that knows its device.
    stability: Stability | None = None
    # Names of the pictures that it makes for another model which refines what this one drafted.
    hands: ClassVar[tuple[str, ...]] = ()
    # Whether its shapes are made once before users come; not where each picture costs something.
    warms: ClassVar[bool] = True

    @classmethod
    @abstractmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        """Load weights to a device.

        ``source`` is a folder or hub id, empty what ships with us; ``plan`` says how. Raise what
        tells why a plan cannot be kept here, such as WeightsError: the other models are served.
        """

    @classmethod
    @abstractmethod
    def tiny(cls) -> Self:
        """Return a small instance of the very classes with seeded random weights, for tests."""

    @abstractmethod
    def open(self) -> S:
        """Return the state of a new session."""

    @abstractmethod
    def prepare(self, items: Sequence[tuple[S, Request[P]]]) -> Sequence[J]:
        """Return a job of each request: encode what it holds, with the state of its session.

        Exact caches live in the state. A request whose ``running`` job goes on may return it.
        """

    @abstractmethod
    def step(self, jobs: Sequence[J]) -> None:
        """Advance every job by one step, of denoising or of a chunk, and count it in ``step``."""

    @abstractmethod
    def emit(self, jobs: Sequence[J]) -> Sequence[Sequence[Output]]:
        """Return what each job has to show, in order; leaves the jobs usable.

        A picture model gives a `Still` as it stands. Video and sound are placed on the session's
        media clock, from ``Request.at`` on.
        """

    def hand_over(self, state: S, request: Request[P]) -> Inputs:
        """Return what another model gets that refines this request: pictures by ``hands``' names.

        They count before the session's own of these names, and one may be left out. Nobody writes
        to them afterwards, and one that did not change since the last time is best the same array
        object, for the other model's caches. Raise BadInput where a request cannot be refined.
        """
        return {}

    def room(self, key: Hashable) -> int:
        """Return how many jobs of a key fit in one call of ``step`` or ``emit``."""
        return 1

    def give_up(self, job: J) -> None:  # most jobs need nothing but forgetting
        """Free what a job holds that ends before its time: nobody wants it, or a step failed."""

    def suspend(self, state: S) -> None:  # most have nothing on a device
        """Move a state off the device while its client is away; ``prepare`` brings it back."""

    def footprint(self, state: S) -> int:
        """Return the bytes that a state holds, beside the session's pictures."""
        return held_bytes(state)

    def serve(self, report: Report) -> None:
        """Hear that its shapes were made and users come: what is new to it is made ready by pieces.

        ``report`` takes a part of the phase ``warming`` whenever a piece of a shape is done that a
        user asked for and that the plan did not name; with the last all of it.
        """

    def resident_bytes(self) -> int:
        """Return the bytes that it takes of its device beside the sessions' states: weights."""
        return 0

    def call_bytes(self) -> int:
        """Return the bytes that the largest call took beside that, as far as it was measured."""
        return 0

    def offload(self) -> bool:
        """Move its weights to the host, as no session uses it; return False where they stay.

        What fails leaves it on its device, as it was.
        """
        return False

    def onload(self, report: Report) -> None:
        """Bring its weights back to its device before its next call; ``report`` hears how far.

        What fails leaves nothing on the device. Raise OutOfMemory where there is no room.
        """

    def close(self, state: S) -> None:  # most states need nothing but forgetting
        """Free what a session's state holds outside Python's memory."""


AnyModel = Model[Any, Any, Any]


def to_pixels(picture: NDArray[np.floating[Any]]) -> Pixels:
    """Return a float picture in 0..1, (H, W, C), as uint8; raise ModelFailed if not finite."""
    must_be_finite(picture)
    scaled = np.clip(picture, 0.0, 1.0)
    scaled *= 255.0
    scaled += 0.5  # the conversion truncates
    pixels: Pixels = scaled.astype(np.uint8)
    return pixels


def must_be_finite(picture: NDArray[np.floating[Any]]) -> None:
    """Raise ModelFailed if a picture holds values that are not finite."""
    if not np.isfinite(picture.sum()):
        raise ModelFailed(
            "the model returned values that are not finite",
            fix="try another seed or other params; if it stays, the model is at fault",
        )
