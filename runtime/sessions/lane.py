"""A device's lane: one engine, and the line of tasks that its thread takes its turns from."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence

from livedraft.errors import LivedraftError

from ..clock import Clock
from ..engine.faults import unexpected
from ..engine.turn import CallResult, Turn
from ..engine.watch import hangs
from .course import Outcome, advance, goes_on, turn_of
from .ports import StepEngine
from .scheduler import Scheduler
from .task import Task
from .telling import tells

Taken = tuple[Task, Outcome, bool]  # the last: whether the task is in line again already


class Lane:
    """Has an engine run the tasks of its models, turn after turn.

    Whose turn is next is settled on the engine's thread as it comes out of a call, with all who
    came meanwhile: so a task alone goes from ``prepare`` to its output without the event loop,
    one that comes is in the very next turn that is its, and the thread stands still only when
    nobody waits. The line is the loop's and the thread's, under a lock that is never held over a
    call; a task in it is the thread's, but for the words that it is given up or stopped.

    ``taken`` is outcome on the loop what a call gave for a task, and whether it goes on already;
    ``failed`` of a task that a fault of ours broke off.
    """

    def __init__(
        self,
        engine: StepEngine,
        *,
        clock: Clock,
        patience_s: float,
        taken: Callable[[Task, Outcome, bool], None],
        failed: Callable[[Task, LivedraftError], None],
    ) -> None:
        self.engine = engine
        self._clock = clock
        self._scheduler = Scheduler(clock=clock, patience_s=patience_s)
        self._taken = taken
        self._failed = failed
        self._lock = threading.Lock()
        self._going = False  # whether the engine asks for turns
        self._batch: Sequence[Task] = ()  # in the call that the engine is in
        self._loop: asyncio.AbstractEventLoop | None = None  # while it serves
        self._fault: asyncio.Future[None]

    @property
    def going(self) -> bool:
        """Whether the engine asks for turns."""
        return self._going

    def add(self, task: Task) -> None:
        """Put a task in line for its next phase; it fails if the engine hangs."""
        loop = asyncio.get_running_loop()
        late = self.engine.late
        if late:
            loop.call_soon(self._hand_over, _failed([task], hangs(late)))
            return
        with self._lock:
            self._scheduler.add(task)
            going = self._going
        if not going:
            loop.call_soon(self._go)  # together with who comes in the same turn of the loop

    def discard(self, task: Task) -> bool:
        """Take a task out of the line; return False if it is not there."""
        with self._lock:
            there = task in self._scheduler
            self._scheduler.discard(task)
        return there

    async def run(self) -> None:
        """Serve until cancelled."""
        self._loop = asyncio.get_running_loop()
        self._fault = self._loop.create_future()
        self._go()
        try:
            await self._fault
        finally:
            with self._lock:
                self._loop = None

    def next(self) -> Turn | None:
        """Return the engine's next call, on its thread."""
        with self._lock:
            while taken := self._scheduler.next() if self._loop is not None else ():
                self._report([(task, None, False) for task in taken if task.given_up])
                batch = [task for task in taken if not task.given_up]
                try:
                    turn = turn_of(batch) if batch else None
                except Exception as error:  # a batch's boundary: what follows is served
                    self._report(_failed(batch, unexpected(error, "a turn of the engine")))
                    continue
                if turn is not None:
                    self._batch = batch
                    return turn
            self._going = False
            return None

    def done(self, results: Sequence[CallResult], seconds: float) -> None:
        """Take what a call gave, on the engine's thread: who can goes on, the loop is outcome."""
        now = self._clock()
        with self._lock:
            batch, self._batch = self._batch, ()
            if not batch:
                return  # it was late, and its tasks have failed
            try:
                self._report(self._count(batch, results, seconds, now))
            except Exception as error:  # the same
                self._report(_failed(batch, unexpected(error, "a turn of the engine")))

    def late(self) -> None:
        """Fail all who wait for a call that does not return."""
        with self._lock:
            late = self.engine.late
            if not late:
                return  # it has returned
            waiting = [*self._batch, *self._scheduler.clear()]
            self._batch = ()
        self._hand_over(_failed(waiting, hangs(late)))

    def broken(self, error: Exception) -> None:
        """End ``run`` with a fault of ours, on the engine's thread."""
        with self._lock:
            self._going = False
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._break, error)

    def _go(self) -> None:
        with self._lock:
            if self._going or self._loop is None or not len(self._scheduler):
                return
            self._going = True
        self.engine.serve(self)

    def _count(
        self, batch: Sequence[Task], results: Sequence[CallResult], seconds: float, now: float
    ) -> list[Taken]:
        """Charge a call and put in line again who may go on; return what the loop must know."""
        self._scheduler.charge(batch, seconds)
        taken: list[Taken] = []
        for task, result in zip(batch, results, strict=True):
            task.model_s += seconds
            task.batch = max(task.batch, len(batch))
            if isinstance(result, LivedraftError):
                taken.append((task, result, False))
                continue
            shown, on = advance(task, result, now), goes_on(task)
            if on:
                self._scheduler.add(task)
            if shown is not None or not on or tells(task):
                taken.append((task, shown, on))
        return taken

    def _report(self, taken: Sequence[Taken]) -> None:
        if taken and self._loop is not None:
            self._loop.call_soon_threadsafe(self._hand_over, taken)

    def _hand_over(self, taken: Sequence[Taken]) -> None:
        for task, outcome, on in taken:
            try:
                self._taken(task, outcome, on)
            except Exception as error:  # of one task: the others of its batch go on
                fault = unexpected(error, "a turn of the engine")
                asyncio.get_running_loop().call_soon(self._failed, task, fault)

    def _break(self, error: Exception) -> None:
        if not self._fault.done():
            self._fault.set_exception(error)


def _failed(tasks: Sequence[Task], error: LivedraftError) -> list[Taken]:
    return [(task, error, False) for task in tasks]
