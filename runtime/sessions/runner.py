"""Moves tasks between sessions and the lanes of their models; nothing is polled or piled up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from livedraft.errors import BadInput, LivedraftError, ModelFailed, ModelNotFound, did_you_mean
from livedraft.media.chunks import SECOND
from livedraft.protocol.messages import Stage

from ..clock import MONOTONIC, Clock, call_later
from ..models.base import LATE_US, AnyModel
from .account import Phase
from .arriving import bring_in, missing
from .background import Background, forget
from .course import Outcome, Shown
from .lane import Lane
from .ports import Decode, Later, StepEngine
from .resting import Resting
from .result import Sink, result_of
from .session import Session
from .task import Task
from .telling import tell
from .use import Use
from .wants import unwanted


class Runner:
    """Runs sessions on engines, each a lane; ``decode`` turns an encoded picture into pixels.

    A session's tasks run on the lane whose engine has its model, so that a step on one keeps
    nobody on another waiting. ``later`` calls later; ``why_not`` says what keeps a model from use.
    """

    def __init__(
        self,
        engines: Sequence[StepEngine],
        decode: Decode,
        *,
        clock: Clock = MONOTONIC,
        patience_s: float = 2.0,
        later: Later | None = None,
        why_not: Callable[[str], LivedraftError | None] = lambda name: None,
    ) -> None:
        self.engines = engines
        self._lanes = [
            Lane(each, clock=clock, patience_s=patience_s, taken=self._take, failed=self._break_off)
            for each in engines
        ]
        self._decode = decode
        self._clock = clock
        self._later = later or call_later
        self._under_way: set[Task] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._draining = False
        self._background = Background()
        self._arriving: dict[Task, asyncio.Task[None]] = {}  # whose pictures are being decoded
        self._why_not = why_not
        self._resting = Resting(self._line_up)

    @property
    def under_way(self) -> int:
        """Tasks that have begun and are not done."""
        return len(self._under_way)

    @property
    def late(self) -> str:
        """What an engine waits for in vain; empty while all is well."""
        return next((lane.engine.late for lane in self._lanes if lane.engine.late), "")

    @property
    def models(self) -> Mapping[str, AnyModel]:
        """The models of all lanes that are served, by name; the first is the default."""
        every = (each for lane in self._lanes for each in lane.engine.models.items())
        return {name: model for name, model in every if self._why_not(name) is None}

    def open(
        self,
        model: str,
        params: Mapping[str, Any],
        sink: Sink,
        *,
        owner: str = "",
        refine_model: str = "",
        tells: bool = False,
    ) -> Session:
        """Return a new session; an empty name is the first model's, see Session for the others."""
        loaded = self._find(model or next(iter(self.models)))
        return Session(
            loaded.info,
            loaded.params,
            params,
            sink,
            hands=loaded.hands,
            notify=self._look_after,
            find=self._find,
            refine_model=refine_model,
            clock=self._clock,
            owner=owner,
            tells=tells,
        )

    def _find(self, name: str) -> AnyModel:
        models = self.models
        if (why_not := self._why_not(name)) is not None:
            raise why_not
        if name not in models:
            raise ModelNotFound(f"no model '{name[:100]}' here", fix=did_you_mean(name, models))
        return models[name]

    async def run(self) -> None:
        """Serve all lanes until cancelled."""
        async with asyncio.TaskGroup() as lanes:
            for lane in self._lanes:
                lanes.create_task(lane.run())

    async def drain(self) -> None:
        """Begin nothing more, let what has no end end; return when nothing is under way."""
        self._draining = True
        for task in list(self._under_way):
            task.stopped = True
            self._look_after(task.session)
        await self._idle.wait()

    def suspend(self, session: Session, then: Callable[[Session], None]) -> None:
        """Have the states of a session leave their devices; ``then`` is called once they did."""

        async def leave() -> None:
            for use in session.uses.all:
                await self._lane(use).engine.suspend(use.info.id, use.cell)
            then(session)

        self._background.spawn(leave(), forget)

    async def released(self) -> None:
        """Return when what runs beside the loop is done: the states of closed sessions are free."""
        await self._background.over()

    def _look_after(self, session: Session) -> None:
        """Drop what a session gave up, go on with what may, begin what may begin."""
        for task in (session.draft, session.refining):
            if task is None:
                continue
            if task in self._resting:
                self._line_up(task)
            elif task.given_up and self._lane(task.at).discard(task):
                self._end(task)  # one in a call ends when it comes out
            elif task.given_up and task in self._arriving:
                self._arriving.pop(task).cancel()  # its pictures are decoded for the next one
                self._end(task)
        for use in session.unused():
            engine = self._lane(use).engine
            self._background.spawn(engine.release(use.info.id, use.cell), forget)
        if session.closed:
            return
        if not self._draining:
            for task in session.begin():
                self._under_way.add(task)
                self._idle.clear()
                self._arrive(task)

    def _lane(self, use: Use) -> Lane:
        return next(lane for lane in self._lanes if use.info.id in lane.engine.models)

    def _arrive(self, task: Task) -> None:
        task.moments = {"received": task.received, "queued": self._clock()}
        arriving = self._background.spawn(self._bring_in(task), partial(self._fail, task))
        self._arriving[task] = arriving

    async def _bring_in(self, task: Task) -> None:
        """Put a task in line, once its new pictures and those before them are decoded."""
        damaged = await bring_in(task, self._decode)
        self._arriving.pop(task, None)
        if damaged is not None:
            self._fail(task, damaged)
        else:
            self._line_up(task)

    def _line_up(self, task: Task) -> None:
        waits = task.waits
        if waits is None or task.given_up:
            self._resting.discard(task)
        if task.given_up or (task.open_ended and task.stopped):
            self._end(task)
        elif waits is not None:
            self._resting.add_until(task, waits)
        elif task.phase is Phase.STEP and task.open_ended:
            self._go_on(task)
        else:
            self._lane(task.at).add(task)

    def _go_on(self, task: Task) -> None:
        """Go on with an open-ended task: with what is new, and no further than there is room."""
        session = task.session
        was_late, task.late = task.late, task.left_s < -LATE_US / SECOND
        told = task.late and not was_late  # that it may leave out what is past
        if task.stage is Stage.DRAFT and (session.renew(task) or told):
            task.phase = Phase.PREPARE
            self._arrive(task)
            return
        sink = session.sink
        early_s = task.early_s
        waited_for = task.stage is not Stage.DRAFT and not task.outputs  # there is room for that
        if early_s <= 0 and sink is not None and (sink.ready or waited_for):
            self._lane(task.at).add(task)
            return
        self._resting.add(task)
        if early_s > 0:
            self._later(early_s, partial(self._resting.wake, task))

    def _take(self, task: Task, outcome: Outcome, goes_on: bool) -> None:
        """Take what a call gave for a task, which goes on already or waits for what is next."""
        if task not in self._under_way:
            return
        if isinstance(outcome, LivedraftError):
            self._fail(task, outcome)
        elif outcome is not None:
            self._show(task, outcome, goes_on)
        elif goes_on:
            tell(task)
        elif task.phase is Phase.PREPARE and (lacks := missing(task)) is not None:
            self._fail(task, lacks)  # what was handed over is less than is needed
        else:
            sink = task.session.sink
            if task.previews and not (sink is not None and sink.ready):
                task.phase = Phase.STEP
            tell(task)
            self._line_up(task)

    def _show(self, task: Task, shown: Shown, goes_on: bool) -> None:
        session, sink = task.session, task.session.sink
        for output in shown.outputs:
            if (refused := unwanted(task.use.info, task.wants, output)) is not None:
                self._fail(task, refused)
                return
            session.timeline.put_out(output)
            if sink is not None and not task.given_up:
                sink.take(result_of(task, shown, output))
                task.dropped = task.dropped_us = 0  # told
        task.outputs += len(shown.outputs)
        if goes_on:
            return
        if not shown.progress.done:
            self._line_up(task)
        elif task.outputs or task.stage is Stage.DRAFT:
            tell(task, done=True)
            self._end(task)
        else:  # somebody waits for it
            self._fail(task, ModelFailed("the model made nothing", fix="see what it needs"))

    def _break_off(self, task: Task, error: LivedraftError) -> None:
        """Fail a task that is still under way."""
        if task in self._under_way:
            self._fail(task, error)

    def _fail(self, task: Task, error: LivedraftError) -> None:
        sink = task.session.sink
        try:
            if sink is not None and not task.given_up:
                sink.failed(task.id, error)
        finally:
            if isinstance(error, BadInput):
                self._begin_again(task)
            self._end(task)

    def _begin_again(self, task: Task) -> None:
        """Have what had no end begin anew with what stands: what came was bad, not all of it."""
        session = task.session
        goes_on = task is session.draft and not (task.given_up or task.stopped)
        if goes_on and task.open_ended and task.outputs and session.mailbox.waiting is None:
            session.mailbox.put(task.id, self._clock(), session.uses.drafting.params, {})

    def _end(self, task: Task) -> None:
        task.given_up = True  # should it be in a call
        if task.progress is not None and not task.progress.done:
            engine = self._lane(task.use).engine
            self._background.spawn(engine.give_up(task.use.info.id, task.progress.job), forget)
        self._lane(task.at).discard(task)
        self._arriving.pop(task, None)
        self._resting.discard(task)
        self._under_way.discard(task)
        if not self._under_way:
            self._idle.set()
        task.session.finish(task)
        self._look_after(task.session)
