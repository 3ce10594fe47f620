"""A session's media clock starts with its first use, goes on, and lays nothing over another."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.doubles import FakeClock

from livedraft.media.chunks import AudioChunk, Still
from livedraft.runtime.sessions.timeline import Timeline


def sound(pts: int, ms: int) -> AudioChunk:
    """Return silence of so many ms."""
    return AudioChunk(np.zeros((16 * ms, 1), np.int16), 16_000, pts)


def test_the_clock_starts_when_it_is_first_asked() -> None:
    clock = FakeClock()
    timeline = Timeline(clock)
    clock.now = 5.0
    assert timeline.now == 0
    clock.now = 5.25
    assert timeline.now == 250_000


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(1, 100)), min_size=1))
def test_outputs_lie_one_after_the_other_and_never_in_the_past(
    turns: list[tuple[int, int]],
) -> None:
    clock = FakeClock()
    timeline, end = Timeline(clock), 0
    for wait_ms, long_ms in turns:
        clock.now += wait_ms / 1000
        at = timeline.at
        assert at >= end
        assert at >= timeline.now
        assert at in (end, timeline.now), "no later than it must be"
        chunk = sound(at, long_ms)
        timeline.put_out(chunk)
        end = chunk.end


def test_a_still_takes_no_time() -> None:
    timeline = Timeline(FakeClock())
    timeline.put_out(sound(timeline.at, 40))
    timeline.put_out(Still(np.zeros((8, 8, 3), np.uint8)))
    assert timeline.at == 40_000


@given(
    first=st.integers(-(10**12), 10**12),
    later=st.lists(st.integers(0, 10**9), max_size=20),
)
def test_what_a_client_times_keeps_its_distances_here(first: int, later: list[int]) -> None:
    clock = FakeClock()
    timeline = Timeline(clock)
    assert timeline.now == 0
    clock.now += 2.0
    assert timeline.place(first) == 2_000_000, "its first word came now"
    for behind in later:
        assert timeline.place(first + behind) == 2_000_000 + behind
    assert timeline.place(first - 3_000_000) == 0, "nothing lies before the clock's start"


def test_a_new_connection_has_a_clock_of_its_own() -> None:
    clock = FakeClock()
    timeline = Timeline(clock)
    assert timeline.place(7_000_000) == 0
    clock.now += 1.0
    timeline.forget_client()
    assert timeline.place(90) == 1_000_000
