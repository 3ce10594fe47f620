"""The net hears a stream: in any chunks the same, on time, and whatever the sound is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from livedraft.runtime.models.head.audio import AudioEncoder
from livedraft.runtime.models.head.visemes import VISEMES

RATE = 16_000


def speech_like(seconds: float, seed: int = 0) -> NDArray[np.float32]:
    """Return a buzz whose loudness and colour change ten times a second."""
    rng = np.random.default_rng(seed)
    count = round(seconds * RATE)
    times = np.arange(count) / RATE
    buzz = np.zeros(count)
    for harmonic in range(1, 25):
        shares = np.repeat(rng.random(count // 1600 + 1), 1600)[:count]
        buzz += shares * np.sin(2 * np.pi * 130 * harmonic * times) / harmonic
    return (0.2 * buzz).astype(np.float32)


def heard(sound: NDArray[np.float32], *sizes: int, rate: int = RATE) -> NDArray[np.float32]:
    encoder, rows, start = AudioEncoder(rate), [], 0
    for size in [*sizes, len(sound)]:
        rows.append(encoder.push(sound[start : start + size]))
        start += size
    return np.concatenate(rows)


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(0, 4_000), max_size=20))
def test_chunks_change_nothing(sizes: list[int]) -> None:
    sound = speech_like(1.0)
    np.testing.assert_allclose(heard(sound, *sizes), heard(sound), atol=1e-4)


def test_single_samples_are_heard_as_well() -> None:
    sound = speech_like(0.2)
    np.testing.assert_allclose(heard(sound, *[1] * len(sound)), heard(sound), atol=1e-4)


def test_a_row_comes_when_it_says() -> None:
    encoder = AudioEncoder()
    assert encoder.lookahead_us <= 80_000
    late = encoder.lookahead_us * RATE // 1_000_000
    sound = speech_like(1.0)
    for row in range(20):  # row k ends with sample 160 * (k + 1)
        complete = 160 * (row + 1) + late
        encoder.reset()
        assert len(encoder.push(sound[: complete - 1])) == row
        assert len(encoder.push(sound[complete - 1 : complete])) == 1


@pytest.mark.parametrize("rate", [8_000, 24_000, 44_100, 48_000])
def test_other_rates_are_late_by_no_more_than_80_ms(rate: int) -> None:
    encoder = AudioEncoder(rate)
    assert encoder.lookahead_us <= 80_000
    rows = encoder.push(np.zeros(rate, np.float32))
    assert len(rows) == (1_000_000 - encoder.lookahead_us) // 10_000


def test_the_future_does_not_change_the_past() -> None:
    sound = speech_like(1.0)
    other = sound.copy()
    other[8_000:] = 0
    rows = (8_000 - 1_240) // 160
    np.testing.assert_allclose(heard(sound)[:rows], heard(other)[:rows], atol=1e-4)


def test_rows_are_probabilities_and_controls_within_their_limits() -> None:
    rows = heard(speech_like(2.0))
    assert rows.dtype == np.float32
    assert rows.shape[1] == 21
    np.testing.assert_allclose(rows[:, :15].sum(1), 1, atol=1e-4)
    assert rows[:, 16].min() >= -1
    assert np.delete(rows, 16, 1).min() >= 0
    assert rows.max() <= 1


def test_reset_begins_a_new_stream() -> None:
    encoder = AudioEncoder()
    encoder.push(speech_like(1.3, seed=1))
    encoder.reset()
    sound = speech_like(0.5)
    np.testing.assert_array_equal(encoder.push(sound), heard(sound))


@pytest.mark.parametrize("level", [0.0, 1e-5])
def test_silence_is_silent_for_a_minute(level: float) -> None:
    noise = np.random.default_rng(0).standard_normal(60 * RATE).astype(np.float32)
    rows = heard(noise * np.float32(level))
    assert (rows[:, :15].argmax(1) == VISEMES.index("sil")).mean() > 0.99
    assert rows[:, 15].mean() < 0.08


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
def test_what_is_no_sound_is_survived(bad: float) -> None:
    sound = speech_like(1.0)
    sound[3_000:3_100] = bad
    rows = heard(sound)
    assert np.isfinite(rows).all()
    sound[3_000:3_100] = np.clip(np.nan_to_num(bad, posinf=0, neginf=0), -1, 1)
    np.testing.assert_array_equal(rows, heard(sound))


def test_nothing_gives_nothing() -> None:
    assert AudioEncoder().push(np.zeros(0, np.float32)).shape == (0, 21)
