"""What goes up on tracks, and when it says that it sounds or is shown."""

from typing import Any

import numpy as np
import pytest
from tests.sdk.client.tracks import ANY_SOUND, CAMERA, MICROPHONE, RATE
from tests.sdk.media.codecs.films import plain, tone

from livedraft.client.lines import Piece
from livedraft.client.uplink import Uplink
from livedraft.media.chunks import SECOND, AudioChunk, VideoChunk


class Wall:
    """A fake clock that stands until it is set."""

    now = 50.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def up(wall: Wall) -> Uplink:
    made = Uplink(wall)
    made.opened([CAMERA, MICROPHONE, ANY_SOUND])
    return made


def times(up: Uplink, value: Any, name: str = "") -> list[int]:
    track = up.track(value, name)
    assert track is not None
    return [piece.pts for piece in up.pieces(track, value)]


def test_arrays_of_sound_follow_on_each_other(up: Uplink, wall: Wall) -> None:
    sound = tone(0.02, RATE)
    assert [times(up, each)[0] for each in (sound, sound[:, 0], sound.astype(np.float32))] == [
        0,
        20_000,
        40_000,
    ]
    wall.now += 0.3  # late, as a busy machine is
    assert times(up, sound) == [60_000]


def test_after_a_pause_sound_is_that_of_now_as_frames_are(up: Uplink, wall: Wall) -> None:
    times(up, tone(0.02, RATE))
    wall.now += 3
    assert times(up, tone(0.02, RATE)) == [3 * SECOND]
    wall.now += 0.1
    assert times(up, plain((0, 0, 0)), "camera") == [3 * SECOND + 100_000]


def test_times_of_a_track_only_grow(up: Uplink, wall: Wall) -> None:
    frame = plain((0, 0, 0))
    late = VideoChunk(frame[None], 9_000, 40_000)
    assert times(up, late) == [9_000]
    assert times(up, late) == [9_001]
    assert times(up, frame, "camera") == [9_002]
    assert times(up, np.stack([frame, frame])[0], "camera") == [9_003]


def test_frames_of_a_chunk_go_one_by_one_at_their_times(up: Uplink) -> None:
    chunk = VideoChunk(np.stack([plain((0, 0, 0))] * 3), 10, 100_000)
    track = up.track(chunk)
    assert track is not None
    pieces = up.pieces(track, chunk)
    assert [piece.pts for piece in pieces] == [10, 33_343, 66_676]
    assert sum(piece.duration for piece in pieces) == 100_000


def test_times_go_on_over_another_connection(up: Uplink) -> None:
    times(up, tone(0.02, RATE))
    up.opened([CAMERA, MICROPHONE])
    assert times(up, tone(0.02, RATE)) == [20_000]


def test_sound_of_any_rate_goes_as_it_is(up: Uplink) -> None:
    chunk = AudioChunk(tone(0.1, 44_100, channels=2), 44_100, 7)
    (piece,) = up.pieces(ANY_SOUND, chunk)
    assert isinstance(piece, Piece)
    assert (piece.rate, piece.channels, piece.pts, piece.duration) == (44_100, 2, 7, 100_000)
    assert piece.data == chunk.samples.astype("<i2").tobytes()
