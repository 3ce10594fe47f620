"""A face lives: within bounds, without a leap, at the rates of people, for as long as one looks."""

from __future__ import annotations

import itertools
import pickle
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from livedraft.runtime.models.head.expression import Expression
from livedraft.runtime.models.head.life import Life, State

TICK_US = 40_000
STATES: tuple[State, ...] = ("idle", "listening", "speaking")
NAMES = ("blink", "brows", "gaze_x", "gaze_y", "yaw", "pitch", "roll", "shift_x", "shift_y")
MOST = np.array([1, 1, 1, 1, 0.15, 0.15, 0.06, 6, 6])
# A second: lids and eyes jump, a head goes 60° a second at most when it nods; px of 512.
FASTEST = np.array([20, 6, 40, 25, 0.5, 1.2, 0.2, 12, 14])


def numbers(shown: Expression) -> NDArray[np.float64]:
    return np.array(
        [shown.blink, shown.brows, *shown.gaze, shown.yaw, shown.pitch, shown.roll, *shown.shift]
    )


def lived(
    life: Life, state: State, seconds: float, start_us: int = 0, loudness: float = 0.0
) -> NDArray[np.float64]:
    """Return rows of what is shown, one a tick."""
    ticks = range(start_us, start_us + round(seconds * 1e6), TICK_US)
    return np.array([numbers(life.at(time, state, loudness)) for time in ticks])


def blinks(rows: NDArray[np.float64]) -> int:
    shut = rows[:, 0] > 0.5
    return int((shut[1:] & ~shut[:-1]).sum())


def test_every_part_of_an_expression_but_the_mouth_is_looked_at_here() -> None:
    told = [field.name for field in fields(Expression)]
    assert told == ["mouth", "blink", "brows", "gaze", "yaw", "pitch", "roll", "shift", "smile"]
    rest = Life(1).at(0, "idle", 0.0)
    assert not rest.mouth.any()
    assert rest.smile == 0, "a portrait's smile would part the lips of who is silent"


