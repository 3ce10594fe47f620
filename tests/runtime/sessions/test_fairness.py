"""Nobody starves, whatever sessions ask for and however long its calls take."""

from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.doubles import FakeClock, FakeSink

from livedraft.protocol.messages import Stage
from livedraft.runtime.engine.contract import Progress
from livedraft.runtime.models.base import Job, Params
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.sessions.account import Phase
from livedraft.runtime.sessions.scheduler import REFINE_CALL_S, Scheduler
from livedraft.runtime.sessions.session import Session
from livedraft.runtime.sessions.task import Task

PATIENCE_S = 2.0


@dataclass(eq=False)
class Client:
    """Asks for the next picture as soon as it has one; each of its calls takes so long."""

    session: Session
    stage: Stage
    steps: int
    call_s: float
    group: int
    room: int = 1
    had_s: float = 0.0
    done: int = 0
    first_s: float = 0.0  # when it had its first picture

    def task(self) -> Task:
        return Task(self.session, 1, self.stage, Params(), self.steps, received=0.0)

    @property
    def picture_s(self) -> float:
        return self.call_s * (self.steps + 2)


def client(stage: Stage, *, model: str, steps: int = 1, call_s: float, room: int = 1) -> Client:
    info = replace(Echo.info, id=model)
    session = Session(info, Params, {}, FakeSink(), notify=lambda session: None)
    return Client(session, stage, steps, call_s, group=1, room=room)


def run(clients: list[Client], seconds: float, *, flat: bool = False) -> float:
    """Serve them for so long; return when it ended. A ``flat`` call costs no more with more."""
    clock = FakeClock()
    line = Scheduler(clock=clock, patience_s=PATIENCE_S)
    of: dict[Task, Client] = {}
    for each in clients:
        task = each.task()
        of[task] = each
        line.add(task)
    while clock.now < seconds:
        batch = line.next()
        costs = [of[task].call_s for task in batch]
        took = max(costs) if flat else sum(costs)
        clock.advance(took)
        line.charge(batch, took)
        for task in batch:
            each = of[task]
            each.had_s += took / len(batch)
            following = _after(task, each)
            if following is None:
                del of[task]
                line.discard(task)
                each.done += 1
                each.first_s = each.first_s or clock.now
                following = each.task()
                of[following] = each
            line.add(following)
    return clock.now


def _after(task: Task, of: Client) -> Task | None:
    """Move a task to its next phase; None when its picture is done."""
    if task.phase is Phase.EMIT:
        return None
    if task.progress is None:
        task.progress = Progress(Job("any", task.steps), of.group, 0, task.steps, room=of.room)
        task.phase = Phase.STEP
        return task
    task.progress = replace(task.progress, step=task.progress.step + 1)
    if task.progress.done:
        task.phase = Phase.EMIT
    return task


COSTS = st.lists(
    st.tuples(st.integers(1, 4), st.floats(0.05, 2.0)), min_size=2, max_size=6
)  # steps, s of a call


FEW = settings(max_examples=30, deadline=None)


@FEW
@given(COSTS, st.sampled_from([Stage.DRAFT, Stage.FINAL]))
def test_sessions_share_the_engine_however_much_each_asks_for(
    kinds: list[tuple[int, float]], stage: Stage
) -> None:
    clients = [
        client(stage, model=f"model {n}", steps=steps, call_s=call_s)
        for n, (steps, call_s) in enumerate(kinds)
    ]
    end = run(clients, 60)
    largest = max(c.picture_s if stage is Stage.DRAFT else c.call_s for c in clients)
    for each in clients:
        # Of Parekh and Gallager, theorem 1: one job less than with a share of its own, and as
        # much again here, where the cost of a job is known only once it has been done.
        assert each.had_s >= end / len(clients) - 2 * largest - each.picture_s - 1e-6


@FEW
@given(COSTS, COSTS)
def test_neither_drafts_nor_refines_starve(
    drafts: list[tuple[int, float]], refines: list[tuple[int, float]]
) -> None:
    kinds = [(Stage.DRAFT, *kind) for kind in drafts] + [(Stage.FINAL, *kind) for kind in refines]
    clients = [
        client(stage, model=f"model {n}", steps=steps, call_s=call_s)
        for n, (stage, steps, call_s) in enumerate(kinds)
    ]
    end = run(clients, 200)
    had = {stage: sum(c.had_s for c in clients if c.stage is stage) for stage in Stage}
    longest = max(each.call_s for each in clients)
    assert had[Stage.DRAFT] >= end / 2 - longest - 1e-6, "drafts keep half of the engine"
    assert all(each.done for each in clients if each.stage is Stage.DRAFT)
    assert all(each.had_s for each in clients), "each refine gets on"


@FEW
@given(st.integers(1, 15), st.floats(0.01, 4.0), st.booleans())
def test_drafts_beside_a_crowd_take_no_more_than_two_shares(
    crowd: int, call_s: float, refining: bool
) -> None:
    """The crowd's pictures cost as much as is wanted; a share is its size times an own draft."""
    stage = Stage.FINAL if refining else Stage.DRAFT
    others = [client(stage, model="large", call_s=call_s) for _ in range(crowd)]
    own = client(Stage.DRAFT, model="small", call_s=0.05)
    end = run([*others, own], 60 + 6 * crowd * others[0].picture_s)
    begun_s = 2 * call_s if refining else 0.0  # is not taken back: a call, and one before drafts
    assert own.done > 2
    known = end - own.first_s  # what the first costs, nobody can know
    assert known / (own.done - 1) <= 2 * (crowd + 1) * own.picture_s + begun_s + 1e-6


@FEW
@given(st.integers(2, 8), st.floats(0.01, 0.1))
def test_a_call_of_refines_stays_short_and_uses_the_batch(refines: int, call_s: float) -> None:
    together = [client(Stage.FINAL, model="m", call_s=call_s, room=8) for _ in range(refines)]
    end = run(together, 60, flat=True)
    assert call_s <= REFINE_CALL_S
    assert sum(each.done for each in together) * (call_s * 3) > 1.5 * end, "they share calls"
