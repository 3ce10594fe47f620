"""Whose step is next: the rules of turn-taking, without a thread, a socket or a clock of its own.

Rule 1: drafts of anyone go before refines of anyone.
Rule 2: a draft keeps its place until it is finished. Places go by when a draft would be done if
        all who wait had an equal share of the engine, taking what the session's last draft cost
        for what this one will; between equals arrival decides. So sessions share the engine
        however much each asks for, and who rests saves up no more than one turn.
        A draft without an end takes a new place after each output: else it would be before all
        who come later, for ever. Of drafts whose turn it is, one whose next output is due within
        ``DUE_S`` goes first, the earliest before the others.
Rule 3: a refine takes a new place after each call, in the same way, so that it gives way at every
        step boundary and refines share the engine step by step.
Rule 4: a refine that waited longer than ``patience_s`` since its last call goes before the drafts
        for one call, so that a busy server still finishes refines; but only once drafts have had
        the engine for as long as the refines before it, so that they keep half of it.
Rule 5: tasks of the same model, stage, phase and job key share a call, up to what the model has
        room for; refines only as many as make no call longer than ``REFINE_CALL_S``, because
        that is what a draft waits for.
Rule 6: a task with more than one step to go lets newcomers of its group catch up first: they then
        share its remaining steps. A newcomer's group is taken to be that of its session's last job.

Rules 2 and 3 are worst-case fair weighted fair queueing (Bennett and Zhang, 1996) with sessions as
flows of one weight and the engine's time as work: nobody waits longer than with a share of their
own, save for what has begun.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from livedraft.protocol.messages import Stage

from ..clock import MONOTONIC, Clock
from .account import Phase
from .task import Task

DUE_S = 0.1  # in which an output must be made, on top of what takes it to its client
REFINE_CALL_S = 0.25  # a pause in a live picture that is just felt

MOST_PREPARED = 8  # requests in a call; their jobs are not known yet

_ROUNDING_S = 1e-9
_FADING = 0.99  # of the largest turn, with each call after it
_MOST_KEPT = 1000  # groups whose batches are remembered

Place = tuple[float, float, int]  # what its session has had before and after it, s; arrival


class Scheduler:
    """Waiting tasks in line; ``next`` takes the batch that the engine shall run now."""

    def __init__(self, *, clock: Clock = MONOTONIC, patience_s: float = 2.0) -> None:
        self._clock = clock
        self._patience_s = patience_s
        self._line: dict[Task, tuple[Place, float]] = {}  # place, time it began to wait
        self._places: dict[Task, Place] = {}  # of drafts that a call holds
        self._arrivals = 0
        self._level = dict.fromkeys(Stage, 0.0)  # what a session has had that always waits, s
        self._largest = dict.fromkeys(Stage, 0.0)  # s of the engine that a turn took of late
        self._usual: dict[tuple[Stage, Phase], float] = {}  # s of a call for a task, on average
        self._owed = 0.0  # s that drafts are to have before a refine may go before them
        self._room: dict[Hashable, int] = {}  # refines in a call, by group

    def __len__(self) -> int:
        return len(self._line)

    def __contains__(self, task: Task) -> bool:
        return task in self._line

    def add(self, task: Task) -> None:
        """Put a task in line: a draft at the place it had, all else by what its session had."""
        place = self._places.pop(task, None)
        if task.progress is not None:
            task.at.account.groups[task.stage] = task.progress.group
        if place is None or task.anew:
            task.anew = False
            self._arrivals += 1
            start = self._start(task)
            place = (start, start + self._expected(task), self._arrivals)
        self._line[task] = (place, self._clock())

    def discard(self, task: Task) -> None:
        """Take a task out of the line, if it is there."""
        self._line.pop(task, None)
        self._places.pop(task, None)

    def clear(self) -> list[Task]:
        """Take all tasks out of the line."""
        waiting = list(self._line)
        self._line.clear()
        self._places.clear()
        return waiting

    def next(self) -> list[Task]:
        """Take the tasks of the next engine call; none if nothing waits.

        All share model, stage, phase and job key. ``charge`` them with the call, and ``add`` them
        again for their next phase.
        """
        line = self._candidates()
        if not line:
            return []
        head = self._newcomer_first(line[0], line)
        room = self._room_of(head)
        batch = [head, *(t for t in line if t is not head and t.group == head.group)][:room]
        for task in batch:
            place, _ = self._line.pop(task)
            if task.stage is Stage.DRAFT:
                self._places[task] = place
        return batch

    def charge(self, batch: Sequence[Task], seconds: float) -> None:
        """Count what a call took, s, for the sessions that were in it."""
        stage, phase, share = batch[0].stage, batch[0].phase, seconds / len(batch)
        for task in batch:
            task.at.account.served[stage] += share
            task.at.account.costs[stage, phase] = share
        largest = max(map(self._expected, batch))
        self._largest[stage] = max(self._largest[stage] * _FADING, largest)
        usual = self._usual.get((stage, phase), share)
        self._usual[stage, phase] = usual + (share - usual) / 8
        waiting = len(batch) + sum(task.stage is stage for task in self._line)
        self._level[stage] += seconds / waiting
        if stage is Stage.DRAFT:
            self._owed = max(0.0, self._owed - seconds)
            return
        self._owed = max(seconds, min(self._owed + seconds, self._patience_s))
        self._fit(batch, seconds)

    def _candidates(self) -> list[Task]:
        """Return those of whom the next call may be, in the order of their places."""
        drafts = [task for task in self._line if task.stage is Stage.DRAFT]
        refines = [task for task in self._line if task.stage is not Stage.DRAFT]
        late: list[Task] = []
        if drafts and not self._owed:
            late = [task for task in refines if self._is_late(task)]
        return sorted(late or drafts or refines, key=self._order)

    def _order(self, task: Task) -> tuple[bool, float, float, int]:
        """Return what tasks are sorted by: who would have begun by now comes first."""
        (start, end, arrival), _ = self._line[task]
        early = start > self._level[task.stage] + _ROUNDING_S
        return early, min(task.left_s, DUE_S), end, arrival

    def _start(self, task: Task) -> float:
        """Return what its session has had so far; who did not wait has little saved up, s."""
        level, served = self._level[task.stage], task.at.account.served
        start = served.get(task.stage, level)
        if task.phase <= Phase.PREPARE:
            start = max(start, level - self._largest[task.stage])
        served[task.stage] = start
        return start

    def _expected(self, task: Task) -> float:
        """Return what a task will take of the engine until it takes a place again, s."""
        if task.stage is not Stage.DRAFT:
            return self._cost(task, task.phase)
        ends = self._cost(task, Phase.EMIT)
        if task.open_ended:
            return ends + self._cost(task, Phase.STEP)
        ends += self._cost(task, Phase.PREPARE)
        return ends + task.steps * self._cost(task, Phase.STEP)

    def _cost(self, task: Task, phase: Phase) -> float:
        usual = self._usual.get((task.stage, phase), 0.0)
        return task.at.account.costs.get((task.stage, phase), usual)

    def _is_late(self, task: Task) -> bool:
        return self._clock() - self._line[task][1] > self._patience_s

    def _newcomer_first(self, head: Task, line: list[Task]) -> Task:
        if head.phase is not Phase.STEP or head.steps_left < 2:
            return head
        info = head.use.info
        together = sum(task.group == head.group for task in line)
        if together >= self._room_of(head):
            return head
        for task in line:
            if task.phase is Phase.PREPARE and task.use.info.id == info.id:
                last = task.at.account.groups.get(task.stage)
                if last is None or head.progress is None or last == head.progress.group:
                    return task
        return head

    def _room_of(self, head: Task) -> int:
        most = _room(head)
        if head.stage is Stage.DRAFT:
            return most
        return min(most, self._room.get(head.group, 1))

    def _fit(self, batch: Sequence[Task], seconds: float) -> None:
        """Let the next call of a group of refines be larger, or smaller, by what this one took."""
        group, room = batch[0].group, self._room_of(batch[0])
        if seconds > REFINE_CALL_S:
            room = max(1, len(batch) // 2)
        elif len(batch) == room and seconds <= REFINE_CALL_S / 2:
            room *= 2
        if len(self._room) >= _MOST_KEPT:
            self._room.clear()
        self._room[group] = room


def _room(task: Task) -> int:
    """Return how many tasks like this one may share a call."""
    return task.progress.room if task.progress is not None else MOST_PREPARED
