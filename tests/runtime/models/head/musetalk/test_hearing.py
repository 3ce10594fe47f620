"""Streamed hearing: the same rows however sound comes, and no more asked than needed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from livedraft.runtime.models.head.musetalk.hearing import (
    NEEDED,
    RATE,
    ROW,
    ROW_US,
    Hearing,
    Rows,
    Samples,
    encoded,
)

WINDOW = 100  # rows, 2 s
FRAME_US = 40_000


class FakeWhisper:
    """Tells of each row how loud it is, by two layers of one number; counts what it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def encode(self, windows: Sequence[Samples]) -> list[Rows]:
        self.asked += len(windows)
        assert all(len(window) == WINDOW * ROW for window in windows)
        loud = [np.abs(window.reshape(WINDOW, ROW)).max(axis=1) for window in windows]
        return [np.stack([each, 2 * each], axis=1)[..., None] for each in loud]


def steps(seconds: float) -> Samples:
    """Return sound of which each row is as loud as its number says."""
    rows = int(seconds * RATE / ROW)
    return np.repeat(np.arange(1, rows + 1, dtype=np.float32) / np.float32(1000), ROW)


def rows_at(hearing: Hearing, whisper: FakeWhisper, time_us: int) -> list[int]:
    (found,) = encoded([hearing.at(time_us)], whisper.encode)
    assert found.shape == (NEEDED, 2, 1)
    np.testing.assert_allclose(found[:, 1], 2 * found[:, 0])
    return [round(1000 * float(value)) for value in found[:, 0, 0]]


def test_a_frame_is_painted_for_its_rows_and_four_on_either_side() -> None:
    hearing, whisper = Hearing(RATE, WINDOW), FakeWhisper()
    hearing.push(steps(1))
    assert rows_at(hearing, whisper, 10 * FRAME_US + FRAME_US // 2) == list(range(17, 27))


def test_before_and_after_all_is_silence() -> None:
    hearing, whisper = Hearing(RATE, WINDOW), FakeWhisper()
    hearing.push(steps(0.4))
    assert rows_at(hearing, whisper, FRAME_US // 2) == [0, 0, 0, 0, *range(1, 7)]
    assert rows_at(hearing, whisper, 9 * FRAME_US + FRAME_US // 2)[-4:] == [0, 0, 0, 0]


@pytest.mark.parametrize("piece", [1, 37, 640, 16_000])
def test_sound_of_any_pieces_is_heard_alike(piece: int) -> None:
    sound = steps(1)
    hearing, whisper = Hearing(RATE, WINDOW), FakeWhisper()
    for start in range(0, len(sound) // 4, piece):
        hearing.push(sound[start : min(start + piece, len(sound) // 4)])
    hearing.push(sound[len(sound) // 4 :])
    assert rows_at(hearing, whisper, 500_000) == list(range(21, 31))


def test_a_stream_knows_as_far_as_it_may_say() -> None:
    hearing, whisper, sound = Hearing(RATE, WINDOW), FakeWhisper(), steps(6)
    middle, shown = FRAME_US // 2, 0
    for start in range(0, len(sound), 640):
        hearing.push(sound[start : start + 640])
        while hearing.known_us >= middle:
            first = round(middle / ROW_US) - 4
            wanted = [max(0, row) for row in range(first, first + NEEDED)]
            assert rows_at(hearing, whisper, middle) == wanted
            middle += FRAME_US
            shown += 1
    heard_us = len(sound) * 1_000_000 // RATE
    assert heard_us - middle <= hearing.lookahead_us + FRAME_US
    assert shown > 140


def test_what_waits_is_asked_for_once_in_a_window() -> None:
    hearing, whisper = Hearing(RATE, WINDOW), FakeWhisper()
    hearing.push(steps(1.8))
    for frame in range(30):
        rows_at(hearing, whisper, frame * FRAME_US + FRAME_US // 2)
    assert whisper.asked == 1


def test_several_faces_ask_together() -> None:
    whisper = FakeWhisper()
    hearings = [Hearing(RATE, WINDOW) for _ in range(3)]
    for hearing in hearings:
        hearing.push(steps(1))
    batches: list[int] = []

    def encode(windows: Sequence[Samples]) -> list[Rows]:
        batches.append(len(windows))
        return whisper.encode(windows)

    encoded([hearing.at(500_000) for hearing in hearings], encode)
    assert batches == [3]


def test_it_holds_no_more_than_two_windows_of_an_hour() -> None:
    hearing, whisper = Hearing(RATE, WINDOW), FakeWhisper()
    piece = np.full(640, 0.1, np.float32)
    for frame in range(2000):
        hearing.push(piece)
        if hearing.known_us >= frame * FRAME_US - 200_000 and frame > 10:
            encoded([hearing.at((frame - 5) * FRAME_US)], whisper.encode)
    assert hearing.nbytes < 2 * WINDOW * ROW * 4


def test_it_begins_anew() -> None:
    hearing, whisper = Hearing(RATE, WINDOW), FakeWhisper()
    hearing.push(steps(1))
    rows_at(hearing, whisper, 500_000)
    hearing.reset()
    assert hearing.known_us == 0
    hearing.push(steps(1))
    assert rows_at(hearing, whisper, FRAME_US // 2) == [0, 0, 0, 0, *range(1, 7)]
