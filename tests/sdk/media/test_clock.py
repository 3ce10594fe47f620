"""The media clock: when what is due."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedraft.media.chunks import SECOND
from livedraft.media.clock import MediaClock


class Wall:
    """A fake clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_it_stands_until_the_first_output_starts_it() -> None:
    wall = Wall()
    clock = MediaClock(wall)
    wall.now += 5
    assert (clock.started, clock.now(), clock.due(0)) == (False, 0, 1_005)
    clock.start()
    wall.now += 0.25
    assert (clock.started, clock.now()) == (True, 250_000)
    clock.start(7_000_000)  # it runs already
    assert clock.now() == 250_000


@given(st.integers(0, 10**11), st.integers(0, 10**11), st.floats(0, 1e5))
def test_a_pts_is_now_when_it_is_due(start: int, pts: int, passed: float) -> None:
    wall = Wall()
    clock = MediaClock(wall)
    clock.start(start)
    assert clock.now() == pytest.approx(start, abs=1)
    wall.now += passed
    assert clock.late(pts) == pytest.approx(start + passed * SECOND - pts, abs=50)
    wall.now = clock.due(pts)
    assert clock.now() == pytest.approx(pts, abs=50)
