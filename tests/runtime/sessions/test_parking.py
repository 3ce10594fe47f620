"""Sessions whose connection broke: kept for a while, found by their token, never too many."""

from typing import Any

import numpy as np
import pytest
from tests.doubles import FakeClock, FakeEngine, FakeSink

from livedraft.errors import SessionUnknown
from livedraft.runtime.models.echo import Echo, EchoParams
from livedraft.runtime.sessions.parking import Parking
from livedraft.runtime.sessions.runner import Runner
from livedraft.runtime.sessions.session import Session

MIB = 2**20


def session(owner: str = "", held_bytes: int = 0) -> Session:
    live = Session(Echo.info, EchoParams, {}, FakeSink(), notify=lambda _: None, owner=owner)
    live.pixels["sketch"] = np.zeros((1, held_bytes, 1), np.uint8)
    return live


def test_a_token_resumes_once() -> None:
    parking = Parking(60, 8, MIB, clock=FakeClock())
    live = session()
    parking.park(live)
    assert live.sink is None
    assert parking.resume(live.resume_token) is live
    with pytest.raises(SessionUnknown):
        parking.resume(live.resume_token)


def test_time_runs_out() -> None:
    clock = FakeClock()
    parking = Parking(60, 8, MIB, clock=clock)
    live = session()
    parking.park(live)
    clock.advance(60)
    with pytest.raises(SessionUnknown):
        parking.resume(live.resume_token)
    assert live.closed


def test_the_oldest_makes_room() -> None:
    parking = Parking(60, 2, MIB, clock=FakeClock())
    lives = [session() for _ in range(3)]
    for live in lives:
        parking.park(live)
    assert [live.closed for live in lives] == [True, False, False]
    assert len(parking) == 2


def test_a_closed_session_is_not_kept() -> None:
    parking = Parking(60, 2, MIB, clock=FakeClock())
    live = session()
    live.close()
    parking.park(live)
    assert len(parking) == 0


def test_who_opens_and_drops_sessions_takes_away_none_of_others() -> None:
    parking = Parking(60, 8, MIB, clock=FakeClock())
    others = [session(f"10.0.0.{i}") for i in range(4)]
    for live in others:
        parking.park(live)
    flood = [session("6.6.6.6") for _ in range(1000)]
    for live in flood:
        parking.park(live)
    assert [live.closed for live in others] == [False] * 4
    assert [live.closed for live in flood] == [True] * 996 + [False] * 4
    for live in others:
        assert parking.resume(live.resume_token) is live


def test_memory_is_bounded_and_who_takes_most_gives_it_back() -> None:
    parking = Parking(60, 100, 10 * MIB, clock=FakeClock())
    small = session("10.0.0.1", MIB)
    parking.park(small)
    large = [session("6.6.6.6", 3 * MIB) for _ in range(5)]
    for live in large:
        parking.park(live)
        assert parking.held_bytes <= 10 * MIB
    assert not small.closed
    assert [live.closed for live in large] == [True, True, False, False, False]


def test_pictures_that_were_not_decoded_yet_count_and_come_back() -> None:
    parking = Parking(60, 100, MIB, clock=FakeClock())
    live = session()
    live.input(1, {"sketch": bytes(500)}, {})
    parking.park(live)
    assert parking.held_bytes == 500
    assert parking.resume(live.resume_token).held_bytes == 500
    assert live.begin() == []
    live.attach(FakeSink())
    live.update(2, {"seed": 3})
    (task,) = live.begin()
    assert task.inputs == {"sketch": bytes(500)}


def test_a_state_that_has_left_its_device_counts() -> None:
    parking = Parking(60, 8, MIB, clock=FakeClock())
    lives = [session(owner) for owner in ("a", "a", "b")]
    for live in lives:
        parking.park(live)
    for live in lives:
        live.uses.drafting.cell.held_bytes = MIB // 2
        parking.weigh(live)
    assert [live.closed for live in lives] == [True, False, False], "of who has most, the oldest"
    assert parking.held_bytes == MIB
    parking.weigh(lives[0])  # gone meanwhile
    assert len(parking) == 2


@pytest.mark.anyio
async def test_a_runner_has_all_models_of_a_session_weighed() -> None:
    async def nothing(*_: object) -> Any:
        raise AssertionError("no picture is sent here")

    engine = FakeEngine()
    engine.footprint = 7
    runner = Runner([engine], nothing, clock=FakeClock())
    live = runner.open("echo", {}, FakeSink())
    weighed: list[Session] = []
    runner.suspend(live, weighed.append)
    await runner.released()
    assert weighed == [live]
    assert live.held_bytes == 7
