"""The one thread on which models run: batches go in, outcomes come back, faults stay in one job."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from livedraft.errors import LivedraftError, ModelFailed, OutOfMemory

from ..models.base import AnyModel, Job, Pixels, Request

log = logging.getLogger(__name__)
T = TypeVar("T")
R = TypeVar("R")


@dataclass(slots=True, eq=False)
class Cell:
    """A session's state of its model; touched on the engine's thread alone."""

    state: Any = None
    opened: bool = False


@dataclass(frozen=True, slots=True)
class Outcome(Generic[R]):
    """What a call gave for each job, in their order, and how long the model took."""

    results: list[R | LivedraftError]
    seconds: float


class Engine:
    """Runs the calls of loaded models one after another, off the event loop."""

    def __init__(self, models: Mapping[str, AnyModel]) -> None:
        self.models = dict(models)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="engine")

    async def prepare(self, model: str, items: Sequence[tuple[Cell, Request]]) -> Outcome[Job]:
        """Make a job of each request."""
        loaded = self.models[model]

        def one(item: tuple[Cell, Request]) -> Job:
            cell, request = item
            if not cell.opened:
                cell.state, cell.opened = loaded.open(), True
            job: Job = loaded.prepare(cell.state, request)
            return job

        return await self._run(lambda: [_guarded(one, item) for item in items])

    async def step(self, model: str, jobs: Sequence[Job]) -> Outcome[None]:
        """Advance jobs by one step; a job that makes the call fail fails alone."""
        loaded = self.models[model]

        def one_by_one_if_failed() -> list[LivedraftError | None]:
            before = [job.step for job in jobs]
            failure = _guarded(loaded.step, jobs)
            if failure is None or len(jobs) == 1:
                return [failure] * len(jobs)
            return [
                None if job.step > was else _guarded(loaded.step, [job])
                for job, was in zip(jobs, before, strict=True)
            ]

        return await self._run(one_by_one_if_failed)

    async def decode(self, model: str, jobs: Sequence[Job]) -> Outcome[Pixels]:
        """Return each job's picture as it stands."""
        loaded = self.models[model]

        def decode(some: Sequence[Job]) -> list[Pixels]:
            return _checked(loaded.decode(some), len(some))

        def one_by_one_if_failed() -> list[Pixels | LivedraftError]:
            together = _guarded(decode, jobs)
            if not isinstance(together, LivedraftError):
                return list(together)
            if len(jobs) == 1:
                return [together]
            return [_guarded(lambda job: decode([job])[0], job) for job in jobs]

        return await self._run(one_by_one_if_failed)

    async def release(self, model: str, cell: Cell) -> None:
        """Free a session's state."""

        def forget(cell: Cell) -> None:
            if cell.opened:
                state, cell.state, cell.opened = cell.state, None, False
                self.models[model].close(state)

        await self._run(lambda: [_guarded(forget, cell)])

    def close(self) -> None:
        """End the thread once its current call is over."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    async def _run(self, call: Callable[[], list[R | LivedraftError]]) -> Outcome[R]:
        def timed() -> Outcome[R]:
            start = time.perf_counter()
            results = call()
            return Outcome(results, time.perf_counter() - start)

        return await asyncio.get_running_loop().run_in_executor(self._thread, timed)


def _checked(pictures: list[Pixels], count: int) -> list[Pixels]:
    """Return what ``decode`` gave if it keeps the contract."""
    if len(pictures) != count:
        raise ModelFailed(f"the model gave {len(pictures)} pictures for {count} jobs")
    for pixels in pictures:
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (3, 4):
            raise ModelFailed(
                f"the model gave {pixels.dtype} {pixels.shape}, not (H, W, 3|4) uint8"
            )
    return pictures


def _guarded(call: Callable[[T], R], argument: T) -> R | LivedraftError:
    """Return what a model's method returns, or its fault as one of ours."""
    try:
        return call(argument)
    except LivedraftError as error:
        return error
    except MemoryError:
        return OutOfMemory("the machine has no memory left", fix="use fewer steps or pixels")
    except Exception as error:  # the engine's boundary: a model may raise anything
        if type(error).__name__ == "OutOfMemoryError":  # torch's, without importing torch
            return OutOfMemory("the device has no memory left", fix="use fewer steps or pixels")
        log.exception("a model failed")
        return ModelFailed(f"the model failed: {type(error).__name__}: {str(error)[:200]}")
