"""Sound comes out evenly, and the frame that is shown is that of what is heard."""

from __future__ import annotations

import numpy as np
import pytest
from tests.sdk.media.codecs.films import plain

from livedraft.media.chunks import AudioChunk, Still, VideoChunk
from livedraft.media.playout import Playout

RATE = 16_000
PART = 320  # samples: 20 ms


class Wall:
    at = 0.0

    def __call__(self) -> float:
        return self.at


def sound(number: int) -> AudioChunk:
    return AudioChunk(np.full((PART, 1), 100 + number, np.int16), RATE, number * 20_000)


def frame(number: int) -> VideoChunk:
    return VideoChunk(plain((number, 0, 0))[None], number * 20_000, 20_000)


def shown(playout: Playout) -> int | None:
    pixels = playout.frame()
    return None if pixels is None else int(pixels[0, 0, 0])


@pytest.mark.parametrize(("latency_us", "behind"), [(0, 0), (40_000, 2)])
def test_the_frame_is_that_of_what_is_heard(latency_us: int, behind: int) -> None:
    wall = Wall()
    playout = Playout(RATE, latency_us=latency_us, wall=wall)
    assert shown(playout) is None
    for number in range(20):
        wall.at = number * 0.02
        playout.put(frame(number))
        playout.put(sound(number))
    for number in range(18):
        samples = playout.sound(PART)
        assert samples.tolist() == [[100 + number]] * PART
        late = number + 1 - behind  # the next begins as this one's last sample is over
        assert shown(playout) == (late if late >= 0 else None)
    assert playout.counts.concealed == 0


def test_frames_without_sound_are_shown_as_they_come() -> None:
    playout = Playout(RATE)
    for number in (3, 9):
        playout.put(frame(number))
        assert shown(playout) == number
    playout.put(Still(plain((77, 0, 0))))
    assert shown(playout) == 77
    assert not playout.sound(PART).any()
    playout.put(frame(10))
    assert shown(playout) == 10


def test_when_the_sound_ends_frames_go_on() -> None:
    playout = Playout(RATE, wall=Wall())
    for number in range(4):
        playout.put(sound(number))
    for _ in range(6):
        playout.sound(PART)
    playout.put(frame(200))
    assert shown(playout) == 200
    assert playout.counts.played == 4 * PART


def test_what_is_of_another_clock_holds_nothing_up_and_is_bounded() -> None:
    playout = Playout(RATE, wall=Wall())
    for number in range(10):
        playout.put(sound(number))
    playout.sound(PART)
    for number in range(200):
        playout.put(VideoChunk(plain((number, 0, 0))[None], 3_600_000_000 + number, 1))
    assert shown(playout) is not None


def test_sound_of_any_rate_is_played() -> None:
    playout = Playout(RATE, wall=Wall())
    for number in range(10):
        loud = np.full((960, 2), 500, np.int16)
        playout.put(AudioChunk(loud, 48_000, number * 20_000))
    heard = playout.sound(5 * PART)
    assert heard.shape == (5 * PART, 1)
    assert abs(int(heard[2 * PART, 0]) - 500) < 20
