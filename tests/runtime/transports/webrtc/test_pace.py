"""The pace: bursts are spread, sound and picture go together, and lateness is forgotten."""

from __future__ import annotations

import numpy as np
from tests.doubles import FakeClock

from livedraft.media.chunks import SECOND, AudioChunk, VideoChunk
from livedraft.runtime.transports.webrtc.pace import Pace

TICK = 40_000  # µs
WHITE = np.full((1, 2, 2, 3), 255, np.uint8)


def picture(pts: int) -> VideoChunk:
    return VideoChunk(WHITE, pts, TICK)


def sound(pts: int) -> AudioChunk:
    return AudioChunk(np.zeros((640, 1), np.int16), 16_000, pts)


class Line:
    """A pace, and what it says at times of a media clock."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.pace = Pace(lambda: round(self.clock() * SECOND))

    def waits(self, at: int, *made: VideoChunk | AudioChunk) -> list[float]:
        """Return how long each waits that is made at a time, in ms."""
        self.clock.advance(at / SECOND - self.clock())
        for chunk in made:
            self.pace.made(chunk)
        return [round(1000 * self.pace.wait_s(chunk.pts)) for chunk in made]


def test_what_is_made_ahead_waits_for_its_time() -> None:
    line = Line()
    assert line.waits(0, *(sound(TICK * i) for i in range(4))) == [0, 40, 80, 120]
    assert line.waits(40_000, picture(TICK)) == [0]


def test_a_burst_that_is_late_is_spread_from_when_it_came() -> None:
    line = Line()
    film = VideoChunk(np.repeat(WHITE, 3, 0), 0, 3 * TICK)
    assert line.waits(500_000, film) == [0]
    assert [round(1000 * line.pace.wait_s(TICK * i)) for i in range(3)] == [0, 40, 80]


def test_pictures_alone_wait_for_nothing_that_was_late() -> None:
    line = Line()
    assert line.waits(900_000, picture(0)) == [0]
    assert line.waits(930_000, picture(920_000)) == [0]


def test_a_picture_beside_sound_waits_for_what_was_late_and_no_longer() -> None:
    line = Line()
    assert line.waits(300_000, sound(0), picture(0)) == [0, 0]
    assert line.waits(320_000, sound(TICK), picture(TICK)) == [20, 20]
    for at in range(8 * TICK, 3 * SECOND, TICK):
        line.waits(at, sound(at), picture(at))
    assert line.waits(3 * SECOND, sound(3 * SECOND), picture(3 * SECOND)) == [0, 0]


def test_sound_waits_for_no_picture_that_is_hopelessly_late() -> None:
    line = Line()
    line.pace.made(sound(0))
    assert line.waits(5 * SECOND, picture(0)) == [0]
    assert line.waits(5 * SECOND, sound(5 * SECOND)) == [0]
