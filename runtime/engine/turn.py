"""What an engine is asked to do in one call, with a batch, and what that gives for each job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from weakref import WeakValueDictionary

from livedraft.errors import LivedraftError
from livedraft.media.chunks import Output

from ..models.base import Job, Pixels, Request
from .contract import Progress
from .stability.stage import VideoStage


@dataclass(slots=True, eq=False)
class Cell:
    """A session's state of its model; touched on the engine's thread alone, but for ``used``."""

    state: Any = None
    opened: bool = False
    used: bool = False  # whether the thread was given it since it was released
    held_bytes: int = 0  # of the state, when it was last suspended
    video: VideoStage | None = None  # of its moving pictures
    # Those that were made of it and are still there, by id: a user's need not be hashable.
    jobs: WeakValueDictionary[int, Job] = field(default_factory=WeakValueDictionary)

    @property
    def resting(self) -> bool:
        """Whether nothing is made of it at the moment."""
        return all(job.done for job in self.jobs.values())


@dataclass(frozen=True, slots=True)
class Emitted:
    """What a job has to show, and where it stands after that."""

    outputs: tuple[Output, ...]
    progress: Progress


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The pictures that one model made for another, by their names."""

    pictures: Mapping[str, Pixels]


# What a call gave for one of its jobs.
CallResult = Progress | Emitted | HandedOver | LivedraftError


@dataclass(frozen=True, slots=True, eq=False)
class Prepare:
    """Make a job of each request."""

    phase: ClassVar[str] = "prepare"
    model: str
    batch: Sequence[tuple[Cell, Request[Any]]]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """Advance jobs by one step."""

    phase: ClassVar[str] = "step"
    model: str
    batch: Sequence[Progress]


@dataclass(frozen=True, slots=True, eq=False)
class Emit:
    """Take what jobs have to show."""

    phase: ClassVar[str] = "emit"
    model: str
    batch: Sequence[Progress]


@dataclass(frozen=True, slots=True, eq=False)
class HandOver:
    """Make what another model gets that refines."""

    phase: ClassVar[str] = "hand_over"
    model: str
    batch: Sequence[tuple[Cell, Request[Any]]]


Turn = Prepare | Step | Emit | HandOver  # one call of a model, with a batch
