"""A task's course through the engine: what a call makes of it, and whether it goes on at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from livedraft.errors import LivedraftError
from livedraft.media.chunks import Output
from livedraft.protocol.messages import Stage

from ..engine.contract import Progress
from ..engine.turn import Emit, Emitted, HandedOver, HandOver, Prepare, Step, Turn
from ..models.adapters import present
from ..models.base import Request
from ..models.mixins import steps_of
from .account import Phase
from .task import Task
from .use import renamed


@dataclass(frozen=True, slots=True)
class Shown:
    """What a task had to show, and what it had taken by then: it may be further on by now."""

    outputs: tuple[Output, ...]
    progress: Progress
    moments: dict[str, float]  # s, by stage
    model_s: float
    batch: int


# What the event loop hears of a call; None: look at the task.
Outcome = Shown | LivedraftError | None


def turn_of(batch: Sequence[Task]) -> Turn:
    """Return the call that tasks of one group are in line for."""
    model, phase = batch[0].at.info.id, batch[0].phase
    if phase is Phase.HAND_OVER:
        return HandOver(model, [(task.at.cell, _to_hand_over(task)) for task in batch])
    if phase is Phase.PREPARE:
        return Prepare(model, [(task.use.cell, _request(task)) for task in batch])
    jobs = [task.progress for task in batch if task.progress is not None]
    return Step(model, jobs) if phase is Phase.STEP else Emit(model, jobs)


def advance(task: Task, result: Progress | Emitted | HandedOver, now: float) -> Shown | None:
    """Move a task to its next phase by what a call gave for it, at ``now``, s of the clock."""
    if isinstance(result, HandedOver):
        task.handed, task.phase = result.pictures, Phase.PREPARE
        return None
    if isinstance(result, Emitted):
        task.progress = result.progress
        task.moments["decoded"] = now
        task.phase, task.anew = Phase.STEP, task.open_ended
        moments = dict(task.moments)
        return Shown(result.outputs, result.progress, moments, task.model_s, task.batch)
    prepared = task.phase is Phase.PREPARE
    task.moments["prepared" if prepared else "stepped"] = now
    task.progress = result
    shows = task.due or (not prepared and _may_preview(task, result.step))
    task.phase = Phase.EMIT if shows else Phase.STEP
    return None


def goes_on(task: Task) -> bool:
    """Whether an advanced task may be in line again without a word of the event loop.

    The loop alone knows whether there is room for a preview, and how far ahead of its session's
    clock what has no end may run; and it ends what is done or not wanted any more.
    """
    if task.given_up or task.previews or (task.open_ended and task.stopped):
        return False
    if task.phase is Phase.PREPARE:
        return False  # of a model that may be on another lane
    if task.waits is not None:
        return False
    if task.phase is Phase.STEP and task.progress is not None:
        return not task.open_ended and not task.progress.done
    return True


def _may_preview(task: Task, step: int) -> bool:
    every = task.use.info.preview_every
    return task.stage is not Stage.DRAFT and every > 0 and step % every == 0


def _request(task: Task) -> Request[Any]:
    session, progress = task.session, task.progress
    video, audio, text, interrupted = task.video, task.audio, task.text, task.interrupted
    task.video, task.audio, task.text, task.interrupted = {}, {}, {}, False
    task.params = present(task.params, task.use.info)
    inputs = renamed(session.pixels, session.info, task.use.info)
    names = {spec.name for spec in task.use.info.inputs}
    inputs |= {name: each for name, each in task.handed.items() if name in names}
    return Request(
        task.params,
        inputs,
        task.stage,
        task.steps,
        video,
        audio,
        session.timeline.at,
        progress.job if progress is not None else None,
        text,
        interrupted,
    )


def _to_hand_over(task: Task) -> Request[Any]:
    """Return what the drafting model makes its pictures for another of: what stands now."""
    drafted, session = task.drafted, task.session
    assert drafted is not None, "such a phase has it"
    assert task.drafted_with is not None, "and its params"
    params = present(task.drafted_with, drafted.info)
    return Request(
        params,
        renamed(session.pixels, session.info, drafted.info),
        task.stage,
        steps_of(params, drafted.info),
        task.video,
        task.audio,
        session.timeline.at,
    )
