"""Sound of any rate arrives at 16 kHz, whatever the chunks that it comes in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from livedraft.runtime.models.head.audio.resampling import Resampler

RATES = [8_000, 11_025, 22_050, 24_000, 44_100, 48_000, 96_000]


def tone(hertz: float, rate: int, seconds: float = 0.5) -> NDArray[np.float32]:
    times = np.arange(round(rate * seconds)) / rate
    return (0.5 * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


@pytest.mark.parametrize("rate", RATES)
def test_a_tone_stays_what_and_where_it_is(rate: int) -> None:
    made = Resampler(rate).push(tone(440, rate))
    expected = tone(440, 16_000)[: len(made)]
    assert len(made) / 16_000 == pytest.approx(0.5, abs=0.005)
    np.testing.assert_allclose(made[400:-400], expected[400:-400], atol=2e-3)


@pytest.mark.parametrize("rate", [24_000, 44_100, 48_000])
def test_what_16_khz_cannot_carry_is_taken_away(rate: int) -> None:
    made = Resampler(rate).push(tone(10_500, rate))
    assert np.abs(made[400:-400]).max() < 5e-3


@given(
    rate=st.sampled_from([8_000, 24_000, 44_100]),
    sizes=st.lists(st.integers(1, 700), min_size=1, max_size=12),
)
def test_chunks_change_nothing(rate: int, sizes: list[int]) -> None:
    sound = tone(300, rate, 0.1)
    whole = Resampler(rate).push(sound)
    parts, chunked, start = [], Resampler(rate), 0
    for size in [*sizes, len(sound)]:
        parts.append(chunked.push(sound[start : start + size]))
        start += size
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-5)


def test_it_is_late_by_what_it_says() -> None:
    for rate in RATES:
        resampler = Resampler(rate)
        given_samples = 2_000
        made = resampler.push(np.zeros(given_samples, np.float32))
        behind = given_samples / rate - len(made) / 16_000
        assert behind == pytest.approx(resampler.delay, abs=2 / 16_000)
        assert resampler.delay < 0.0025


@pytest.mark.parametrize("rate", [0, 4_000, 400_000])
def test_a_rate_that_no_speech_has_is_refused(rate: int) -> None:
    with pytest.raises(ValueError, match="8,000 to 192,000 Hz"):
        Resampler(rate)
