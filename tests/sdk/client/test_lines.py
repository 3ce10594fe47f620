"""Pieces of media that wait: the newest of a camera, two seconds of a microphone."""

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedraft.client.lines import MOST_US, Lines, Piece
from livedraft.media.chunks import SECOND
from livedraft.protocol.messages import Track

CAMERA = cast(Track, {"name": "camera", "policy": "latest", "max_s": 0.0})
MICROPHONE = cast(Track, {"name": "microphone", "policy": "append", "max_s": 2.0})
ENDLESS = cast(Track, {"name": "endless", "policy": "append", "max_s": 0.0})


def piece(track: Track, number: int, duration: int = 100_000) -> Piece:
    return Piece(track["name"], number, duration, "pcm-s16", b"")


def drained(lines: Lines) -> list[tuple[str, int]]:
    taken = [lines.take() for _ in range(len(lines))]
    return [(each.track, each.pts) for each in taken]


def test_of_frames_that_wait_the_newest_goes() -> None:
    lines = Lines()
    for number in range(5):
        lines.put(piece(CAMERA, number), CAMERA)
        lines.put(piece(MICROPHONE, number), MICROPHONE)
    assert drained(lines) == [
        *(("microphone", n) for n in range(4)),
        ("camera", 4),
        ("microphone", 4),
    ]
    assert lines.dropped == {"camera": 400_000}


@given(st.lists(st.integers(1, 900_000), max_size=40))
def test_sound_waits_no_longer_than_it_may_and_what_goes_is_counted(lengths: list[int]) -> None:
    lines = Lines()
    for number, length in enumerate(lengths):
        lines.put(piece(MICROPHONE, number, length), MICROPHONE)
    left = drained(lines)
    assert [pts for _, pts in left] == list(range(len(lengths)))[len(lengths) - len(left) :]
    waiting = sum(lengths[pts] for _, pts in left)
    assert waiting <= 2 * SECOND
    assert waiting + lines.dropped.get("microphone", 0) == sum(lengths)


@pytest.mark.parametrize("track", [MICROPHONE, CAMERA])
def test_one_piece_waits_however_long_it_is(track: Track) -> None:
    lines = Lines()
    lines.put(piece(track, 1), track)
    lines.put(piece(track, 2, 9 * SECOND), track)
    assert drained(lines) == [(track["name"], 2)]


def test_a_track_without_a_bound_has_one_all_the_same() -> None:
    lines = Lines()
    for number in range(70):
        lines.put(piece(ENDLESS, number, SECOND), ENDLESS)
    assert len(lines) == MOST_US // SECOND


def test_what_is_taken_makes_room() -> None:
    lines: Any = Lines()
    for number in range(100):
        lines.put(piece(MICROPHONE, number, SECOND), MICROPHONE)
        lines.take()
    assert lines.dropped == {}
    with pytest.raises(IndexError):
        lines.take()
