"""The meter: full marks for what is right, and it sees what is late, frozen or random."""

from __future__ import annotations

import numpy as np
import pytest
from training.head.evaluate.meter import FPS, Gaps, lag, score
from training.head.evaluate.reference import HZ, mouths, openness

# "ma pa ba", with a rest before and after: phones and their times, s.
SPOKEN = [
    ("SIL", 0.0, 0.5),
    *[
        (phone, 0.5 + 0.3 * at + begun, 0.5 + 0.3 * at + ended)
        for at in range(12)
        for phone, begun, ended in (("MPB"[at % 3], 0.0, 0.1), ("AA1", 0.1, 0.3))
    ],
    ("SIL", 4.1, 4.6),
]
SECONDS = 4.6


def gaps(late_s: float = 0.0) -> Gaps:
    """What would be seen of a face that does as the phones say, later by so much."""
    curve = openness(SPOKEN, int(SECONDS * HZ) + 1)
    middles = (np.arange(int(SECONDS * FPS)) + 0.5) / FPS - late_s
    return np.interp(middles, (np.arange(len(curve)) + 0.5) / HZ, curve) * 0.2 + 0.01


def test_a_mouth_that_does_as_the_phones_say_has_full_marks() -> None:
    found = score(gaps(), SPOKEN).figures()
    assert found["pbm"] == 12
    assert found["vowels"] == 12
    assert found["J"] == 1
    assert found["silence_closed"] == 1
    assert found["r"] > 0.97
    assert abs(found["lag_ms"]) < 5


@pytest.mark.parametrize("late_ms", [-120, -80, 40, 80, 160])
def test_it_sees_how_late_a_picture_is(late_ms: int) -> None:
    found = lag(gaps(late_ms / 1e3), openness(SPOKEN, int(SECONDS * HZ) + 1))[1]
    assert abs(1e3 * found - late_ms) < 6


def test_a_mouth_that_stays_as_it_is_gets_nothing() -> None:
    still = score(np.full(115, 0.05), SPOKEN).figures()
    assert still["J"] <= 0
    assert still["r"] == 0


def test_a_mouth_that_opens_by_chance_gets_next_to_nothing() -> None:
    chance = np.random.default_rng(5).uniform(0, 0.2, 115)
    found = score(chance, SPOKEN).figures()
    assert found["J"] < 0.6
    assert abs(found["r"]) < 0.3


def test_scores_of_several_clips_are_counted_together() -> None:
    both = score(gaps(), SPOKEN)
    both.add(score(gaps(0.15), SPOKEN))
    found = both.figures()
    assert found["pbm"] == 24
    assert 0 < found["J"] < 1
    assert 60 < found["lag_ms"] < 90


def test_the_mouths_of_phones_close_where_lips_must_meet() -> None:
    found = mouths(SPOKEN, int(SECONDS * HZ))
    for phone, start, end in SPOKEN:
        middle = round((start + end) / 2 * HZ)
        if phone == "AA1":
            assert found[middle, 0] > 0.5
        else:
            assert found[middle, 0] < 0.05
