"""The one thread on which a lane's models run: it goes from call to call without the event loop."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol, TypeVar

from ..clock import MONOTONIC, Clock
from ..models.base import AnyModel, Job, Model
from .calls import Calls
from .faults import settable
from .memory import Memory
from .thread import Call, CallThread
from .turn import CallResult, Cell, Turn
from .watch import LOAD, ModelHangs, Watch, hangs

T = TypeVar("T")

_LOADS_S = 15.0  # on a busy machine, of models that are at hand


class Turns(Protocol):
    """Where an engine finds its next call, and leaves what it gave: at every boundary."""

    @property
    def going(self) -> bool:
        """Whether ``next`` was not yet without a turn since the engine was told to serve."""
        ...

    def next(self) -> Turn | None:
        """Return the next call; on the engine's thread. None: serve no more until told to."""
        ...

    def done(self, results: Sequence[CallResult], seconds: float) -> None:
        """Take what the call gave for each of its jobs; on the engine's thread, never raises."""
        ...

    def late(self) -> None:
        """Hear, on the event loop, that the engine waits in vain for a call."""
        ...

    def broken(self, error: Exception) -> None:
        """Take a fault of ours that ends the engine's service; on the engine's thread."""
        ...


class Engine:
    """Runs the calls of loaded models one after another, off the event loop.

    A call that takes longer than ``limit_s`` is late: its jobs fail, and so does every job until
    it returns, if it ever does. ``on_late`` hears of it, with the model and the phase. ``memory``
    is that of the devices, which lanes share.
    """

    def __init__(
        self,
        lane: str = "",
        models: Mapping[str, AnyModel] | None = None,
        *,
        limit_s: float = math.inf,
        on_late: Callable[[str, str], None] = lambda model, phase: None,
        clock: Clock = MONOTONIC,
        memory: Memory | None = None,
    ) -> None:
        self._memory = memory or Memory()
        self._calls = Calls(dict(models or {}), clock, self._memory)
        self._clock = clock
        self._name = f"engine {lane}".strip()
        self._watch = Watch(self._name, limit_s, on_late, clock)
        self._thread = self._watch.thread
        self._loader: CallThread | None = None  # once there was anything to load

    @property
    def models(self) -> Mapping[str, AnyModel]:
        """The loaded models by name; the first is the default."""
        return self._calls.models

    @property
    def late(self) -> str:
        """What the engine waits for in vain; empty while all is well."""
        return self._watch.late

    @property
    def away(self) -> list[str]:
        """The models that are not on their devices: they left for others."""
        return [name for name in self._memory.away if name in self.models]

    async def load(self, load: Callable[[], T]) -> T:
        """Return what a function loads, on a thread of its own: the others are served meanwhile."""
        if self._loader is None:
            self._loader = CallThread(f"{self._name}, loading", clock=self._clock)
        return await asyncio.wrap_future(self._loader.submit("", LOAD, load))

    def add(self, model: AnyModel) -> None:
        """Have one more model."""
        self._calls.models = {**self.models, model.info.id: model}

    async def free(self, seconds: float) -> None:
        """Wait until a call that is late has returned, for so many seconds at most."""
        if self.late:
            over = asyncio.wrap_future(self._thread.submit("", "wait", lambda: None))
            await asyncio.wait([over], timeout=seconds)

    def drop(self, model: str) -> None:
        """Have a model no more."""
        self._memory.drop(model)
        self._calls.models = {name: each for name, each in self.models.items() if name != model}

    def serve(self, turns: Turns) -> None:
        """Make one call after another, until there is none; called on the event loop.

        The thread asks for the next call as it comes out of one, so that whose turn it is is
        settled at that boundary, and the loop is not waited for. What else the thread is given,
        a state to free, is done at the next boundary.
        """
        self._thread.put(partial(self._serve, turns))
        self._watch.follow(lambda: turns.going, turns.late)

    def _serve(self, turns: Turns) -> None:
        try:
            while (turn := turns.next()) is not None:
                start = self._clock()
                results = self._thread.call(turn.model, turn.phase, partial(self._calls.make, turn))
                turns.done(results, self._clock() - start)
                if self._thread.wanted:
                    self._thread.put(partial(self._serve, turns))
                    return
        except BaseException as error:  # a thread's boundary
            turns.broken(settable(error))

    async def make(self, turn: Turn) -> Sequence[CallResult]:
        """Make one call, as a whole, between those that are served; raise ModelHangs."""
        results: Sequence[CallResult] | None = None
        if not self.late:
            make = partial(self._calls.make, turn, whole=True)
            results = await self._watch.returned(self._thread.submit(turn.model, turn.phase, make))
        if results is None:
            raise hangs(self.late)
        return results

    async def alter(self, model: str, phase: str, change: Callable[[AnyModel], None]) -> None:
        """Change a model at the next boundary of its calls; raise what went wrong.

        Raises ModelHangs where a call is late, this one or one before it.
        """
        if self.late:
            raise hangs(self.late)
        work = partial(self._calls.alter, model, phase, change)
        done = await self._watch.returned(self._thread.submit(model, phase, work))
        (fault,) = done or [hangs(self.late)]
        if fault is not None:
            raise fault

    async def onload(self, model: str) -> None:
        """Have a model on its device, where others had left it no room; raise what went wrong."""
        if model in self.away:
            await self.alter(model, "onload", lambda loaded: None)

    async def give_up(self, model: str, job: Job) -> None:
        """Free what a job holds that ends before its time, if its model has anything to free."""
        if type(self.models[model]).give_up is not Model.give_up:
            free = partial(self._calls.give_up, model, job)
            await self._watch.returned(self._thread.submit(model, "give_up", free))

    async def suspend(self, model: str, cell: Cell) -> None:
        """Have a session's state leave the device, and weigh it; a fault leaves it as it is."""
        if cell.used:
            leave = partial(self._calls.suspend, model, cell)
            await self._watch.returned(self._thread.submit(model, "suspend", leave))

    async def release(self, model: str, cell: Cell) -> None:
        """Free a session's state, at the latest when a call that is late has returned."""
        if not cell.used:
            return  # nothing piles up before a call that never returns
        cell.used = False
        forget = partial(self._calls.close, model, cell, self.models[model])
        await self._watch.returned(self._thread.submit(model, "close", forget))

    def close(self, seconds: float = math.inf) -> None:
        """End the threads once their calls are over; raise ModelHangs if that takes longer."""
        threads = [(self._thread, seconds)]
        if self._loader is not None:  # what is being loaded has more time: it is no fault of theirs
            loads = self._loader.current is not None
            threads.append((self._loader, max(seconds, _LOADS_S) if loads else seconds))
        for thread, most_s in threads:
            ended = thread.close(None if math.isinf(most_s) else most_s)
            self._check_ended(ended, thread.current)

    def _check_ended(self, ended: bool, call: Call | None) -> None:
        if not ended:
            what = self._watch.waits_for(call) if call else "the engine's thread hangs"
            raise ModelHangs(
                f"stopped while {what}", fix="see which call it was, and mend the model"
            )
