"""Calls in threads, in turns: what one client asks for does not keep another's waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypeVar

from ..engine.faults import settable

T = TypeVar("T")

_MOST_KEPT = 1000  # owners and flows that are remembered before those that are level are forgotten


class Flow(NamedTuple):
    """Who a call is for: owners share equally, and the flows of an owner among themselves."""

    owner: str
    name: str


@dataclass(slots=True, eq=False)
class _Call:
    work: Callable[[], Any]
    flow: Flow
    cost: float
    large: bool
    result: asyncio.Future[Any]


class Turns:
    """Start-time fair queueing (Goyal, Vin and Cheng, 1996) of calls over a pool of threads.

    Who has had least of the threads' work is next, counted from the moment at which it had
    something to do. ``large`` calls take half of the threads at most, so that another of them
    need not be waited for. A call whose caller is cancelled is not begun any more.
    """

    def __init__(self, threads: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._waiting: list[_Call] = []  # in order of arrival; a session has a few at most
        self._free = threads
        self._free_for_large = max(1, threads // 2)
        self._served: dict[tuple[str, ...], float] = {}  # cost so far: of owners, of their flows
        self._level: dict[tuple[str, ...], float] = {}  # what was served when it was last begun

    async def run(
        self, work: Callable[[], T], *, flow: Flow, cost: float, large: bool = False
    ) -> T:
        """Return what ``work`` returns or raise what it raises; ``cost`` is in any unit."""
        call = _Call(work, flow, cost, large, asyncio.get_running_loop().create_future())
        self._join(flow)
        self._waiting.append(call)
        self._begin()
        try:
            result: T = await call.result
            return result
        finally:
            if call in self._waiting:
                self._waiting.remove(call)

    def close(self) -> None:
        """End the threads; what waits is given up."""
        for call in self._waiting:
            call.result.cancel()
        self._waiting.clear()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _join(self, flow: Flow) -> None:
        """Let a flow that comes back start level with those that wait: idling saves nothing up."""
        if len(self._served) > _MOST_KEPT:
            self._forget()
        others = [call.flow for call in self._waiting]
        if flow.owner not in {other.owner for other in others}:
            self._raise((flow.owner,), ())
        if flow not in others:
            self._raise(flow, (flow.owner,))

    def _raise(self, key: tuple[str, ...], level: tuple[str, ...]) -> None:
        self._served[key] = max(self._served.get(key, 0.0), self._level.get(level, 0.0))

    def _forget(self) -> None:
        """Drop who does not wait: a little of what they were served is given to them."""
        waiting = {key for call in self._waiting for key in ((call.flow.owner,), call.flow, ())}
        self._served = {key: cost for key, cost in self._served.items() if key in waiting}
        self._level = {key: cost for key, cost in self._level.items() if key in waiting}

    def _begin(self) -> None:
        while self._free and (call := self._next()) is not None:
            self._waiting.remove(call)
            self._charge(call)
            self._free -= 1
            self._free_for_large -= call.large
            loop = asyncio.get_running_loop()
            running = loop.run_in_executor(self._pool, _bounded, call.work)
            running.add_done_callback(partial(self._done, call))

    def _next(self) -> _Call | None:
        served = self._served
        able = [call for call in self._waiting if self._free_for_large > 0 or not call.large]
        return min(able, key=lambda c: (served[(c.flow.owner,)], served[c.flow]), default=None)

    def _charge(self, call: _Call) -> None:
        owner = (call.flow.owner,)
        self._level[()], self._level[owner] = self._served[owner], self._served[call.flow]
        self._served[owner] += call.cost
        self._served[call.flow] += call.cost

    def _done(self, call: _Call, done: asyncio.Future[Any]) -> None:
        self._free += 1
        self._free_for_large += call.large
        if not done.cancelled():
            error = done.exception()
            if call.result.done():
                pass  # nobody waits for it any more
            elif error is not None:
                call.result.set_exception(error)
            else:
                call.result.set_result(done.result())
        self._begin()
        if not self._waiting:
            self._served.clear()  # all are level again
            self._level.clear()


def _bounded(work: Callable[[], T]) -> T:
    """Do work of which nothing may come that a future refuses or that would end the loop."""
    try:
        return work()
    except BaseException as error:  # a thread's boundary
        fit = settable(error)
        if fit is error:
            raise
        raise fit from error
