"""Streams in line: a turn after each output, what is due first, and nobody left behind."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.doubles import FakeClock, FakeSink

from livedraft.media.chunks import SECOND
from livedraft.protocol.messages import Stage
from livedraft.runtime.engine.contract import Progress
from livedraft.runtime.models.base import Job, Params
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.sessions.account import Phase
from livedraft.runtime.sessions.scheduler import DUE_S, Scheduler
from livedraft.runtime.sessions.session import Session
from livedraft.runtime.sessions.task import Task


def task(clock: FakeClock, model: str = "echo", steps: int = 1) -> Task:
    info = replace(Echo.info, id=model)
    session = Session(info, Params, {}, FakeSink(), notify=lambda session: None, clock=clock)
    assert session.timeline.now >= 0, "it has begun"
    return Task(session, 1, Stage.DRAFT, Params(), steps, received=0.0)


def stream(clock: FakeClock, due_s: float | None = None, model: str = "echo") -> Task:
    made = task(clock, model)
    due = None if due_s is None else round((clock.now + due_s) * SECOND)
    made.progress = Progress(Job("any", 0), 1, 0, 0, due=due)
    made.phase = Phase.STEP
    return made


class Simulation:
    """Serves tasks on one lane; each call takes what its session says."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.line = Scheduler(clock=self.clock)
        self.costs: dict[Session, float] = {}
        self.had: dict[Session, float] = {}
        self.outputs: dict[Session, int] = {}

    def add(self, made: Task, cost: float) -> Session:
        self.costs[made.session], self.had[made.session] = cost, 0.0
        self.outputs[made.session] = 0
        self.line.add(made)
        return made.session

    def run(self, seconds: float) -> None:
        while self.clock.now < seconds:
            for each in self.turn():
                self.line.add(self.following(each))

    def turn(self) -> list[Task]:
        batch = self.line.next()
        took = max(self.costs[each.session] for each in batch)
        self.clock.advance(took)
        self.line.charge(batch, took)
        for each in batch:
            self.had[each.session] += took / len(batch)
        return batch

    def following(self, each: Task) -> Task:
        if each.phase is Phase.EMIT:
            self.outputs[each.session] += 1
            if each.open_ended:
                each.phase, each.anew = Phase.STEP, True
                return each
            return Task(each.session, 1, each.stage, Params(), each.steps, received=0.0)
        if each.progress is None:
            each.progress = Progress(Job("any", each.steps), 1, 0, each.steps)
            each.phase = Phase.STEP
            return each
        each.progress = replace(each.progress, step=each.progress.step + 1)
        each.phase = Phase.EMIT
        return each


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 3), st.floats(0.005, 0.05), st.floats(0.005, 0.05))
def test_streams_without_an_end_leave_a_drawer_an_equal_share(
    streams: int, stream_s: float, draw_s: float
) -> None:
    made = Simulation()
    # Models of their own, so that no call is shared and each turn is somebody's.
    for n in range(streams):
        made.add(stream(made.clock, model=f"stream {n}"), stream_s)
    drawer = made.add(task(made.clock, "drawing"), draw_s)
    made.run(20.0)
    share = 20.0 / (streams + 1)
    assert made.had[drawer] > 0.8 * share
    assert all(had > 0.8 * share for had in made.had.values())
    assert all(made.outputs.values())


def test_what_is_due_goes_first_and_the_earliest_before_the_others() -> None:
    clock = FakeClock()
    line = Scheduler(clock=clock)
    drawing = task(clock, "drawing")
    soon, sooner = stream(clock, 0.08, "a"), stream(clock, 0.05, "b")
    later = stream(clock, DUE_S * 2, "c")
    for each in (drawing, later, soon, sooner):
        line.add(each)
    assert [line.next() for _ in range(4)] == [[sooner], [soon], [drawing], [later]]


def test_what_is_due_of_one_who_had_too_much_waits_for_its_turn() -> None:
    made = Simulation()
    greedy = stream(made.clock, 0.0, "greedy")
    made.add(greedy, 0.5)
    made.add(task(made.clock, "drawing"), 0.01)
    (first,) = made.turn()
    assert first is greedy
    greedy.phase, greedy.anew = Phase.STEP, True
    assert greedy.progress is not None
    greedy.progress = replace(greedy.progress, due=0)
    made.line.add(greedy)
    for _ in range(10):
        (each,) = made.turn()
        assert each.session is not greedy.session
        made.line.add(made.following(each))


@pytest.mark.parametrize(("last", "first"), [(1, True), (None, True), (2, False)])
def test_rule_6_waits_for_a_newcomer_of_its_own_group_alone(last: int | None, first: bool) -> None:
    clock = FakeClock()
    line = Scheduler(clock=clock)
    ahead = task(clock, steps=4)
    ahead.progress, ahead.phase = Progress(Job("any", 4), 1, 1, 4, room=8), Phase.STEP
    newcomer = task(clock, steps=4)
    if last is not None:
        newcomer.session.uses.drafting.account.groups[Stage.DRAFT] = last
    line.add(ahead)
    line.add(newcomer)
    assert line.next() == [newcomer if first else ahead]


def test_a_job_may_change_its_group_from_step_to_step() -> None:
    clock = FakeClock()
    line = Scheduler(clock=clock)
    one, other = (task(clock, steps=4) for _ in range(2))
    for group, each in ((1, one), (2, other)):
        each.progress, each.phase = Progress(Job("any", 4), group, 1, 4, room=8), Phase.STEP
        line.add(each)
    assert line.next() == [one]
    assert one.progress is not None
    one.progress = replace(one.progress, group=2, step=2)
    line.add(one)
    assert set(line.next()) == {one, other}
