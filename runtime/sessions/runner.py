"""Moves tasks between sessions, scheduler and engine: one loop, nothing polled or piled up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

from livedraft.errors import LivedraftError, ModelNotFound, did_you_mean
from livedraft.protocol.messages import Stage

from ..clock import MONOTONIC, Clock
from ..engine.contract import Progress
from ..engine.engine import Outcome
from ..engine.faults import unexpected
from ..models.base import Pixels, Request
from .ports import Decode, StepEngine
from .scheduler import Scheduler
from .session import Picture, Session, Sink
from .task import Phase, Task


class Runner:
    """Runs sessions on an engine; ``decode`` turns an encoded picture into pixels elsewhere."""

    def __init__(
        self,
        engine: StepEngine,
        decode: Decode,
        *,
        clock: Clock = MONOTONIC,
        patience_s: float = 2.0,
    ) -> None:
        self._engine = engine
        self._decode = decode
        self._clock = clock
        self._scheduler = Scheduler(clock=clock, patience_s=patience_s)
        self._under_way: set[Task] = set()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._draining = False
        self._background: set[asyncio.Task[None]] = set()
        self._arriving: dict[Task, asyncio.Task[None]] = {}  # whose pictures are being decoded

    @property
    def under_way(self) -> int:
        """Pictures that have begun and are not done."""
        return len(self._under_way)

    @property
    def late(self) -> str:
        """What the engine waits for in vain; empty while all is well."""
        return self._engine.late

    def open(
        self, model: str, params: Mapping[str, Any], sink: Sink, *, owner: str = ""
    ) -> Session:
        """Return a new session; an empty name is the first model's, see Session for ``owner``."""
        models = self._engine.models
        name = model or next(iter(models))
        if name not in models:
            raise ModelNotFound(f"no model '{name[:100]}' here", fix=did_you_mean(name, models))
        loaded = models[name]
        return Session(
            loaded.info,
            loaded.params,
            params,
            sink,
            notify=self._look_after,
            clock=self._clock,
            owner=owner,
        )

    async def run(self) -> None:
        """Run batch after batch until cancelled."""
        while True:
            batch = self._scheduler.next()
            if batch:
                try:
                    await self._advance(batch)
                except Exception as error:  # a batch's boundary: what follows is served
                    self._break_off(batch, unexpected(error, "a turn of the engine"))
            else:
                self._wake.clear()
                await self._wake.wait()

    async def drain(self) -> None:
        """Begin nothing more; return when nothing is under way."""
        self._draining = True
        await self._idle.wait()

    async def released(self) -> None:
        """Return when what runs beside the loop is done: the states of closed sessions are free."""
        while self._background:
            await asyncio.wait(self._background)

    def _look_after(self, session: Session) -> None:
        """Drop what a session gave up, begin what may begin."""
        for task in (session.draft, session.refining):
            if task is None or not task.given_up:
                continue
            if task in self._scheduler:
                self._scheduler.discard(task)
                self._end(task)
            elif task in self._arriving:
                self._arriving.pop(task).cancel()  # its pictures are decoded for the next one
                self._end(task)
        if session.closed and session.draft is None and session.refining is None:
            self._spawn(self._engine.release(session.info.id, session.cell), _forget)
        elif not self._draining:
            for task in session.begin():
                self._under_way.add(task)
                self._idle.clear()
                task.moments = {"received": task.received, "queued": self._clock()}
                arriving = self._spawn(self._bring_in(task), partial(self._fail, task))
                self._arriving[task] = arriving

    def _spawn(
        self, work: Coroutine[Any, Any, None], failed: Callable[[LivedraftError], None]
    ) -> asyncio.Task[None]:
        """Run something beside the loop; whatever it raises goes to whom it concerns."""

        async def bounded() -> None:
            try:
                await work
            except Exception as error:  # a task's boundary: nobody awaits it
                failed(unexpected(error, "a task of the server"))

        running = asyncio.get_running_loop().create_task(bounded())
        self._background.add(running)
        running.add_done_callback(self._background.discard)
        running.add_done_callback(lambda _: work.close())  # had it not begun when it was cancelled
        return running

    async def _bring_in(self, task: Task) -> None:
        """Put a task in line, once its new pictures and those before them are decoded."""
        async with task.session.arriving:
            damaged = await self._decode_inputs(task)
        self._arriving.pop(task, None)
        if damaged is not None:
            self._fail(task, damaged)
        else:
            self._line_up(task)

    async def _decode_inputs(self, task: Task) -> LivedraftError | None:
        """Bring new pictures into force; return what is wrong with the last damaged one."""
        session = task.session
        damaged: LivedraftError | None = None
        specs = {spec.name: spec for spec in session.info.inputs}
        for name, encoded in list(task.inputs.items()):
            try:
                if encoded:
                    pixels = await self._decode(encoded, specs[name], session)
                    pixels.setflags(write=False)  # the session's, whatever a model does with it
                    session.pixels[name] = pixels
                else:
                    session.pixels.pop(name, None)
            except LivedraftError as error:
                damaged = error  # the picture before it stays in force
            except Exception as error:  # decoders meet bytes that nobody thought of
                damaged = unexpected(error, f"decoding the picture '{name}'")
            del task.inputs[name]
        return damaged

    def _line_up(self, task: Task) -> None:
        if task.given_up:
            self._end(task)
        else:
            self._scheduler.add(task)
            self._wake.set()

    async def _advance(self, batch: Sequence[Task]) -> None:
        """Run one engine call for a batch and send each task to its next phase."""
        phase = batch[0].phase
        outcome = await self._call(phase, batch)
        self._scheduler.charge(batch, outcome.seconds)
        now = self._clock()
        for task, result in zip(batch, outcome.results, strict=True):
            task.model_s += outcome.seconds
            task.batch = max(task.batch, len(batch))
            try:
                self._take(task, phase, result, now)
            except Exception as error:  # of one task: the others of its batch go on
                self._break_off([task], unexpected(error, "a turn of the engine"))

    def _take(self, task: Task, phase: Phase, result: Any, now: float) -> None:
        """Take what a call gave for one task."""
        if isinstance(result, LivedraftError):
            self._fail(task, result)
        elif phase is Phase.PREPARE:
            self._prepared(task, result, now)
        elif phase is Phase.STEP:
            self._stepped(task, result, now)
        else:
            self._decoded(task, result, now)

    async def _call(self, phase: Phase, batch: Sequence[Task]) -> Outcome[Any]:
        model = batch[0].session.info.id
        if phase is Phase.PREPARE:
            requests = [Request(t.params, dict(t.session.pixels), t.stage, t.steps) for t in batch]
            cells = [task.session.cell for task in batch]
            return await self._engine.prepare(model, list(zip(cells, requests, strict=True)))
        jobs = [task.progress for task in batch if task.progress is not None]
        if phase is Phase.STEP:
            return await self._engine.step(model, jobs)
        return await self._engine.decode(model, jobs)

    def _prepared(self, task: Task, progress: Progress, now: float) -> None:
        task.progress = progress
        task.moments["prepared"] = now
        task.phase = Phase.DECODE if progress.done else Phase.STEP
        self._line_up(task)

    def _stepped(self, task: Task, progress: Progress, now: float) -> None:
        task.progress = progress
        task.moments["stepped"] = now
        if progress.done or self._preview_due(task, progress.step):
            task.phase = Phase.DECODE
        self._line_up(task)

    def _preview_due(self, task: Task, step: int) -> bool:
        every = task.session.info.preview_every
        if task.stage is Stage.DRAFT or not every or step % every:
            return False
        sink = task.session.sink
        return sink is not None and sink.ready

    def _decoded(self, task: Task, pixels: Pixels, now: float) -> None:
        assert task.progress is not None, "prepared before"
        task.moments["decoded"] = now
        sink = task.session.sink
        if sink is not None and not task.given_up:
            sink.picture(_picture(task, task.progress, pixels))
        if task.progress.done:
            self._end(task)
        else:
            task.phase = Phase.STEP
            self._line_up(task)

    def _break_off(self, tasks: Sequence[Task], error: LivedraftError) -> None:
        """Fail those of some tasks that are still under way."""
        for task in tasks:
            if task in self._under_way:
                self._fail(task, error)

    def _fail(self, task: Task, error: LivedraftError) -> None:
        sink = task.session.sink
        try:
            if sink is not None and not task.given_up:
                sink.failed(task.id, error)
        finally:
            self._end(task)

    def _end(self, task: Task) -> None:
        self._scheduler.discard(task)
        self._arriving.pop(task, None)
        self._under_way.discard(task)
        if not self._under_way:
            self._idle.set()
        task.session.finish(task)
        self._look_after(task.session)


def _forget(error: LivedraftError) -> None:
    """Let be what concerns nobody any more; it is in the log."""


def _picture(task: Task, job: Progress, pixels: Pixels) -> Picture:
    return Picture(
        id=task.id,
        stage=Stage.PREVIEW if task.stage is Stage.FINAL and not job.done else task.stage,
        pixels=pixels,
        params=task.params.model_dump(mode="json"),
        seed=task.params.seed,
        step=job.step,
        steps=job.steps,
        dropped=task.dropped,
        batch=task.batch,
        moments=dict(task.moments),
        model_s=task.model_s,
        notes=job.notes,
    )
