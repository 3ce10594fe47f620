"""The media clock: when what is due, and how far two clocks run apart."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedraft.media.chunks import SECOND
from livedraft.media.clock import MediaClock, Skew


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


@pytest.mark.parametrize("ppm", [-200, -20, 0, 50, 300])
def test_the_skew_shows_through_jitter(ppm: float) -> None:
    wall, rng = Wall(), random.Random(ppm)
    skew = Skew(wall)
    for number in range(6_000):  # two minutes of 20 ms
        sent = number * 0.02
        wall.now = 1_000 + sent + rng.expovariate(50)  # 20 ms late on average
        skew.observe(round(sent * (1 + ppm / 1e6) * SECOND))
    assert skew.ppm == pytest.approx(ppm, abs=15)


def test_nothing_is_said_of_too_little() -> None:
    wall = Wall()
    skew = Skew(wall)
    assert skew.ppm == 0
    for number in range(5):
        wall.now += 1
        skew.observe(number * 2 * SECOND)
    assert skew.ppm == 0
