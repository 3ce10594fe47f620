"""The one thread on which models run: batches go in, outcomes come back, faults stay in one job."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from operator import index
from typing import Any, Generic, TypeVar

from livedraft.errors import LivedraftError, ModelFailed
from livedraft.media.chunks import Output

from ..clock import MONOTONIC, Clock
from ..models.base import AnyModel, Request
from . import contract
from .contract import Groups, Progress
from .faults import Guarded
from .outputs import outputs
from .thread import Call, CallThread

log = logging.getLogger(__name__)
T = TypeVar("T")
R = TypeVar("R")

_LOAD = "load"  # may take as long as a download does
_LOADS_S = 15.0  # on a busy machine, of models that are at hand
_SHORTEST_S = 0.001  # of a wait for what is about to be late


class ModelHangs(ModelFailed):
    """A call of a model has not returned in the time that it has."""


@dataclass(slots=True, eq=False)
class Cell:
    """A session's state of its model; touched on the engine's thread alone, but for ``used``."""

    state: Any = None
    opened: bool = False
    used: bool = False  # whether the thread was given it since it was released
    held_bytes: int = 0  # of the state, when it was last suspended


_Item = tuple[Cell, Request[Any]]


@dataclass(frozen=True, slots=True)
class Emitted:
    """What a job has to show, and where it stands after that."""

    outputs: tuple[Output, ...]
    progress: Progress


@dataclass(frozen=True, slots=True)
class Outcome(Generic[R]):
    """What a call gave for each job, in their order, and how long the model took."""

    results: list[R | LivedraftError]
    seconds: float


class Engine:
    """Runs the calls of loaded models one after another, off the event loop.

    A call that takes longer than ``limit_s`` is late: its jobs fail, and so does every job until
    it returns, if it ever does. ``on_late`` hears of it, with the model and the phase.
    """

    def __init__(
        self,
        lane: str = "",
        models: Mapping[str, AnyModel] | None = None,
        *,
        limit_s: float = math.inf,
        on_late: Callable[[str, str], None] = lambda model, phase: None,
        clock: Clock = MONOTONIC,
    ) -> None:
        self.models: Mapping[str, AnyModel] = dict(models or {})
        self._limit_s = limit_s
        self._on_late = on_late
        self._clock = clock
        self._thread = CallThread(f"engine {lane}".strip(), clock=clock)
        self._groups: dict[str, Groups] = {}
        self._reported: Call | None = None  # the late call that was told of

    @property
    def late(self) -> str:
        """What the engine waits for in vain; empty while all is well."""
        call = self._thread.current
        if call is None or call.phase == _LOAD or self._clock() - call.since <= self._limit_s:
            return ""
        return self._waits_for(call)

    async def load(self, load: Callable[[], Mapping[str, AnyModel]]) -> None:
        """Take the models that a function loads; raise what it raises."""
        loading = self._thread.submit("", _LOAD, load)
        self.models = await asyncio.wrap_future(loading)

    def drop(self, model: str) -> None:
        """Have a model no more."""
        self.models = {name: each for name, each in self.models.items() if name != model}

    async def prepare(
        self, model: str, items: Sequence[tuple[Cell, Request[Any]]]
    ) -> Outcome[Progress]:
        """Make a job of each request; one that makes the call fail fails alone."""
        loaded, groups, guarded = self._of(model, "prepare")

        def opened(item: _Item) -> _Item:
            cell, _ = item
            if not cell.opened:
                cell.state, cell.opened = loaded.open(), True
            return item

        def prepared(some: Sequence[_Item]) -> list[Any]:
            made = loaded.prepare([(cell.state, request) for cell, request in some])
            return contract.jobs(made, len(some))

        def read(job: Any) -> Progress:
            return contract.progress(job, loaded, groups)

        def call() -> list[Progress | LivedraftError]:
            ready = [guarded(opened, item) for item in items]
            some = [item for item in ready if not isinstance(item, LivedraftError)]
            made = iter(self._each(guarded, prepared, some) if some else [])
            jobs = [item if isinstance(item, LivedraftError) else next(made) for item in ready]
            return [job if isinstance(job, LivedraftError) else guarded(read, job) for job in jobs]

        if not self.late:
            for cell, _ in items:
                cell.used = True
        return await self._run(model, "prepare", len(items), call)

    async def step(self, model: str, jobs: Sequence[Progress]) -> Outcome[Progress]:
        """Advance jobs by one step; a job that makes the call fail fails alone."""
        loaded, groups, guarded = self._of(model, "step")

        def advance(some: Sequence[Progress]) -> None:
            loaded.step([each.job for each in some])

        def after(each: Progress) -> Progress:
            return contract.stepped(each, loaded, groups)

        def alone(each: Progress) -> Progress:
            if not each.job.step > each.step:  # else it advanced before the call failed
                loaded.step([each.job])
            return after(each)

        def one_by_one_if_failed() -> list[Progress | LivedraftError]:
            failure = guarded(advance, jobs)
            if failure is None:
                return [guarded(after, each) for each in jobs]
            return [failure] if len(jobs) == 1 else [guarded(alone, each) for each in jobs]

        return await self._run(model, "step", len(jobs), one_by_one_if_failed)

    async def emit(self, model: str, jobs: Sequence[Progress]) -> Outcome[Emitted]:
        """Return what each job has to show, and where it stands then."""
        loaded, groups, guarded = self._of(model, "emit")

        def emitted(some: Sequence[Progress]) -> list[Emitted]:
            every = [each.job for each in some]
            for job in every:
                job.ready = False
            made = outputs(loaded.emit(every), len(every), loaded.info)
            after = [contract.progress(job, loaded, groups) for job in every]
            return list(map(Emitted, made, after))

        def call() -> list[Emitted | LivedraftError]:
            return self._each(guarded, emitted, jobs)

        return await self._run(model, "emit", len(jobs), call)

    @staticmethod
    def _each(
        guarded: Guarded, call: Callable[[Sequence[T]], list[R]], some: Sequence[T]
    ) -> list[R | LivedraftError]:
        """Call with all; if that fails with each alone, so that only those at fault fail."""
        together = guarded(call, some)
        if not isinstance(together, LivedraftError):
            return list(together)
        if len(some) == 1:
            return [together]
        return [guarded(lambda one: call([one])[0], each) for each in some]

    async def suspend(self, model: str, cell: Cell) -> None:
        """Have a session's state leave the device, and weigh it; a fault leaves it as it is."""
        if not cell.used:
            return
        loaded, _, guarded = self._of(model, "suspend")

        def leave(cell: Cell) -> None:
            if cell.opened:
                loaded.suspend(cell.state)
                cell.held_bytes = max(0, int(index(loaded.footprint(cell.state))))

        await self._returned(self._thread.submit(model, "suspend", lambda: guarded(leave, cell)))

    async def release(self, model: str, cell: Cell) -> None:
        """Free a session's state, at the latest when a call that is late has returned."""
        if not cell.used:
            return  # nothing piles up before a call that never returns
        cell.used = False

        def forget(cell: Cell) -> None:
            if cell.opened:
                state, cell.state, cell.opened = cell.state, None, False
                self.models[model].close(state)

        guarded = Guarded(f"close of the model '{model}'")
        await self._returned(self._thread.submit(model, "close", lambda: guarded(forget, cell)))

    def close(self, seconds: float = math.inf) -> None:
        """End the thread once its calls are over; raise ModelHangs if that takes longer."""
        loading = self._thread.current
        if loading is not None and loading.phase == _LOAD:  # no fault of theirs
            seconds = max(seconds, _LOADS_S)
        ended = self._thread.close(None if math.isinf(seconds) else seconds)
        call = self._thread.current
        if not ended:
            what = self._waits_for(call) if call is not None else "the engine's thread hangs"
            raise ModelHangs(
                f"stopped while {what}", fix="see which call it was, and mend the model"
            )

    def _of(self, model: str, phase: str) -> tuple[AnyModel, Groups, Guarded]:
        groups = self._groups.setdefault(model, Groups())
        guarded = Guarded(f"{phase} of the model '{model}'", reads=phase != "emit")
        return self.models[model], groups, guarded

    async def _run(
        self, model: str, phase: str, jobs: int, call: Callable[[], list[R | LivedraftError]]
    ) -> Outcome[R]:
        def timed() -> Outcome[R]:
            start = self._clock()
            results = call()
            return Outcome(results, self._clock() - start)

        outcome = None
        if not self.late:
            outcome = await self._returned(self._thread.submit(model, phase, timed))
        return outcome or Outcome([self._hangs() for _ in range(jobs)], 0.0)

    async def _returned(self, submitted: Future[T]) -> T | None:
        """Wait for a call; return None as soon as the call that the thread is in is late."""
        returned = asyncio.wrap_future(submitted)
        while True:
            done, _ = await asyncio.wait([returned], timeout=self._left())
            if done:
                return returned.result()
            if self.late:
                self._report(returned)
                return None

    def _left(self) -> float | None:
        """Return how long to wait until the call that the thread is in would be late, s."""
        call = self._thread.current
        if math.isinf(self._limit_s):
            return None
        if call is None or call.phase == _LOAD:
            return self._limit_s
        return max(_SHORTEST_S, call.since + self._limit_s - self._clock())

    def _report(self, returned: asyncio.Future[Any]) -> None:
        """Tell of a late call, once, and of its return."""
        call = self._thread.current
        if call is None or call is self._reported:
            return
        self._reported = call
        log.error("%s; it is here:\n%s", self._waits_for(call), self._thread.stack())
        self._on_late(call.model, call.phase)

        def tell(_: object) -> None:
            taken = self._clock() - call.since
            log.warning("%s of the model '%s' returned after %.0f s", call.phase, call.model, taken)

        returned.add_done_callback(tell)

    def _hangs(self) -> ModelHangs:
        return ModelHangs(
            self.late or "a call of the model took too long",
            fix="try again in a while; whoever runs the server finds more in its log",
        )

    def _waits_for(self, call: Call) -> str:
        taken = self._clock() - call.since
        if call.phase == _LOAD:
            return f"the models have been loading for {taken:.0f} s"
        return f"{call.phase} of the model '{call.model}' has not returned for {taken:.0f} s"
