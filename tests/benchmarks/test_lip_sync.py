"""The meter of benchmarks: it finds speech in a film, and sees pictures that come later."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.lip_sync import Lines, apart_ms, found_in, shifts
from benchmarks.talking import RATE, Sound

SECONDS = 4.0


def speech() -> Sound:
    chance = np.random.default_rng(3)
    return (chance.normal(0, 4000, int(SECONDS * RATE))).astype(np.int16)


def curve(rate: float = 25.0, late_s: float = 0.0) -> Lines:
    """Return lips that open at irregular times, as frames of some rate show them."""
    chance = np.random.default_rng(4)
    changes, opens = np.arange(0, SECONDS, 0.12), chance.uniform(0, 0.2, 34)
    at = np.arange(int(SECONDS * rate)) / rate
    return Lines(at + late_s, np.interp(at, changes, opens[: len(changes)]))


def test_speech_is_found_where_it_begins() -> None:
    quiet = np.random.default_rng(5).normal(0, 0.01, 6 * RATE).astype(np.float32)
    wanted = speech()
    quiet[RATE : RATE + len(wanted)] += wanted / np.float32(32768)
    assert found_in(quiet, wanted) == pytest.approx(1.0, abs=1e-4)


def test_speech_that_is_not_heard_is_no_measure() -> None:
    noise = np.random.default_rng(6).normal(0, 0.1, 6 * RATE).astype(np.float32)
    with pytest.raises(ValueError, match="not heard"):
        found_in(noise, speech())


def test_speech_that_falters_is_followed_word_by_word() -> None:
    wanted = speech()
    whole = (wanted / 32768).astype(np.float32)
    rests = [np.zeros(round(seconds * RATE), np.float32) for seconds in (0.5, 0.09)]
    sound = np.concatenate([rests[0], whole[: 2 * RATE], rests[1], whole[2 * RATE :]])
    found = shifts(sound, wanted, np.array([0.8, 2.2, 2.9, 4.4]))
    assert found == pytest.approx([0.5, 0.5, 0.59, 0.59], abs=1e-4)


@pytest.mark.parametrize("late_ms", [-120, 0, 40, 80, 160])
def test_it_sees_how_much_later_pictures_are(late_ms: int) -> None:
    made = curve()
    found = apart_ms(made.later(late_ms / 1e3), made, SECONDS)
    assert found == pytest.approx(late_ms, abs=4)


def test_a_screen_of_another_rate_shows_the_same() -> None:
    film = curve()
    shown = np.arange(0, SECONDS, 1 / 60)  # a browser's, 60 times a second
    index = np.searchsorted(film.at, shown, side="right") - 1
    again = Lines(shown + 0.08, film.gaps[index])
    assert apart_ms(again, film, SECONDS) == pytest.approx(80 + 1000 / 120, abs=10)


def test_lips_of_another_speech_are_no_measure() -> None:
    made = curve()
    other = Lines(made.at, np.random.default_rng(7).uniform(0, 0.2, len(made.at)))
    with pytest.raises(ValueError, match="do not say"):
        apart_ms(other, made, SECONDS)
