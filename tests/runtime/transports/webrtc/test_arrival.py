"""RTP's times on this machine's clock: they only grow, and none is in the future."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some
from tests.doubles import FakeClock

from livedraft.media.chunks import SECOND
from livedraft.runtime.transports.webrtc.incoming import Arrival

STEPS = some.lists(some.tuples(some.integers(0, 200), some.integers(1, 9_000)), max_size=60)


@given(STEPS, some.integers(0, 2**32 - 1))
def test_frames_are_placed_in_order_and_not_ahead_of_their_arrival(
    steps: list[tuple[int, int]], first: int
) -> None:
    clock, time, last = FakeClock(), first, -1
    arrival = Arrival(clock)
    for ms, ticks in [(0, 0), *steps]:
        clock.advance(ms / 1000)
        time = (time + ticks) % 2**32
        begins, lasted = arrival.place(time, 90_000)
        assert last <= begins <= round(clock() * SECOND)
        assert lasted > 0
        last = begins


def test_a_first_frame_that_was_late_does_not_put_the_others_ahead() -> None:
    clock = FakeClock()
    arrival = Arrival(clock)
    clock.advance(0.5)
    assert arrival.place(0, 90_000)[0] == 500_000
    clock.advance(0.01)  # the next 33 ms of the camera's time are there after 10
    assert arrival.place(3_000, 90_000) == (510_000, 33_333)
    clock.advance(0.04)
    assert arrival.place(6_000, 90_000) == (543_333, 33_333)
