"""The mouth at a time: lips meet where they must, rest in silence, and never jump."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from livedraft.runtime.models.head.audio import MouthTrack
from livedraft.runtime.models.head.visemes import CONTROLS, POSES, VISEMES

OPEN, TUCK, PRESS = (CONTROLS.index(name) for name in ("open", "tuck", "press"))


def said(*visemes: str, certain: float = 0.9) -> NDArray[np.float32]:
    """Return rows (n, 21), a viseme a row of 10 ms."""
    indices = [VISEMES.index(name) for name in visemes]
    rows = np.full((len(indices), 15), (1 - certain) / 14, np.float32)
    rows[np.arange(len(indices)), indices] = certain
    return np.concatenate([rows, POSES[indices]], 1)


def track(rows: NDArray[np.float32]) -> MouthTrack:
    made = MouthTrack()
    made.push(rows)
    return made


def test_before_and_after_what_is_known_lips_are_closed() -> None:
    vowel = track(said(*["aa"] * 20))
    assert vowel.at(-100_000)[OPEN] == 0
    assert vowel.at(1_000_000)[OPEN] == 0
    assert vowel.at(100_000)[OPEN] > 0.8
    assert MouthTrack().at(0)[OPEN] == 0


def test_a_closure_of_two_rows_closes_whichever_frame_shows_it() -> None:
    for start in range(10, 14):  # a frame lasts four rows
        rows = said(*["aa"] * start, "PP", "PP", *["aa"] * 12)
        lips = track(rows)
        gaps = [lips.at((frame + 0.5) * 40_000)[OPEN] for frame in range(6)]
        middle = lips.at((start + 1) * 10_000)
        assert middle[OPEN] < 0.02
        assert middle[PRESS] > 0.95
        assert min(gaps) < 0.5


def test_a_closure_that_is_only_suspected_still_closes() -> None:
    rows = said(*["aa"] * 10, "PP", "PP", "PP", *["aa"] * 10, certain=0.31)
    assert track(rows).at(115_000)[OPEN] < 0.05


def test_the_lip_goes_under_the_teeth_at_f() -> None:
    mouth = track(said(*["aa"] * 10, *["FF"] * 4, *["aa"] * 10)).at(120_000)
    assert mouth[TUCK] > 0.9
    assert mouth[OPEN] < 0.2


def test_silence_closes_whatever_the_controls_say() -> None:
    rows = said(*["sil"] * 20, certain=0.95)
    rows[:, 15 + OPEN] = 0.5
    assert track(rows).at(100_000)[OPEN] < 0.01


def test_doubt_between_two_mouths_does_not_flutter() -> None:
    steady = said(*["E"] * 40)
    steady[::2, 15 + OPEN] += 0.1
    steady[1::2, 15 + OPEN] -= 0.1
    lips = track(steady)
    gaps = np.array([lips.at(time)[OPEN] for time in range(50_000, 350_000, 2_500)])
    assert np.ptp(gaps) < 0.02


@given(sizes=st.lists(st.integers(0, 30), max_size=10), time=st.integers(0, 900_000))
def test_rows_in_any_chunks_make_the_same_mouth(sizes: list[int], time: int) -> None:
    names = np.random.default_rng(0).choice(VISEMES, 100)
    rows = said(*names)
    chunked, start = MouthTrack(), 0
    for size in [*sizes, 100]:
        chunked.push(rows[start : start + size])
        start += size
    np.testing.assert_array_equal(chunked.at(time), track(rows).at(time))


@given(time=st.integers(0, 480_000))
def test_what_is_known_is_final(time: int) -> None:
    rows = said(*np.random.default_rng(1).choice(VISEMES, 60))
    early = track(rows[:50])
    if time <= early.known_us:
        np.testing.assert_array_equal(early.at(time), track(rows).at(time))


def test_an_hour_keeps_ten_seconds() -> None:
    lips = MouthTrack()
    for _ in range(3600):
        lips.push(said(*["aa"] * 100))
    assert lips.known_us == 3_600_000_000 - lips.REACH_US
    assert lips.at(3_599_500_000)[OPEN] > 0.8
    assert lips.at(3_580_000_000)[OPEN] == 0  # forgotten


def test_visemes_have_names() -> None:
    lips = track(said(*["aa"] * 10, *["PP"] * 10))
    assert lips.viseme_at(50_000) == "aa"
    assert lips.viseme_at(150_000) == "PP"
    assert lips.viseme_at(500_000) == "sil"
