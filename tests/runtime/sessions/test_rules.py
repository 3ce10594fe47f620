"""The rules seen from outside: at every boundary, whatever sessions say and whenever."""

import asyncio
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.doubles import FakeClock, FakeEngine, FakeSink
from tests.runtime.sessions.hopping import serving, turned

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.sessions.runner import Runner
from livedraft.runtime.sessions.session import Session

CALL_S = 0.5
WORDS = st.sampled_from(["update", "update", "refine", "cancel", "turn", "turn", "turn"])
SAID = st.lists(st.tuples(st.integers(0, 3), WORDS), min_size=15, max_size=50)
STEPS = st.lists(st.integers(1, 6), min_size=4, max_size=4)


@dataclass(eq=False)
class User:
    """Somebody with a session. Each of its words has a seed of its own, so that calls are told."""

    session: Session
    sink: FakeSink
    dead: set[int] = field(default_factory=set)  # refines that it wants no more
    refine: int = -1  # its last one
    last: int = -1  # what must come out at last


class House:
    """A manual engine, four users, and what may be said of each call as it begins."""

    def __init__(self, runner: Runner, engine: FakeEngine, steps: list[int]) -> None:
        self.engine = engine
        self.users: list[User] = []
        for each in steps:
            sink = FakeSink()
            self.users.append(User(runner.open("echo", {"steps": each}, sink), sink))
        self.refines: set[int] = set()
        self._id = 0
        self._begun = 0

    async def say(self, who: int, word: str) -> None:
        if word == "turn":
            await self.turn()
            return
        user = self.users[who]
        self._id += 1
        user.dead.add(user.refine)
        if word == "cancel":
            user.session.cancel()
            user.last = -1
        elif word == "refine":
            user.session.refine(self._id, {"seed": self._id})
            user.refine = user.last = self._id
            self.refines.add(self._id)
        else:
            user.session.update(self._id, {"seed": self._id})
            user.last = self._id
        await turned()
        self.judge(drafts_wait=False)

    async def turn(self) -> None:
        """Let the call that is running end, if there is one, and see which comes after it."""
        if not self.engine.inside:
            return
        phase, seeds = self.engine.calls[-1]
        waiting = [
            user.session.draft
            for user in self.users
            if user.session.draft is not None
            and not (phase == "emit" and user.session.draft.id in seeds)
        ]
        self.engine.let_through(1)
        await turned()
        self.judge(drafts_wait=bool(waiting))

    def judge(self, *, drafts_wait: bool) -> None:
        """See that what has begun since may have."""
        dead = set().union(*(user.dead for user in self.users))
        for number, (_, seeds) in enumerate(self.engine.calls[self._begun :]):
            assert not dead & {*seeds}, "what is given up begins no call"
            kinds = {seed in self.refines for seed in seeds}
            assert len(kinds) == 1, "drafts and refines share no call"
            if drafts_wait and number == 0:
                assert kinds == {False}, "a draft goes before all refines"
        self._begun = len(self.engine.calls)


@settings(max_examples=60)
@given(SAID, STEPS)
def test_the_rules_hold_at_every_boundary(said: list[tuple[int, str]], steps: list[int]) -> None:
    async def play() -> None:
        clock = FakeClock()
        engine = FakeEngine(manual=True, clock=clock, call_s=CALL_S)
        async with serving(engine, FakeClock()) as runner:  # so that no refine waits too long
            house = House(runner, engine, steps)
            for who, word in said:
                await house.say(who, word)
            while runner.under_way:
                await house.turn()
            for user in house.users:
                _accounts_are_exact(user, engine)
                assert user.sink.failures == []
                if user.last >= 0:
                    assert user.sink.results[-1].id == user.last, "the last word is answered"

    asyncio.run(play())


def _accounts_are_exact(user: User, engine: FakeEngine) -> None:
    """See that each output says the model's time in the calls that made it, and no other's."""
    for id in {result.id for result in user.sink.results}:
        calls = [verb for verb, seeds in engine.calls if id in seeds]
        emits = [number for number, verb in enumerate(calls, start=1) if verb == "emit"]
        shown = [result for result in user.sink.results if result.id == id]
        for result, number in zip(shown, emits, strict=False):  # a refine may end at a preview
            assert result.model_s == CALL_S * number
            assert calls[:number].count("step") == result.step
        for result in shown[:-1]:
            assert result.stage is Stage.PREVIEW
            assert result.step % Echo.info.preview_every == 0
