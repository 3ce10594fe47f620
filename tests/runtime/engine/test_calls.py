"""The calls of models: a fault stays in its job, and a state with its session."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from tests.runtime.engine.faulty import Faulty, item

from livedraft.errors import EngineError, LivedraftError, ModelFailed, OutOfMemory
from livedraft.media.chunks import Output, Still
from livedraft.protocol.messages import Stage
from livedraft.runtime.engine.calls import Calls
from livedraft.runtime.engine.contract import Progress
from livedraft.runtime.engine.turn import Cell, Emitted, Step
from livedraft.runtime.models.base import Job, Request
from livedraft.runtime.models.mixins import SeedParams


@pytest.fixture
def calls() -> Calls:
    return Calls({"faulty": Faulty.load()})


def kinds(results: Sequence[Any]) -> list[type]:
    return [type(result) for result in results]


def jobs(calls: Calls, *seeds: int) -> list[Progress]:
    results = calls.prepare("faulty", [item(seed) for seed in seeds])
    made = [job for job in results if not isinstance(job, LivedraftError)]
    assert len(made) == len(seeds)
    return made


def test_one_bad_job_of_a_batch_fails_alone(calls: Calls) -> None:
    batch = jobs(calls, 0, 1, 2, 5)
    results = calls.step("faulty", batch)
    assert kinds(results) == [Progress, ModelFailed, OutOfMemory, Progress]
    assert [each.job.step for each in batch] == [1, 0, 0, 1], "no job is stepped twice"
    assert [each.step for each in results if isinstance(each, Progress)] == [1, 1]


def test_a_job_need_not_be_hashable() -> None:
    @dataclass(slots=True)
    class Plain(Job):
        text: str = ""

    class Own(Faulty):
        def _job(self, state: list[str], request: Request[SeedParams]) -> Job:
            return Plain(request.params.seed, request.steps)

    cell, request = item()
    (made,) = Calls({"faulty": Own.load()}).prepare("faulty", [(cell, request)])
    assert isinstance(made, Progress)
    assert not cell.resting
    made.job.step = 1
    assert cell.resting


def test_not_a_number_fails_one_picture(calls: Calls) -> None:
    assert kinds(calls.emit("faulty", jobs(calls, 0, 3))) == [Emitted, ModelFailed]


def test_a_picture_of_a_wrong_kind_is_the_models_fault() -> None:
    class Floats(Faulty):
        def emit(self, jobs: Sequence[Job]) -> Sequence[Sequence[Output]]:
            floats: Any = np.zeros((2, 2, 3))  # the fault meant
            return [[Still(floats)] for _ in jobs]

    calls = Calls({"faulty": Floats.load()})
    assert kinds(calls.emit("faulty", jobs(calls, 0))) == [ModelFailed]


def test_a_fault_of_ours_fails_the_batch_and_no_more(calls: Calls) -> None:
    batch = jobs(calls, 0, 5)
    assert kinds(calls.make(Step("gone", batch))) == [EngineError, EngineError]
    assert kinds(calls.make(Step("faulty", batch))) == [Progress, Progress]


def test_a_session_keeps_its_state_until_it_is_closed(calls: Calls) -> None:
    cell = Cell()
    request = Request(SeedParams(), {}, Stage.DRAFT, 1)
    calls.prepare("faulty", [(cell, request)])
    calls.prepare("faulty", [(cell, request)])
    assert (cell.state, cell.used) == (["prepared", "prepared"], True)
    calls.close("faulty", cell)
    assert (cell.state, cell.opened) == (None, False)


def test_a_state_is_weighed_when_it_leaves_the_device() -> None:
    class Heavy(Faulty):
        left: bool = False

        def suspend(self, state: list[str]) -> None:
            self.left = True

        def footprint(self, state: list[str]) -> int:
            return 1000 * len(state)

    heavy = Heavy.load()
    calls, (cell, request) = Calls({"faulty": heavy}), item()
    calls.suspend("faulty", cell)
    assert not heavy.left, "there is no state yet"
    calls.prepare("faulty", [(cell, request)])
    calls.suspend("faulty", cell)
    assert (heavy.left, cell.held_bytes) == (True, 1000)


def test_a_model_that_cannot_weigh_a_state_keeps_the_session() -> None:
    class Vague(Faulty):
        def footprint(self, state: list[str]) -> int:
            raise ZeroDivisionError

    calls, (cell, request) = Calls({"faulty": Vague.load()}), item()
    calls.prepare("faulty", [(cell, request)])
    calls.suspend("faulty", cell)
    assert (cell.held_bytes, cell.opened) == (0, True)