calls = st.lists(
    st.tuples(
        st.integers(1, 400), st.sampled_from(STATES), st.floats(0, 1) | st.sampled_from([0.0, 1.0])
    ),
    min_size=2,
    max_size=150,
)


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(-(2**70), 2**70),
    liveliness=st.floats(0, 1),
    start_us=st.integers(0, 10**13),
    calls=calls,
)
def test_it_stays_within_bounds_and_never_leaps(
    seed: int, liveliness: float, start_us: int, calls: list[tuple[int, State, float]]
) -> None:
    """Whatever is said, in whatever state, however frames fall: small steps of time are small."""
    life, time = Life(seed, liveliness), start_us
    before = numbers(life.at(time, "idle", 0.0))
    for passed_ms, state, loudness in calls:
        time += passed_ms * 1000
        now = numbers(life.at(time, state, loudness))
        assert np.isfinite(now).all()
        assert (np.abs(now) <= MOST).all(), NAMES[int(np.argmax(np.abs(now) / MOST))]
        speed = np.abs(now - before) / (passed_ms / 1000)
        assert (speed <= FASTEST).all(), NAMES[int(np.argmax(speed / FASTEST))]
        before = now


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**9), calls=calls)
def test_the_head_has_no_corners(seed: int, calls: list[tuple[int, State, float]]) -> None:
    """Looked at every 2 ms, the velocity of the head changes little from one to the next."""
    life, time, rows = Life(seed, 1.0), 0, []
    for passed_ms, state, loudness in calls[:40]:
        for _ in range(min(passed_ms, 100) // 2):
            rows.append(numbers(life.at(time, state, loudness))[4:])
            time += 2000
    if len(rows) > 2:
        velocity = np.diff(np.array(rows, np.float64), axis=0) / 0.002
        # rad/s (px/s) within 2 ms: what a hundred rad/s² bring about.
        assert np.abs(np.diff(velocity, axis=0)).max(0) == pytest.approx(np.zeros(5), abs=0.2), (
            "a jerk"
        )


def test_the_same_seed_lives_the_same_life() -> None:
    one, same, other = (lived(Life(seed), "idle", 20) for seed in (7, 7, 8))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_time_that_passed_unseen_makes_no_leap() -> None:
    life = Life(3, 1.0)
    before = lived(life, "speaking", 5, loudness=0.5)[-1]
    for late_us in (10 * 3_600_000_000, 0):  # the server stood still; a clock that begins anew
        now = numbers(life.at(late_us, "speaking", 0.5))
        assert (np.abs(now - before) <= FASTEST * 0.2 + 1e-9).all()
        before = now


@pytest.mark.parametrize(
    ("state", "fewest", "most"), [("idle", 13, 21), ("listening", 9, 16), ("speaking", 20, 31)]
)
def test_people_blink_that_often(state: State, fewest: int, most: int) -> None:
    minutes = [blinks(lived(Life(seed), state, 180)) / 3 for seed in range(5)]
    assert fewest <= np.mean(minutes) <= most
    gaps = _gaps(lived(Life(5), state, 900))
    assert gaps.min() >= 0.3, "no blink within another"
    assert gaps.std() > 0.4 * gaps.mean(), "no clockwork"
    assert gaps.max() < 40, "nobody stares"


def _gaps(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    shut = rows[:, 0] > 0.5
    return np.diff(np.nonzero(shut[1:] & ~shut[:-1])[0]) * TICK_US / 1e6


def test_lids_close_wholly_and_soon_open() -> None:
    rows = lived(Life(2), "idle", 300)
    for shut, run in itertools.groupby(rows[:, 0], lambda lids: lids > 0):
        if shut:
            lids = list(run)
            assert max(lids) > 0.9
            assert len(lids) <= 9  # 360 ms


def test_listeners_look_at_the_speaker_and_nod() -> None:
    there = {}
    for state in STATES:
        rows = np.concatenate([lived(Life(seed, 1.0), state, 120) for seed in range(4)])
        there[state] = float((np.abs(rows[:, 2:4]).max(1) < 0.12).mean())
    assert there["listening"] > 0.75
    assert 0.65 > there["speaking"] > 0.4
    assert there["listening"] > there["idle"] > 0.4
    nods = _dips(lived(Life(4, 1.0), "listening", 120)[:, 5])
    assert 8 <= nods <= 60


def _dips(pitch: NDArray[np.float64]) -> int:
    """Return how often a head goes down by .02 rad within .3 s."""
    down = pitch[7:] - pitch[:-7] > 0.02
    return int((down[1:] & ~down[:-1]).sum())


def test_heads_nod_with_loud_syllables() -> None:
    """Of two lives that differ in nothing else, the one whose voice beats goes down with it."""
    still, beats = Life(6, 1.0), Life(6, 1.0)
    after = []
    for tick in range(1500):
        stressed = tick % 25 < 4
        quiet = still.at(tick * TICK_US, "speaking", 0.3)
        loud = beats.at(tick * TICK_US, "speaking", 0.9 if stressed else 0.2)
        after.append((loud.pitch - quiet.pitch, loud.brows - quiet.brows))
    pitch, brows = np.array(after)[100:].reshape(-1, 25, 2).transpose(2, 0, 1)
    assert int(pitch.mean(0).argmax()) in range(2, 9)
    assert pitch.max(1).min() > 0.01, "a nod with each"
    lifted = brows.max(1)
    assert (lifted > 0.1).mean() < 0.9, "brows not with each"
    assert (lifted > 0.1).any()


def test_who_is_not_lively_still_blinks_and_breathes() -> None:
    calm, lively = (lived(Life(1, liveliness), "idle", 60) for liveliness in (0.0, 1.0))
    assert blinks(calm) > 5
    assert 0.5 < np.ptp(calm[:, 8]) < np.ptp(lively[:, 8])
    assert not calm[:, [4, 6, 7]].any()
    assert (np.ptp(lively[:, 4:8], axis=0) > [0.05, 0.02, 0.02, 2]).all()


def test_breath_goes_fifteen_times_a_minute() -> None:
    rows = lived(Life(1, 0.0), "idle", 240)
    up = rows[:, 8] < 0
    assert 11 <= (up[1:] & ~up[:-1]).sum() / 4 <= 18


def test_a_day_is_as_smooth_as_a_minute_and_needs_no_more() -> None:
    life = Life(9)
    kept = len(pickle.dumps(life))
    spread = lived(life, "idle", 120).std(0)
    for time in range(0, 86_400_000_000, 150_000_000):  # a day, seen now and then
        life.at(time, STATES[time % 3], 0.3)
    later = lived(life, "idle", 120, start_us=86_400_000_000)
    assert len(pickle.dumps(life)) < kept + 500
    assert (later.std(0) < 3 * spread + 1e-6).all()
    assert np.abs(later.mean(0)[4:7]).max() < 0.06, "no drift"


@pytest.mark.parametrize("loudness", [float("nan"), -3.0, 1e9, float("inf")])
def test_odd_loudness_does_no_harm(loudness: float) -> None:
    rows = lived(Life(1, 1.0), "speaking", 4, loudness=loudness)
    assert np.isfinite(rows).all()
    assert (np.abs(rows) <= MOST).all()
