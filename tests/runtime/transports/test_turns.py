"""Turns: who had least is next, large calls leave room, what nobody waits for is not done."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from livedraft.runtime.transports.turns import Flow, Turns

pytestmark = pytest.mark.anyio


class Shop:
    """Turns with calls that note their names; those of a held thread wait to be let go."""

    def __init__(self, threads: int) -> None:
        self.turns = Turns(threads, "test")
        self.done: list[str] = []
        self.asked: list[asyncio.Task[None]] = []
        self._doors: dict[str, threading.Event] = {}

    def ask(
        self, name: str, owner: str, flow: str = "", *, cost: float = 1, large: bool = False
    ) -> asyncio.Task[None]:
        door = self._doors.setdefault(name, threading.Event())
        if name != "held":
            door.set()

        def work() -> None:
            door.wait()
            self.done.append(name)

        running = self.turns.run(work, flow=Flow(owner, flow), cost=cost, large=large)
        task = asyncio.create_task(running)
        self.asked.append(task)
        return task

    def let_go(self) -> None:
        self._doors["held"].set()


@asynccontextmanager
async def shop(threads: int = 1) -> AsyncIterator[Shop]:
    opened = Shop(threads)
    held = opened.ask("held", "nobody")
    await asyncio.sleep(0)
    try:
        yield opened
        opened.let_go()
        await asyncio.gather(*opened.asked, return_exceptions=True)
        assert held.done()
    finally:
        opened.let_go()
        opened.turns.close()


async def test_a_newcomer_goes_before_what_others_have_piled_up() -> None:
    async with shop() as opened:
        for i in range(15):
            opened.ask(f"flood {i}", "6.6.6.6", f"session {i}", cost=100)
        await asyncio.sleep(0)
        opened.ask("draft 1", "10.0.0.1")
        opened.ask("draft 2", "10.0.0.1")
    assert opened.done.index("draft 1") <= 2
    assert opened.done.index("draft 2") <= 3
    assert len(opened.done) == 18


async def test_sessions_of_one_owner_take_turns_too() -> None:
    async with shop() as opened:
        for i in range(10):
            opened.ask(f"a {i}", "home", "a", cost=5)
        await asyncio.sleep(0)
        opened.ask("b", "home", "b", cost=5)
    assert opened.done.index("b") <= 2


async def test_owners_share_by_cost_not_by_calls() -> None:
    async with shop() as opened:
        for i in range(6):
            opened.ask(f"large {i}", "a", cost=10)
            opened.ask(f"small {i}", "b", cost=1)
    before = opened.done.index("large 1")
    assert sum(name.startswith("small") for name in opened.done[:before]) == 6


async def test_idling_saves_nothing_up() -> None:
    async with shop() as opened:
        for i in range(6):
            opened.ask(f"a {i}", "a", cost=1)
        await asyncio.sleep(0)
        for i in range(6):
            opened.ask(f"b {i}", "b", cost=1)
    firsts = [name[0] for name in opened.done[1:9]]
    assert abs(firsts.count("a") - firsts.count("b")) <= 2


async def test_large_calls_leave_a_thread_free() -> None:
    opened = Shop(threads=2)
    first = opened.ask("held", "a", large=True)
    second = opened.ask("large", "b", large=True)
    await asyncio.wait_for(opened.ask("small", "c"), 5)
    assert opened.done == ["small"]
    opened.let_go()
    await asyncio.gather(first, second)
    assert opened.done == ["small", "held", "large"]
    opened.turns.close()


async def test_what_nobody_waits_for_is_not_begun() -> None:
    async with shop() as opened:
        left = opened.ask("left", "a")
        await asyncio.sleep(0)
        left.cancel()
        await asyncio.gather(left, return_exceptions=True)
        opened.ask("stayed", "b")
    assert opened.done == ["held", "stayed"]


async def test_a_call_under_way_keeps_its_thread_when_its_caller_leaves() -> None:
    async with shop() as opened:
        opened.asked[0].cancel()
        opened.ask("next", "b")
        for _ in range(5):
            await asyncio.sleep(0)
        assert opened.done == []
    assert opened.done == ["held", "next"]


async def test_what_is_raised_goes_to_the_caller_and_the_next_is_served() -> None:
    turns = Turns(1, "test")
    with pytest.raises(ZeroDivisionError):
        await turns.run(lambda: 1 / 0, flow=Flow("", ""), cost=1)
    assert await turns.run(lambda: 7, flow=Flow("", ""), cost=1) == 7
    turns.close()


async def test_the_end_ends_those_who_wait() -> None:
    opened = Shop(threads=1)
    opened.ask("held", "a")
    waiting = opened.ask("waiting", "b")
    await asyncio.sleep(0)
    opened.let_go()
    opened.turns.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await opened.asked[0]


async def test_no_more_is_remembered_than_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("livedraft.runtime.transports.turns._MOST_KEPT", 50)
    async with shop() as opened:
        for i in range(300):
            task = opened.ask(f"{i}", f"owner {i}")
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.sleep(0)
        assert len(opened.turns._served) <= 53
