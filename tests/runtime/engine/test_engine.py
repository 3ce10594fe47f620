"""The engine's thread: from call to call without the loop, and watched call by call."""

import asyncio
import threading
from collections.abc import Iterator, Sequence

import pytest
from tests.doubles import FakeClock
from tests.runtime.engine.faulty import Faulty, item
from tests.runtime.sessions.turning import eventually

from livedraft.runtime.engine.contract import Progress
from livedraft.runtime.engine.engine import Engine
from livedraft.runtime.engine.faults import settable
from livedraft.runtime.engine.turn import CallResult, Cell, Prepare, Step, Turn
from livedraft.runtime.models.base import Job

pytestmark = pytest.mark.anyio


class Script:
    """A double of a lane: a job is prepared and stepped to its end, then it may begin again."""

    def __init__(self, *, steps: int = 1, again: bool = False) -> None:
        self.steps = steps
        self.again = again
        self.phases: list[str] = []
        self.results: Sequence[CallResult] = ()
        self.seconds: list[float] = []
        self.faults: list[Exception] = []
        self.lates = 0
        self.going = True
        self.cell: Cell = Cell()

    def next(self) -> Turn | None:
        turn = self._next()
        self.going = turn is not None
        if turn is not None:
            self.phases.append(turn.phase)
        return turn

    def _next(self) -> Turn | None:
        if not self.results:
            _, request = item(steps=self.steps)
            return Prepare("faulty", [(self.cell, request)])
        (progress,) = self.results
        if isinstance(progress, Progress) and not progress.done:
            return Step("faulty", [progress])
        self.results = ()
        return self._next() if self.again else None

    def done(self, results: Sequence[CallResult], seconds: float) -> None:
        self.results = results
        self.seconds.append(seconds)

    def late(self) -> None:
        self.lates += 1

    def broken(self, error: Exception) -> None:
        self.going = False
        self.faults.append(error)


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = Engine(models={"faulty": Faulty.load()})
    yield made
    made.close()


async def over(script: Script) -> None:
    await eventually(lambda: not script.going)


async def test_calls_follow_each_other_on_one_thread_that_is_not_the_loops(engine: Engine) -> None:
    script = Script(steps=3)
    engine.serve(script)
    await over(script)
    assert script.phases == ["prepare", "step", "step", "step"]
    model = engine.models["faulty"]
    assert isinstance(model, Faulty)
    assert len(model.threads) == 1
    assert threading.current_thread().name not in model.threads


async def test_each_call_is_timed_by_itself() -> None:
    clock = FakeClock()

    class Slow(Faulty):
        def step(self, jobs: Sequence[Job]) -> None:
            clock.advance(0.25)
            super().step(jobs)

    engine, script = Engine(models={"faulty": Slow.load()}, clock=clock), Script(steps=3)
    engine.serve(script)
    await over(script)
    assert script.seconds == [0.0, 0.25, 0.25, 0.25]
    engine.close()


async def test_states_are_freed_and_suspended_between_calls_that_never_end(engine: Engine) -> None:
    script, cell = Script(steps=3, again=True), Cell(state="a", opened=True, used=True)
    engine.serve(script)
    await engine.suspend("faulty", cell)
    await engine.release("faulty", cell)
    assert (cell.opened, script.going) == (False, True)
    before = len(script.phases)
    await eventually(lambda: len(script.phases) > before)  # and the calls went on
    script.again = False
    await over(script)
    assert {*script.phases} == {"prepare", "step"}


async def test_a_fault_of_whose_turn_it_is_is_told_and_others_are_served(engine: Engine) -> None:
    class Broken(Script):
        def _next(self) -> Turn | None:
            raise ZeroDivisionError("whose turn")

    broken = Broken()
    engine.serve(broken)
    await over(broken)
    assert [str(fault) for fault in broken.faults] == ["whose turn"]
    script = Script()
    engine.serve(script)
    await over(script)
    assert script.phases == ["prepare", "step"]


class Hanging(Faulty):
    """A model double: each call takes so long of a fake clock, one at last until it is let go."""

    clock: FakeClock
    call_s: float = 0.0
    at: int = -1  # the step that hangs
    inside: threading.Event
    held: threading.Event
    engine: Engine
    lates: list[str]

    def step(self, jobs: Sequence[Job]) -> None:
        self.clock.advance(self.call_s)
        if jobs[0].step == self.at:
            self.clock.advance(1.0)
            self.inside.set()
            self.held.wait()
        self.lates.append(self.engine.late)
        super().step(jobs)


class Held:
    """An engine whose clock is fake, so that nothing is late on a busy machine but what hangs."""

    def __init__(self, *, at: int = -1, call_s: float = 0.0) -> None:
        self.model = Hanging.load()
        self.model.clock, self.model.call_s, self.model.at = FakeClock(), call_s, at
        self.model.inside, self.model.held = threading.Event(), threading.Event()
        self.model.lates = []
        self.late: list[tuple[str, str]] = []
        self.engine = self.model.engine = Engine(
            models={"faulty": self.model},
            limit_s=0.01,
            on_late=lambda *call: self.late.append(call),
            clock=self.model.clock,
        )

    def __enter__(self) -> "Held":
        return self

    def __exit__(self, *_: object) -> None:
        self.model.held.set()
        self.engine.close()


async def test_the_limit_is_a_calls_and_not_that_of_all_in_a_row() -> None:
    with Held(call_s=0.009) as held:
        script = Script(steps=50)
        held.engine.serve(script)
        await over(script)
        assert held.model.lates == [""] * 50
        assert (held.late, script.lates) == ([], 0)


async def test_a_third_step_that_hangs_is_told_with_its_phase(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with Held(at=2) as held:
        script = Script(steps=9)
        held.engine.serve(script)
        await eventually(lambda: script.lates > 2)
        assert script.phases == ["prepare", "step", "step", "step"]
        assert held.late == [("faulty", "step")], "it is told once"
        assert held.engine.late == "step of the model 'faulty' has not returned for 1 s"
        assert "self.held.wait()" in caplog.text, "the line that hangs is named"
        held.model.held.set()
        await over(script)
        assert script.phases == ["prepare"] + ["step"] * 9
        assert (held.late, held.engine.late) == ([("faulty", "step")], "")
        assert "step of the model 'faulty' returned after 1 s" in caplog.text


async def test_nothing_piles_up_before_a_call_that_does_not_return() -> None:
    with Held(at=0) as held:
        script = Script()
        held.engine.serve(script)
        await eventually(held.model.inside.is_set)
        for _ in range(100):
            await held.engine.release("faulty", Cell())
        assert not held.engine._thread.wanted
        await held.engine.release("faulty", script.cell)  # which comes back though it hangs
        assert script.cell.opened
        held.model.held.set()
        await eventually(lambda: not script.cell.opened)


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

    def load() -> str:
        begun.set()
        go.wait()
        return "loaded"

    def close(seconds: float | None) -> bool:
        waits.append(seconds)
        return True

    engine, waits = Engine("cpu"), list[float | None]()
    loading = asyncio.create_task(engine.load(load))
    await asyncio.to_thread(begun.wait)
    assert engine._loader is not None
    with monkeypatch.context() as patch:
        patch.setattr(engine._thread, "close", close)
        patch.setattr(engine._loader, "close", close)
        engine.close(0.0)  # and it is not taken for a call that hangs
    go.set()
    assert await loading == "loaded"
    assert waits == [0.0, 15.0]
    engine.close()
