"""The rules of turn-taking, each by its number in the scheduler's first lines."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.doubles import FakeClock, FakeSink

from livedraft.protocol.messages import Stage
from livedraft.runtime.engine.contract import Progress
from livedraft.runtime.models.base import Job, ModelInfo, Params
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.sessions.account import Phase
from livedraft.runtime.sessions.scheduler import MOST_PREPARED, Scheduler
from livedraft.runtime.sessions.session import Session
from livedraft.runtime.sessions.task import Task


def task(stage: Stage = Stage.DRAFT, *, model: str = "echo", steps: int = 1) -> Task:
    info: ModelInfo = replace(Echo.info, id=model)
    session = Session(info, Params, {}, FakeSink(), notify=lambda session: None)
    return Task(session, 1, stage, Params(), steps, received=0.0)


def prepared(made: Task, group: int = 256, room: int = 8) -> Task:
    made.progress = Progress(Job("any", made.steps), group, 0, made.steps, room=room)
    made.phase = Phase.STEP
    return made


def stepped(made: Task) -> Task:
    assert made.progress is not None
    made.progress = replace(made.progress, step=made.progress.step + 1)
    return made


def test_nothing_waits() -> None:
    assert Scheduler().next() == []


def test_rule_1_drafts_of_anyone_before_refines_of_anyone() -> None:
    line = Scheduler(clock=FakeClock())
    refine, draft = task(Stage.FINAL), task()
    line.add(refine)
    line.add(draft)
    assert line.next() == [draft]
    assert line.next() == [refine]


def test_rule_2_a_draft_keeps_its_place_until_finished() -> None:
    line = Scheduler()
    first, second = task(model="a"), task(model="b")
    line.add(first)
    line.add(second)
    assert line.next() == [first]
    line.add(prepared(first))
    assert line.next() == [first], "the second waits until the first is done"
    assert line.next() == [second]


def test_rule_2_the_next_draft_of_a_session_stands_behind() -> None:
    line = Scheduler()
    first, other = task(model="a"), task(model="b")
    line.add(first)
    line.add(other)
    assert line.next() == [first]
    line.discard(first)  # finished
    again = Task(first.session, 2, Stage.DRAFT, Params(), 1, 0.0)
    line.add(again)
    assert line.next() == [other]
    assert line.next() == [again]


def test_rule_3_refines_take_turns_step_by_step() -> None:
    line = Scheduler(clock=FakeClock())
    one = prepared(task(Stage.FINAL, model="a", steps=9))
    two = prepared(task(Stage.FINAL, model="b", steps=9))
    line.add(one)
    line.add(two)
    turns = []
    for _ in range(4):
        (turn,) = line.next()
        turns.append(turn)
        line.add(turn)
    assert turns == [one, two, one, two]


def test_rule_3_a_draft_comes_in_at_a_step_boundary() -> None:
    line = Scheduler(clock=FakeClock())
    refine = prepared(task(Stage.FINAL, steps=9))
    line.add(refine)
    assert line.next() == [refine]
    draft = task()
    line.add(draft)
    line.add(refine)
    assert line.next() == [draft]


def test_rule_4_a_refine_that_waits_long_gets_one_step() -> None:
    clock = FakeClock()
    line = Scheduler(clock=clock, patience_s=2.0)
    refine = prepared(task(Stage.FINAL, model="slow", steps=9))
    line.add(refine)
    clock.advance(2.5)
    draft = task()
    line.add(draft)
    assert line.next() == [refine]
    line.charge([refine], 0.5)
    line.add(refine)
    assert line.next() == [draft], "one step only"
    line.charge([draft], 0.3)
    clock.advance(2.5)
    line.add(draft)
    assert line.next() == [draft], "until drafts have had as much"
    line.charge([draft], 0.3)
    line.add(draft)
    assert line.next() == [refine]


def test_rule_5_equal_groups_share_a_call_up_to_the_limit() -> None:
    line = Scheduler()
    same = [prepared(task(), room=3) for _ in range(4)]
    other = prepared(task(), group=512, room=3)
    for each in [*same[:2], other, *same[2:]]:
        line.add(each)
    assert line.next() == same[:3]
    assert line.next() == [other]
    assert line.next() == same[3:]


def test_rule_5_jobs_at_different_steps_share_a_call() -> None:
    line = Scheduler(clock=FakeClock())
    ahead, behind = (prepared(task(steps=4)) for _ in range(2))
    line.add(stepped(stepped(ahead)))
    line.add(behind)
    assert line.next() == [ahead, behind]


def test_rule_5_a_draft_shares_no_call_with_a_refine() -> None:
    clock = FakeClock()
    line = Scheduler(clock=clock)
    draft, refine = prepared(task()), prepared(task(Stage.FINAL))
    line.add(refine)
    clock.advance(9)
    line.add(draft)
    assert line.next() == [refine]
    assert line.next() == [draft]


@pytest.mark.parametrize(("each_s", "most"), [(0.001, 8), (0.06, 4), (0.2, 1), (3.0, 1)])
def test_rule_5_refines_share_calls_that_stay_short(each_s: float, most: int) -> None:
    line = Scheduler(clock=FakeClock())
    refines = [prepared(task(Stage.FINAL, steps=100)) for _ in range(8)]
    sizes = []
    for _ in range(12):
        for each in refines:
            if each not in line:
                line.add(each)
        batch = line.next()
        line.charge(batch, each_s * len(batch))
        sizes.append(len(batch))
    assert sizes[0] == 1
    assert max(sizes[4:]) == most


def test_rule_6_newcomers_catch_up_before_a_long_task_steps() -> None:
    line = Scheduler()
    long, short = prepared(task(steps=4)), task(steps=4)
    line.add(long)
    line.add(short)
    assert line.next() == [short]
    line.add(prepared(short))
    assert line.next() == [long, short]


def test_rule_6_but_not_before_the_last_step() -> None:
    line = Scheduler()
    last, newcomer = prepared(task(steps=1)), task()
    line.add(last)
    line.add(newcomer)
    assert line.next() == [last]


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("ab"), st.integers(1, 4)), max_size=12))
def test_every_task_is_served_to_its_end(kinds: list[tuple[bool, str, int]]) -> None:
    line = Scheduler(clock=FakeClock())
    tasks = [
        task(Stage.DRAFT if draft else Stage.FINAL, model=model, steps=steps)
        for draft, model, steps in kinds
    ]
    for each in tasks:
        line.add(each)
    steps = dict.fromkeys(tasks, 0)
    while batch := line.next():
        assert len({each.group for each in batch}) == 1
        assert len(batch) <= (MOST_PREPARED if batch[0].phase is Phase.PREPARE else 2)
        for each in batch:
            if each.phase is Phase.PREPARE:
                line.add(prepared(each, room=2))
            elif (progress := stepped(each).progress) is not None:
                steps[each] += 1
                if progress.done:
                    line.discard(each)
                else:
                    line.add(each)
    assert [steps[each] for each in tasks] == [each.steps for each in tasks]
