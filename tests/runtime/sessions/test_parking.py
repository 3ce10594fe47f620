"""Sessions whose connection broke: kept for a while, found by their token, never too many."""

import pytest

from livedraft.errors import SessionUnknown
from livedraft.runtime.models.echo import Echo, EchoParams
from livedraft.runtime.sessions.parking import Parking
from livedraft.runtime.sessions.session import Session
from livedraft.runtime.testing import FakeClock, FakeSink


def session() -> Session:
    return Session(Echo.info, EchoParams, {}, FakeSink(), notify=lambda session: None)


def test_a_token_resumes_once() -> None:
    parking = Parking(60, 8, clock=FakeClock())
    live = session()
    parking.park(live)
    assert live.sink is None
    assert parking.resume(live.resume_token) is live
    with pytest.raises(SessionUnknown):
        parking.resume(live.resume_token)


def test_time_runs_out() -> None:
    clock = FakeClock()
    parking = Parking(60, 8, clock=clock)
    live = session()
    parking.park(live)
    clock.advance(60)
    with pytest.raises(SessionUnknown):
        parking.resume(live.resume_token)
    assert live.closed


def test_the_oldest_makes_room() -> None:
    parking = Parking(60, 2, clock=FakeClock())
    lives = [session() for _ in range(3)]
    for live in lives:
        parking.park(live)
    assert [live.closed for live in lives] == [True, False, False]
    assert len(parking) == 2


def test_a_closed_session_is_not_kept() -> None:
    parking = Parking(60, 2, clock=FakeClock())
    live = session()
    live.close()
    parking.park(live)
    assert len(parking) == 0
