"""A model double for the engine's tests: its faults are chosen by the seed."""

import threading
from collections.abc import Sequence
from typing import Self

import numpy as np

from livedraft.media.chunks import Output, Still
from livedraft.protocol.messages import Stage
from livedraft.runtime.engine.turn import Cell
from livedraft.runtime.models.base import DEFAULT_PLAN, Job, Model, Plan, Request, to_pixels
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.models.mixins import SeedParams


class Faulty(Model[SeedParams, list[str], Job]):
    """A model double whose faults are chosen by the seed, which is the job's key."""

    info = Echo.info
    params = SeedParams
    threads: set[str]

    @classmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        made = cls()
        made.threads = set()
        return made

    @classmethod
    def tiny(cls) -> Self:
        return cls.load()

    def open(self) -> list[str]:
        return []

    def prepare(self, items: Sequence[tuple[list[str], Request[SeedParams]]]) -> list[Job]:
        return [self._job(state, request) for state, request in items]

    def _job(self, state: list[str], request: Request[SeedParams]) -> Job:
        self.threads.add(threading.current_thread().name)
        state.append("prepared")
        return Job(request.params.seed, request.steps)

    def step(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            if job.key == 1:
                raise ZeroDivisionError("seed 1")
            if job.key == 2:
                raise MemoryError
            job.step += 1

    def emit(self, jobs: Sequence[Job]) -> Sequence[Sequence[Output]]:
        floats = [np.full((2, 2, 3), np.nan if j.key == 3 else 0.5) for j in jobs]
        return [[Still(to_pixels(picture))] for picture in floats]


def item(seed: int = 0, steps: int = 1) -> tuple[Cell, Request[SeedParams]]:
    """Return what a new session asks for."""
    return Cell(), Request(SeedParams(seed=seed), {}, Stage.DRAFT, steps)
