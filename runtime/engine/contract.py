"""What a model must keep to, read and checked on the engine's thread before the loop sees it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import count, islice
from operator import index
from typing import Any

from livedraft.errors import InvalidParams, ModelFailed
from livedraft.protocol.messages import Note
from livedraft.protocol.values import plain_params, size_of, text_fault

from ..models.base import LEAD_US, AnyModel, AudioOutput, ImageOutput, Job, ModelInfo, VideoOutput
from .faults import FIX

_OUTPUTS = {ImageOutput, VideoOutput, AudioOutput}
_MAX_NOTES = 16
_MAX_TEXT = 500  # characters of a text in a note
_MAX_CHOICES = 16  # of a note
_MAX_DATA_BYTES = 64 * 1024  # of what a job measured
_MAX_KEYS = 256  # job keys that are remembered

_MOST_ROOM = 1024  # jobs in a call


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a job stands. The event loop reads this, and of the job itself it touches nothing."""

    job: Job
    group: int  # jobs with equal groups may share a call
    step: int
    steps: int  # 0: open-ended
    ended: bool = False  # before all steps, or an open-ended one
    ready: bool = False  # outputs wait to be emitted
    due: int | None = None  # µs on the session's media clock, of the next output
    lead: int = LEAD_US  # µs before that, when it is made at the earliest
    room: int = 1  # jobs of this group in a call
    notes: tuple[Note, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)  # plain values
    waits: Future[Any] | None = None  # before its next step

    @property
    def open_ended(self) -> bool:
        """Whether the job goes on until its model says that it ends."""
        return self.steps == 0

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return self.ended or 0 < self.steps <= self.step


