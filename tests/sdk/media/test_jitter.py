"""The jitter buffer: what comes unevenly is played evenly, and all that is missing is counted."""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livedraft.errors import InvalidMedia
from livedraft.media.chunks import SECOND, AudioChunk
from livedraft.media.jitter import JitterBuffer

RATE = 16_000
PIECE = 320  # samples: 20 ms
STEP_US = 20_000


def piece(number: int, count: int = PIECE) -> AudioChunk:
    """Return a piece each sample of which tells its own place, above 0."""
    samples = (np.arange(number * PIECE, number * PIECE + count) % 30_000 + 1).astype(np.int16)
    return AudioChunk(samples[:, None], RATE, number * STEP_US)


def values(chunk: AudioChunk) -> Any:
    return chunk.samples[:, 0]


def expected(first: int, count: int) -> Any:
    return np.arange(first, first + count) % 30_000 + 1


def filled(least_us: int = 40_000, **how: Any) -> JitterBuffer:
    """Return one that plays: pieces 0 to 3 have come, and the first is out."""
    buffer = JitterBuffer(RATE, 1, least_us=least_us, **how)
    for number in range(4):
        buffer.push(piece(number), number * 0.02)
    assert np.array_equal(values(buffer.pull(PIECE)), expected(0, PIECE))
    return buffer


def test_it_is_silent_until_enough_waits() -> None:
    buffer = JitterBuffer(RATE, 1, least_us=60_000)
    for number in range(2):
        buffer.push(piece(number), number * 0.02)
        assert not values(buffer.pull(PIECE)).any()
    buffer.push(piece(2), 0.04)
    assert np.array_equal(values(buffer.pull(PIECE)), expected(0, PIECE))
    assert (buffer.counts.played, buffer.counts.concealed) == (PIECE, 0)


@settings(deadline=None)
@given(st.permutations(range(8)), st.sets(st.integers(4, 11)), st.lists(st.integers(1, 900)))
def test_each_sample_is_played_once_at_its_place(
    order: list[int], lost: set[int], counts: list[int]
) -> None:
    buffer = filled()
    for number in (4 + each for each in order):
        if number not in lost:
            buffer.push(piece(number), number * 0.02)
            buffer.push(piece(number), number * 0.02)  # twice
    heard = np.concatenate([values(buffer.pull(count)) for count in [*counts, 12 * PIECE]])
    for number in range(1, 12):
        part = heard[(number - 1) * PIECE : number * PIECE]
        if number not in lost:
            assert np.array_equal(part, expected(number * PIECE, PIECE))
    there = 12 * PIECE - PIECE * len(lost)
    assert buffer.counts.played == there
    assert buffer.counts.repeated == PIECE * (8 - len(lost))
    assert buffer.counts.late == buffer.counts.skipped == 0


PIECES = st.lists(st.tuples(st.integers(0, 4_000), st.integers(0, 900)), max_size=20)


@settings(deadline=None)
@given(PIECES, st.lists(st.integers(1, 700), max_size=20))
def test_every_sample_that_comes_is_accounted_for(
    pieces: list[tuple[int, int]], counts: list[int]
) -> None:
    buffer = JitterBuffer(RATE, 1, most_us=150_000)
    pushed = pulled = 0
    for turn in range(max(len(pieces), len(counts))):
        if turn < len(pieces):
            first, count = pieces[turn]
            samples = np.arange(first + 1, first + count + 1).astype(np.int16)
            pts = round(first * SECOND / RATE)
            buffer.push(AudioChunk(samples[:, None], RATE, pts), turn * 0.02)
            pushed += count
        if turn < len(counts):
            made = buffer.pull(counts[turn])
            assert len(made) == counts[turn]
            pulled += len(made)
        assert buffer.waiting <= 150_000
    before = buffer.counts.played
    while buffer.waiting or len(buffer.pull(100).samples.nonzero()[0]) > 0:
        buffer.pull(100)
    told = buffer.counts
    assert told.played + told.late + told.repeated + told.skipped == pushed
    assert before <= told.played


def test_a_gap_dies_away_and_is_counted() -> None:
    buffer = filled()
    buffer.push(piece(5), 0.1)  # 4 is lost
    buffer.pull(3 * PIECE)
    gap = values(buffer.pull(PIECE))
    assert gap[0] > 0
    assert gap[-1] < gap[0] / 5
    assert (np.diff(gap) <= 0).all()
    assert np.array_equal(values(buffer.pull(PIECE)), expected(5 * PIECE, PIECE))
    assert buffer.counts.concealed == PIECE


