"""What a session gets for what it asked, and the transport's end that takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from livedraft.errors import LivedraftError
from livedraft.media.chunks import Output, Still
from livedraft.media.marks import CHANGED, KEY
from livedraft.media.recipes import recipe_of
from livedraft.protocol.messages import Note, Progress, Stage

from ..models.base import Pixels
from ..models.mixins import seed_of

if TYPE_CHECKING:
    from .course import Shown
    from .task import Task


@dataclass(frozen=True, slots=True)
class Result:
    """An output of the engine, before it is encoded, with all that it was made from."""

    id: int
    model: str
    stage: Stage
    output: Output
    params: dict[str, Any]
    seed: int | None  # of a model that has one
    step: int
    steps: int
    dropped: int  # messages that were superseded since the output before
    batch: int
    moments: dict[str, float]  # s of the clock: received, queued, prepared, stepped, decoded
    model_s: float
    notes: tuple[Note, ...] = ()
    dropped_us: int = 0  # how long the media among them were
    data: Mapping[str, Any] = field(default_factory=dict)  # what the model measured

    @property
    def pixels(self) -> Pixels:
        """The picture; raises TypeError for sound and moving pictures."""
        if not isinstance(self.output, Still):
            raise TypeError(f"a {type(self.output).__name__} is no picture")
        return self.output.pixels

    @property
    def file(self) -> bytes:
        """The picture as it was written and signed elsewhere; empty of any other."""
        return self.output.file if isinstance(self.output, Still) else b""

    @property
    def recipe(self) -> dict[str, Any]:
        """What it takes to make it again, as files carry it."""
        return recipe_of(self)

    def timings(self, **later: float) -> dict[str, float]:
        """Return its moments in ms since it was received, and the model's time.

        ``later`` are moments of the same clock, in s.
        """
        start = self.moments["received"]
        moments = {**self.moments, **later}
        ms = {
            name: round((at - start) * 1e3, 3) for name, at in moments.items() if name != "received"
        }
        return {**ms, "model": round(self.model_s * 1e3, 3)}


class Sink(Protocol):
    """The transport's end of a session; called on the event loop, never blocks."""

    @property
    def ready(self) -> bool:
        """Whether there is room for one more output; whoever has it again tells the session."""
        ...

    def take(self, result: Result) -> None:
        """Take an output, to encode and send it."""
        ...

    def progress(self, progress: Progress) -> None:
        """Take how far a refine is, after what came of it before; of sessions that tell it."""
        ...

    def failed(self, id: int, error: LivedraftError) -> None:
        """Take the failure of what ``id`` asked for."""
        ...


def _marked(task: Task, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is told of an output, with the mark of one that changed a user's own."""
    changed = task.use.info.changes or "mask" in task.session.pixels
    return {**data, KEY: CHANGED} if changed else data


def result_of(task: Task, shown: Shown, output: Output) -> Result:
    """Return an output of a task's job, with all that it was made from."""
    job = shown.progress
    on_the_way = isinstance(output, Still) and not job.done
    return Result(
        id=task.id,
        model=task.use.info.id,
        stage=Stage.PREVIEW if task.stage is Stage.FINAL and on_the_way else task.stage,
        output=output,
        params=task.params.model_dump(mode="json"),
        seed=seed_of(task.params),
        step=job.step,
        steps=job.steps,
        dropped=task.dropped,
        batch=shown.batch,
        moments=shown.moments,
        model_s=shown.model_s,
        notes=job.notes,
        dropped_us=task.dropped_us,
        data=_marked(task, job.data),
    )
