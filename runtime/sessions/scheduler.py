"""Whose step is next: the rules of turn-taking, without a thread, a socket or a clock of its own.

Rule 1: drafts of anyone go before refines of anyone.
Rule 2: a draft keeps its place until it is finished; places go by arrival, and a session has one
        draft at a time, so that sessions take turns.
Rule 3: a refine goes to the back of the line after each step, so that it gives way at every
        step boundary and refines take turns step by step.
Rule 4: a refine that waited longer than ``patience_s`` since its last step is in line with the
        drafts for one step, so that a busy server still finishes refines.
Rule 5: tasks of the same model, phase and job key share a call, up to the model's ``max_batch``.
Rule 6: a task with more than one step to go lets newcomers of its group catch up first: they then
        share its remaining steps.
"""

from __future__ import annotations

from livedraft.protocol.messages import Stage

from ..clock import MONOTONIC, Clock
from .task import Phase, Task


class Scheduler:
    """Waiting tasks in line; ``next`` takes the batch that the engine shall run now."""

    def __init__(self, *, clock: Clock = MONOTONIC, patience_s: float = 2.0) -> None:
        self._clock = clock
        self._patience_s = patience_s
        self._line: dict[Task, tuple[int, float]] = {}  # place, time it began to wait
        self._places: dict[Task, int] = {}  # of tasks that a draft's call holds
        self._arrivals = 0

    def __len__(self) -> int:
        return len(self._line)

    def __contains__(self, task: Task) -> bool:
        return task in self._line

    def add(self, task: Task) -> None:
        """Put a task in line: a draft at the place it had, all else at the back."""
        place = self._places.pop(task, None)
        if place is None:
            self._arrivals += 1
            place = self._arrivals
        self._line[task] = (place, self._clock())

    def discard(self, task: Task) -> None:
        """Take a task out of the line, if it is there."""
        self._line.pop(task, None)
        self._places.pop(task, None)

    def next(self) -> list[Task]:
        """Take the tasks of the next engine call; none if nothing waits.

        All share model, phase and job key. ``add`` them again for their next phase.
        """
        urgent = sorted(filter(self._urgent, self._line), key=self._place)
        line = urgent or sorted(self._line, key=self._place)
        if not line:
            return []
        head = self._newcomer_first(line[0], line)
        room = head.session.info.max_batch
        batch = [head, *(t for t in line if t is not head and t.group == head.group)][:room]
        for task in batch:
            place, _ = self._line.pop(task)
            if task.stage is Stage.DRAFT:
                self._places[task] = place
        return batch

    def _place(self, task: Task) -> int:
        return self._line[task][0]

    def _urgent(self, task: Task) -> bool:
        if task.stage is Stage.DRAFT:
            return True
        return self._clock() - self._line[task][1] > self._patience_s

    def _newcomer_first(self, head: Task, line: list[Task]) -> Task:
        if head.phase is not Phase.STEP or head.steps_left < 2:
            return head
        info = head.session.info
        together = sum(task.group == head.group for task in line)
        if together >= info.max_batch:
            return head
        for task in line:
            if task.phase is Phase.PREPARE and task.session.info.id == info.id:
                return task
        return head