def test_what_comes_too_late_is_counted_and_not_played() -> None:
    buffer = filled()
    buffer.push(piece(5), 0.1)
    buffer.pull(3 * PIECE + PIECE // 2)  # half of the gap is concealed
    buffer.push(piece(4), 0.11)
    assert buffer.counts.late == PIECE // 2
    half = values(buffer.pull(PIECE // 2))
    assert np.array_equal(half, expected(4 * PIECE + PIECE // 2, PIECE // 2))
    buffer.push(piece(2), 0.12)
    assert buffer.counts.late == PIECE // 2 + PIECE


def test_after_a_pause_it_waits_for_enough_again() -> None:
    buffer = filled()
    buffer.pull(4 * PIECE)  # one more than there is
    buffer.push(piece(5), 0.2)
    assert not np.array_equal(values(buffer.pull(PIECE)), expected(5 * PIECE, PIECE))
    buffer.push(piece(6), 0.22)
    buffer.push(piece(7), 0.24)
    heard = values(buffer.pull(PIECE))
    while buffer.waiting:
        heard = values(buffer.pull(PIECE))
    assert heard[-1] == expected(8 * PIECE - 1, 1)[0]


def test_a_pause_of_the_speaker_is_not_waited_for_twice() -> None:
    buffer = filled()
    buffer.pull(4 * PIECE)  # one more than there is: it pauses
    for number in (500, 501, 502, 503):  # ten seconds later
        buffer.push(piece(number), number * 0.02)
    heard = [values(buffer.pull(PIECE)) for _ in range(60)]
    first = next(
        number for number, part in enumerate(heard) if part[-1] == expected(501 * PIECE - 1, 1)
    )
    assert first * STEP_US <= SECOND  # the most that is ever held back
    assert buffer.counts.concealed == 2 * PIECE  # before the pause, and at the end


@given(st.integers(1, 200), st.integers(1, 40))
def test_no_more_waits_than_may(pieces: int, most: int) -> None:
    most_us = most * STEP_US
    buffer = JitterBuffer(RATE, 1, least_us=STEP_US, most_us=most_us)
    for number in range(pieces):
        buffer.push(piece(number), 0)
        assert buffer.waiting <= most_us
    assert buffer.counts.skipped == PIECE * max(0, pieces - most)
    heard = values(buffer.pull(PIECE))
    assert np.array_equal(heard, expected(PIECE * max(0, pieces - most), PIECE))


def test_a_jump_ahead_in_time_is_bounded_too() -> None:
    buffer = filled(most_us=200_000)
    buffer.push(piece(100_000), 0.1)
    assert buffer.waiting <= 200_000
    heard = [values(buffer.pull(PIECE)) for _ in range(10)]
    assert np.array_equal(heard[-1], expected(100_000 * PIECE, PIECE))


def test_the_last_words_are_played_though_they_are_few() -> None:
    buffer = JitterBuffer(RATE, 1, least_us=100_000)
    buffer.push(piece(0), 0)
    heard = np.concatenate([values(buffer.pull(PIECE)) for _ in range(9)])
    assert np.array_equal(heard[heard > 0][:PIECE], expected(0, PIECE))
    assert buffer.counts.played == PIECE


@pytest.mark.parametrize("spread", [0.0, 0.03, 0.06])
def test_uneven_arrivals_are_given_more_time(spread: float) -> None:
    rng, buffer = random.Random(1), JitterBuffer(RATE, 1, least_us=40_000, most_us=SECOND)
    arrivals = sorted((n * 0.02 + rng.random() * spread, n) for n in range(1_000))
    clock = 0.0
    for at, number in arrivals:
        while clock + 0.02 <= at:
            clock += 0.02
            buffer.pull(PIECE)
        buffer.push(piece(number), at)
    assert buffer.target == pytest.approx(40_000 + 4 * spread / 3 * SECOND, rel=0.5)
    assert buffer.counts.concealed + buffer.counts.late < 0.05 * 1_000 * PIECE


@pytest.mark.parametrize(
    "chunk",
    [
        AudioChunk(np.zeros((9, 2), np.int16), RATE, 0),
        AudioChunk(np.zeros((9, 1), np.int16), 8_000, 0),
        AudioChunk(np.zeros((9, 1), np.float32), RATE, 0),
    ],
)
def test_sound_of_another_kind_is_refused(chunk: AudioChunk) -> None:
    with pytest.raises(InvalidMedia) as refusal:
        JitterBuffer(RATE, 1).push(chunk, 0)
    assert refusal.value.fix


@pytest.mark.parametrize("how", [{"least_us": 0}, {"least_us": 9, "most_us": 8}])
def test_bounds_that_bound_nothing_are_refused(how: Any) -> None:
    with pytest.raises(InvalidMedia):
        JitterBuffer(RATE, 1, **how)


def test_nothing_gives_silence() -> None:
    buffer = JitterBuffer(RATE, 2)
    assert buffer.pull(7).samples.shape == (7, 2)
    buffer.push(AudioChunk(np.empty((0, 2), np.int16), RATE, 0), 0)
    assert buffer.waiting == 0
