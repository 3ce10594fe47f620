"""The line of speech: samples in order, bounded, their numbers never wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedraft.runtime.models.head.line import RATE, Line, Word


def numbered(first: int, count: int) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return (np.arange(first, first + count) % 30_000).astype(np.int16)


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 5000)), max_size=30))
def test_samples_leave_as_they_came(turns: list[tuple[int, int]]) -> None:
    line, came, left = Line(), 0, 0
    for more, fewer in turns:
        line.append(numbered(came, more))
        came += more
        samples, _ = line.take(fewer)
        np.testing.assert_array_equal(samples, numbered(left, len(samples)))
        left += len(samples)
        assert (line.next, line.end, len(line)) == (left, came, came - left)
        np.testing.assert_array_equal(line.between(left, left + 9), line.between(0, left + 9))


def test_the_oldest_goes_where_too_much_waits() -> None:
    line = Line(most_s=1.0)
    assert line.append(numbered(0, RATE)) == 0
    assert line.append(numbered(RATE, 10)) == 10
    samples, _ = line.take(2)
    np.testing.assert_array_equal(samples, numbered(10, 2))
    assert line.next == 12


def test_a_minute_at_once_and_a_hundred_thousand_single_samples_hold_what_they_are() -> None:
    line = Line()
    line.append(numbered(0, 60 * RATE))
    for number in range(100_000):
        line.append(numbered(60 * RATE + number, 1))
    assert len(line) == 60 * RATE + 100_000
    assert line.nbytes < 4 * 2 * len(line)
    samples, _ = line.take(len(line))
    np.testing.assert_array_equal(samples[-5:], numbered(60 * RATE + 99_995, 5))


def test_words_come_with_the_samples_that_they_begin_in() -> None:
    line = Line()
    line.append(numbered(0, 100))
    line.append(numbered(100, 100), [Word("one", 0, 50), Word("two", 60, 90)])
    assert line.take(100)[1] == []
    assert line.take(1)[1] == [Word("one", 100, 150)]
    assert line.take(59)[1] == []
    assert line.take(40)[1] == [Word("two", 160, 190)]


def test_nothing_is_left_of_what_is_cleared() -> None:
    line = Line()
    line.append(numbered(0, 50 * RATE), [Word("one", 0, 50)])
    line.clear()
    assert (len(line), line.next) == (0, 50 * RATE)
    assert line.nbytes < 100_000
    line.append(numbered(7, 10))
    samples, words = line.take(10)
    np.testing.assert_array_equal(samples, numbered(7, 10))
    assert words == []


@pytest.mark.parametrize("ended", [True, False])
def test_it_knows_whether_more_is_to_come(ended: bool) -> None:
    line = Line()
    line.append(numbered(0, 10), ended=ended)
    assert line.ended is ended
