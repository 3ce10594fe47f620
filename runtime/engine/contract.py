"""What a model must keep to, read and checked on the engine's thread before the loop sees it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import count, islice
from operator import index
from typing import Any

import numpy as np

from livedraft.errors import ModelFailed
from livedraft.media.images import MAX_PIXELS, MAX_SIDE
from livedraft.protocol.messages import Note
from livedraft.protocol.values import text_fault

from ..models.base import Job, ModelInfo, Pixels

_MAX_NOTES = 16
_MAX_TEXT = 500  # characters of a text in a note
_MAX_CHOICES = 16  # of a note
_MAX_KEYS = 256  # job keys that are remembered

_FIX = "mend the model; docs/guides/add-a-model.md says what it must keep to"


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a job stands. The event loop reads this, and of the job itself it touches nothing."""

    job: Job
    group: int  # jobs with equal groups may share a call
    step: int
    steps: int
    notes: tuple[Note, ...] = ()

    @property
    def done(self) -> bool:
        """Whether all steps are taken."""
        return self.step >= self.steps


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
        raise ModelFailed(f"the model's info is {_kind(info)}, not a ModelInfo", fix=_FIX)
    least = {"width": 1, "height": 1, "draft_steps": 1, "max_steps": 1, "max_batch": 1}
    for name, low in {**least, "preview_every": 0}.items():
        value = getattr(info, name)
        if not isinstance(value, int) or value < low:
            raise ModelFailed(
                f"the model's info has {name} = {value!r}, not {low} or more", fix=_FIX
            )


def progress(job: Any, info: ModelInfo, groups: Groups) -> Progress:
    """Return where a job stands; raise ModelFailed where that cannot be."""
    if not isinstance(job, Job):
        raise ModelFailed(f"prepare returned {_kind(job)}, not a Job", fix=_FIX)
    step, steps = int(index(job.step)), int(index(job.steps))  # no bool, no NumPy's
    most = max(info.max_steps, info.draft_steps)
    if not 1 <= steps <= most:
        raise ModelFailed(f"the job has {steps} steps; 1 to {most} are possible", fix=_FIX)
    if not 0 <= step <= steps:
        raise ModelFailed(f"the job stands at step {step} of {steps}", fix=_FIX)
    return Progress(job, groups.of(job.key), step, steps, _notes(job.notes))


def stepped(before: Progress, info: ModelInfo, groups: Groups) -> Progress:
    """Return where a job stands after a step; raise ModelFailed if it did not advance."""
    now = progress(before.job, info, groups)
    if now.step <= before.step:
        raise ModelFailed(
            f"a step left the job at step {now.step}, where it was at {before.step}", fix=_FIX
        )
    return now


def pictures(made: Any, count: int) -> Sequence[Pixels]:
    """Return what ``decode`` gave as arrays of our own; raise ModelFailed for anything else."""
    if not isinstance(made, (list, tuple)):
        raise ModelFailed(f"decode returned {_kind(made)}, not a list of pictures", fix=_FIX)
    found = list(islice(made, count + 1))  # a subclass may say any length, and never end
    if len(found) != count:
        told = len(made) if len(made) != count else "another number of"
        raise ModelFailed(f"decode returned {told} pictures for {count} jobs", fix=_FIX)
    return [_picture(pixels) for pixels in found]


def _picture(pixels: Any) -> Pixels:
    if not isinstance(pixels, np.ndarray):
        raise ModelFailed(f"decode returned {_kind(pixels)} for a picture, not an array", fix=_FIX)
    plain = np.ndarray.view(pixels, np.ndarray)  # what a subclass says of itself is anybody's code
    if plain.dtype != np.uint8 or plain.ndim != 3 or plain.shape[2] not in (3, 4):
        raise ModelFailed(
            f"decode returned {plain.dtype} {plain.shape}, not (H, W, 3|4) uint8", fix=_FIX
        )
    height, width, _ = plain.shape
    if not (1 <= height <= MAX_SIDE and 1 <= width <= MAX_SIDE and height * width <= MAX_PIXELS):
        raise ModelFailed(
            f"decode returned a picture of {width} × {height} px; 1 to {MAX_SIDE} a side and "
            f"{MAX_PIXELS} in all are possible",
            fix=_FIX,
        )
    if _immutable(plain):
        return plain  # such as an input that is handed back
    return np.array(plain)  # the model may go on with its own while this is being encoded


def _immutable(pixels: Pixels) -> bool:
    """Say whether nobody can write to pixels. A flag tells nothing: its owner may take it back."""
    beneath: object = pixels
    while type(beneath) is np.ndarray:
        beneath = beneath.base
    return type(beneath) is bytes


def _notes(notes: Any) -> tuple[Note, ...]:
    if not notes:
        return ()
    if not isinstance(notes, (list, tuple)) or len(notes) > _MAX_NOTES:
        raise ModelFailed(f"a job's notes are a tuple of at most {_MAX_NOTES}", fix=_FIX)
    return tuple(
        Note(
            code=_text(note["code"]),
            message=_text(note["message"]),
            param=_text(note["param"]),
            choices=_choices(note["choices"]),
        )
        for note in islice(notes, _MAX_NOTES)
    )


def _choices(choices: Any) -> list[str]:
    if not isinstance(choices, (list, tuple)) or len(choices) > _MAX_CHOICES:
        raise ModelFailed(f"a note's choices are a list of at most {_MAX_CHOICES}", fix=_FIX)
    return [_text(choice) for choice in islice(choices, _MAX_CHOICES)]


def _text(text: Any) -> str:
    if not isinstance(text, str):
        raise ModelFailed(f"a note holds {_kind(text)} where text should be", fix=_FIX)
    short = str.__getitem__(text, slice(_MAX_TEXT))
    fault = text_fault(short)
    if fault is not None:
        raise ModelFailed(f"a note holds {fault}", fix=_FIX)
    return short


def _kind(value: object) -> str:
    return type(value).__name__[:100]