class Groups:
    """Numbers for the keys of jobs, so that only the engine's thread compares what a model made."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._next = count(1)

    def of(self, key: Hashable) -> int:
        """Return the number of a key; equal keys have equal numbers, save for one in many."""
        known = self._numbers.get(key)
        if known is None:
            if len(self._numbers) >= _MAX_KEYS:
                self._numbers.clear()  # who is under way then shares calls with no newcomer
            known = self._numbers[key] = next(self._next)
        return known


def check_info(info: object) -> None:
    """Refuse a model whose ``info`` no server could work with; raise ModelFailed."""
    if not isinstance(info, ModelInfo):
        raise ModelFailed(f"the model's info is {kind_of(info)}, not a ModelInfo", fix=FIX)
    least = {"width": 1, "height": 1, "draft_steps": 1, "max_steps": 1, "places": 1}
    for name, low in {**least, "preview_every": 0}.items():
        value = getattr(info, name)
        if not isinstance(value, int) or value < low:
            raise ModelFailed(
                f"the model's info has {name} = {value!r}, not {low} or more", fix=FIX
            )
    kinds = [type(output) for output in info.outputs]
    if not kinds or len(set(kinds)) < len(kinds) or not {*kinds} <= _OUTPUTS:
        raise ModelFailed(
            "the model's info has no outputs, or two of a kind", fix="name one output of each kind"
        )


def jobs(made: Any, count: int) -> list[Any]:
    """Return what ``prepare`` gave as a list of so many; raise ModelFailed for anything else."""
    found = as_many(made, count, "prepare", "jobs for {} requests")
    if len(set(map(id, found))) < count:
        raise ModelFailed("prepare returned one job for two requests", fix=FIX)
    return found


def progress(job: Any, model: AnyModel, groups: Groups) -> Progress:
    """Return where a job stands; raise ModelFailed where that cannot be."""
    if not isinstance(job, Job):
        raise ModelFailed(f"prepare returned {kind_of(job)}, not a Job", fix=FIX)
    info = model.info
    step, steps = int(index(job.step)), int(index(job.steps))  # no bool, no NumPy's
    most = max(info.max_steps, info.draft_steps)
    if not 0 <= steps <= most:
        raise ModelFailed(f"the job has {steps} steps; 1 to {most} are possible, or 0", fix=FIX)
    if not 0 <= step or 0 < steps < step:
        raise ModelFailed(f"the job stands at step {step} of {steps}", fix=FIX)
    due = None if job.due is None else int(index(job.due))
    if due is not None and due < 0:
        raise ModelFailed(f"the job is due at {due} µs, before its clock began", fix=FIX)
    if not (job.waits is None or isinstance(job.waits, Future)):
        raise ModelFailed(f"the job waits for {kind_of(job.waits)}, not a Future", fix=FIX)
    lead = int(index(job.lead))
    if not 0 <= lead <= LEAD_US:
        raise ModelFailed(f"the job leads by {lead} µs; 0 to {LEAD_US} are possible", fix=FIX)
    return Progress(
        job,
        groups.of(job.key),
        step,
        steps,
        job.ended is True,
        job.ready is True,
        due,
        lead,
        room(model, job.key),
        _notes(job.notes),
        _data(job.data),
        job.waits,
    )


def stepped(before: Progress, model: AnyModel, groups: Groups) -> Progress:
    """Return where a job stands after a step; raise ModelFailed if it did not advance."""
    now = progress(before.job, model, groups)
    if now.step <= before.step:
        raise ModelFailed(
            f"a step left the job at step {now.step}, where it was at {before.step}", fix=FIX
        )
    return now


def room(model: AnyModel, key: Hashable) -> int:
    """Return how many jobs of a key fit in one call; raise ModelFailed where that is none."""
    most = int(index(model.room(key)))
    if most < 1:
        raise ModelFailed(f"the model has room for {most} jobs", fix=FIX)
    return min(most, _MOST_ROOM)


def as_many(made: Any, count: int, verb: str, what: str) -> list[Any]:
    """Return a list that a model gave, if it is one of so many; raise ModelFailed."""
    if not isinstance(made, (list, tuple)):
        raise ModelFailed(f"{verb} returned {kind_of(made)}, not a list", fix=FIX)
    found = list(islice(made, count + 1))  # a subclass may say any length, and never end
    if len(found) != count:
        number = len(made) if len(made) != count else "another number of"
        raise ModelFailed(f"{verb} returned {number} {what.format(count)}", fix=FIX)
    return found


def _notes(notes: Any) -> tuple[Note, ...]:
    if not notes:
        return ()
    if not isinstance(notes, (list, tuple)) or len(notes) > _MAX_NOTES:
        raise ModelFailed(f"a job's notes are a tuple of at most {_MAX_NOTES}", fix=FIX)
    return tuple(
        Note(
            code=_text(note["code"]),
            message=_text(note["message"]),
            param=_text(note["param"]),
            choices=_choices(note["choices"]),
        )
        for note in islice(notes, _MAX_NOTES)
    )


def _data(data: Any) -> Mapping[str, Any]:
    """Return what a job measured as plain values, ours alone."""
    if not isinstance(data, Mapping):
        raise ModelFailed(f"a job's data is {kind_of(data)}, not a mapping", fix=FIX)
    if not data:
        return {}
    try:
        plain = plain_params(data)
    except InvalidParams as error:
        raise ModelFailed(f"a job's data: {error.message}", fix=error.fix) from None
    if size_of(plain) > _MAX_DATA_BYTES:
        raise ModelFailed(f"a job's data is over {_MAX_DATA_BYTES} bytes", fix="measure less")
    return plain


def _choices(choices: Any) -> list[str]:
    if not isinstance(choices, (list, tuple)) or len(choices) > _MAX_CHOICES:
        raise ModelFailed(f"a note's choices are a list of at most {_MAX_CHOICES}", fix=FIX)
    return [_text(choice) for choice in islice(choices, _MAX_CHOICES)]


def _text(text: Any) -> str:
    if not isinstance(text, str):
        raise ModelFailed(f"a note holds {kind_of(text)} where text should be", fix=FIX)
    short = str.__getitem__(text, slice(_MAX_TEXT))
    fault = text_fault(short)
    if fault is not None:
        raise ModelFailed(f"a note holds {fault}", fix=FIX)
    return short


def kind_of(value: object) -> str:
    """Return the name of a value's type."""
    return type(value).__name__[:100]
