"""The pace of moving pictures: smaller frames at once where a frame's way takes too long."""

from __future__ import annotations

import pytest
from tests.runtime.engine.stability.showing import FRAME, Shown, moved

from livedraft.runtime.engine.stability.governor import SIZES, Governor


def test_a_busy_machine_gets_smaller_frames_at_once_and_larger_ones_slowly() -> None:
    session = Shown()
    frames = [moved(n % 40) for n in range(200)]
    for frame in frames[:9]:
        session.show(frame, took=0.06)
    session.show(frames[9])
    assert session.model.saw[-1] == (224, 128), "nine frames are enough"
    for frame in frames[10:20]:
        session.show(frame, took=0.5)
    assert session.model.saw[-1] == (128, 72), "at once, and no smaller than half"
    for frame in frames[20:50]:
        assert session.show(frame, took=0.012).shape == FRAME.shape
    assert session.model.saw[-1] == (128, 72), "not yet"
    for frame in frames[50:80]:
        session.show(frame, took=0.012)
    assert session.model.saw[-1] == (160, 88)


def per_second(session: Shown, rest: float, frames: int = 60) -> float:
    """Return how many frames a second are shown of a camera that makes thirty.

    Each takes 45 ms in the model, at its full size, and ``rest`` before and after it.
    """
    began, last = session.now, 0.0
    for number in range(frames):
        if number == frames // 2:
            last = session.now
        session.pts = max(session.pts, int(session.now * 30) * 33_333)
        session.show(moved(7 * (number % 20)), took=0.045)
        session.now += rest
        session.now = max(session.now, session.pts / 1_000_000)  # the next is not there before
    assert session.now > began
    return (frames - frames // 2) / (session.now - last)


def test_a_frame_s_whole_way_is_kept_to_fifteen_a_second() -> None:
    session = Shown()
    session.by_size = True
    assert per_second(session, 0.045) >= 15
    assert 0.5 * 256 <= session.model.saw[-1][0] < 256
    alone = Shown()
    alone.by_size = True
    assert per_second(alone, 0.0) >= 15
    assert alone.model.saw[-1] == (256, 144), "the model by itself is in time"


def test_the_whole_way_of_frames_counts_where_a_camera_is_faster_alone() -> None:
    governor = Governor()
    for _ in range(30):
        governor.took(0.045)
    assert governor.scale == 1.0
    for _ in range(9):
        governor.took(0.045, 0.03)
    assert governor.scale < 1.0, "what the model takes is not all"
    slow = Governor()
    for _ in range(60):
        slow.took(0.045, 0.5)
    assert slow.scale == 1.0, "no smaller frame makes up for that"


def test_one_late_frame_is_no_load() -> None:
    governor = Governor()
    for n in range(60):
        governor.took(2.0 if n % 7 == 3 else 0.03)
    assert governor.scale == SIZES[0]


@pytest.mark.parametrize("honest", [True, False])
def test_a_slow_camera_is_no_load(honest: bool) -> None:
    """A webcam in the dark gives ten frames a second: nothing is late, and nothing gets smaller."""
    session = Shown()
    session.by_size = True
    for number in range(60):
        session.pts = number * 100_000
        session.now = max(session.now, session.pts / 1_000_000)
        lasts = 100_000 if honest else 33_333
        session.show(moved(7 * (number % 20)), took=0.03, lasts=lasts)
    assert (session.model.saw[-1] == (256, 144)) == honest, "of the other it is not to be told"
