"""The engine's thread: one call at a time, a fault stays in its job."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np
import pytest

from livedraft.errors import LivedraftError, ModelFailed, OutOfMemory
from livedraft.media.chunks import Output, Still
from livedraft.protocol.messages import Stage
from livedraft.runtime.engine.contract import Progress
from livedraft.runtime.engine.engine import Cell, Emitted, Engine, ModelHangs
from livedraft.runtime.engine.faults import settable
from livedraft.runtime.models.base import DEFAULT_PLAN, Job, Model, Plan, Request, to_pixels
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.models.mixins import SeedParams

pytestmark = pytest.mark.anyio


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


def kinds(results: Sequence[Any]) -> list[type]:
    return [type(result) for result in results]


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = Engine(models={"faulty": Faulty.load()})
    yield made
    made.close()


async def jobs(engine: Engine, *seeds: int) -> list[Progress]:
    requests = [(Cell(), Request(SeedParams(seed=seed), {}, Stage.DRAFT, 1)) for seed in seeds]
    outcome = await engine.prepare("faulty", requests)
    made = [job for job in outcome.results if not isinstance(job, LivedraftError)]
    assert len(made) == len(seeds)
    return made


async def test_one_bad_job_of_a_batch_fails_alone(engine: Engine) -> None:
    batch = await jobs(engine, 0, 1, 2, 5)
    results = (await engine.step("faulty", batch)).results
    assert kinds(results) == [Progress, ModelFailed, OutOfMemory, Progress]
    assert [each.job.step for each in batch] == [1, 0, 0, 1], "no job is stepped twice"
    assert [each.step for each in results if isinstance(each, Progress)] == [1, 1]


async def test_not_a_number_fails_one_picture(engine: Engine) -> None:
    results = (await engine.emit("faulty", await jobs(engine, 0, 3))).results
    assert isinstance(results[0], Emitted)
    assert isinstance(results[1], ModelFailed)


async def test_a_picture_of_a_wrong_kind_is_the_models_fault() -> None:
    class Floats(Faulty):
        def emit(self, jobs: Sequence[Job]) -> Sequence[Sequence[Output]]:
            floats: Any = np.zeros((2, 2, 3))  # the fault meant
            return [[Still(floats)] for _ in jobs]

    engine = Engine(models={"faulty": Floats.load()})
    (result,) = (await engine.emit("faulty", await jobs(engine, 0))).results
    assert isinstance(result, ModelFailed)
    engine.close()


async def test_all_calls_share_one_thread_that_is_not_the_loops(engine: Engine) -> None:
    await asyncio.gather(*(jobs(engine, seed) for seed in range(5)))
    model = engine.models["faulty"]
    assert isinstance(model, Faulty)
    assert len(model.threads) == 1
    assert threading.current_thread().name not in model.threads


async def test_a_session_keeps_its_state_until_released(engine: Engine) -> None:
    cell = Cell()
    request = Request(SeedParams(), {}, Stage.DRAFT, 1)
    await engine.prepare("faulty", [(cell, request)])
    await engine.prepare("faulty", [(cell, request)])
    assert cell.state == ["prepared", "prepared"]
    await engine.release("faulty", cell)
    assert cell.state is None


async def test_nothing_piles_up_before_a_call_that_does_not_return() -> None:
    held, inside = threading.Event(), threading.Event()

    class Hanging(Faulty):
        def prepare(self, items: Sequence[tuple[list[str], Request[SeedParams]]]) -> list[Job]:
            inside.set()
            held.wait()
            return super().prepare(items)

    late: list[tuple[str, str]] = []
    engine = Engine(
        models={"faulty": Hanging.load()}, limit_s=0.05, on_late=lambda *call: late.append(call)
    )
    request = Request(SeedParams(), {}, Stage.DRAFT, 1)
    stuck = Cell()
    (first,) = (await engine.prepare("faulty", [(stuck, request)])).results
    assert isinstance(first, ModelHangs)
    for _ in range(100):
        cell = Cell()
        (refused,) = (await engine.prepare("faulty", [(cell, request)])).results
        assert isinstance(refused, ModelHangs)
        await engine.release("faulty", cell)
    assert engine._thread._calls.empty()
    assert late == [("faulty", "prepare")], "it is told once"
    await engine.release("faulty", stuck)
    held.set()
    (after,) = (await engine.prepare("faulty", [(Cell(), request)])).results
    while isinstance(after, ModelHangs):  # until the thread is out of it
        (after,) = (await engine.prepare("faulty", [(Cell(), request)])).results
    assert (stuck.state, stuck.opened) == (None, False), (
        "its state was freed when that was possible"
    )
    engine.close()


@pytest.mark.parametrize("error", [StopIteration(), SystemExit(0), ZeroDivisionError("x")])
def test_what_a_thread_hands_over_ends_no_loop(error: BaseException) -> None:
    handed = settable(error)
    assert isinstance(handed, Exception)
    assert not isinstance(handed, StopIteration)
    assert handed is error or handed.__cause__ is error


async def test_models_that_load_are_waited_for_when_the_server_stops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, go = threading.Event(), threading.Event()

    def load() -> dict[str, Any]:
        begun.set()
        go.wait()
        return {}

    def close(seconds: float | None) -> bool:
        waits.append(seconds)
        return True

    engine, waits = Engine("cpu"), list[float | None]()
    loading = asyncio.create_task(engine.load(load))
    await asyncio.to_thread(begun.wait)
    with monkeypatch.context() as patch:
        patch.setattr(engine._thread, "close", close)
        engine.close(0.0)  # and it is not taken for a call that hangs
    go.set()
    await loading
    assert waits == [15.0]
    engine.close()


async def test_a_state_is_weighed_when_it_leaves_the_device() -> None:
    class Heavy(Faulty):
        left: bool = False

        def suspend(self, state: list[str]) -> None:
            self.left = True

        def footprint(self, state: list[str]) -> int:
            return 1000 * len(state)

    heavy = Heavy.load()
    engine, cell = Engine(models={"faulty": heavy}), Cell()
    await engine.suspend("faulty", cell)
    assert not heavy.left, "there is no state yet"
    await engine.prepare("faulty", [(cell, Request(SeedParams(), {}, Stage.DRAFT, 1))])
    await engine.suspend("faulty", cell)
    assert (heavy.left, cell.held_bytes) == (True, 1000)
    engine.close()


async def test_a_model_that_cannot_weigh_a_state_keeps_the_session() -> None:
    class Vague(Faulty):
        def footprint(self, state: list[str]) -> int:
            raise ZeroDivisionError

    engine, cell = Engine(models={"faulty": Vague.load()}), Cell()
    await engine.prepare("faulty", [(cell, Request(SeedParams(), {}, Stage.DRAFT, 1))])
    await engine.suspend("faulty", cell)
    assert (cell.held_bytes, cell.opened) == (0, True)
    engine.close()
