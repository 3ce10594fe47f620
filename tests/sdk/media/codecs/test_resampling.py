"""Sound at another rate: sample for sample, however it is cut up, without drift."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sdk.media.codecs.films import tone

from livedraft.errors import InvalidMedia
from livedraft.media.chunks import SECOND, AudioChunk, microseconds
from livedraft.media.codecs.resampling import SLACK_US, Resampler

RATES = st.sampled_from([8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000])
TASKS = Path("/proc/self/task")
CUTS = st.lists(st.integers(0, 3_000), min_size=1, max_size=12)


def resampled(samples: Any, rate: int, to: int, cuts: list[int], channels: int = 1) -> Any:
    """Return all that comes of samples that are pushed in such pieces, and the rest."""
    resampler, at, made = Resampler(to, channels), 0, list[AudioChunk]()
    for cut in [*cuts, len(samples)]:
        part = samples[at : at + cut]
        made += resampler.push(AudioChunk(part, rate, microseconds(at, rate)))
        at += len(part)
    made += resampler.flush()
    for before, after in pairwise(made):
        assert abs(after.pts - before.end) <= 1
    return np.concatenate([chunk.samples for chunk in made] or [np.empty((0, channels), np.int16)])


@settings(deadline=None, max_examples=60)
@given(RATES, RATES, CUTS)
def test_there_are_as_many_samples_as_the_time_holds(rate: int, to: int, cuts: list[int]) -> None:
    samples = np.zeros((sum(cuts), 1), np.int16)
    assert len(resampled(samples, rate, to, cuts)) == (2 * len(samples) * to + rate) // (2 * rate)


@settings(deadline=None, max_examples=30)
@given(RATES, RATES, CUTS)
def test_how_it_is_cut_up_makes_no_difference(rate: int, to: int, cuts: list[int]) -> None:
    samples = tone(0.1, rate)
    whole, cut = resampled(samples, rate, to, []), resampled(samples, rate, to, cuts)
    assert len(whole) == len(cut)
    assert np.abs(whole.astype(int) - cut).max() <= 1


@settings(deadline=None, max_examples=30)
@given(RATES, RATES)
def test_a_tone_stays_the_tone_at_its_time(rate: int, to: int) -> None:
    made, meant = resampled(tone(0.2, rate), rate, to, []), tone(0.2, to)
    inner = slice(to // 50, -to // 50)  # where the filter has all it wants
    assert np.abs(made[inner].astype(int) - meant[inner]).max() < 160  # -40 dB


@pytest.mark.parametrize(("rate", "to"), [(44_100, 48_000), (48_000, 44_100), (44_100, 16_000)])
def test_there_is_no_drift_in_an_hour(rate: int, to: int) -> None:
    resampler, made, step = Resampler(to, 1), 0, 10 * rate
    silence = np.zeros((step, 1), np.int16)
    for number in range(360):
        for chunk in resampler.push(AudioChunk(silence, rate, number * 10 * SECOND)):
            assert chunk.pts == microseconds(made, to)
            made += len(chunk)
        assert 0 <= (number + 1) * 10 * to - made < to // 100  # no more than 10 ms wait
    assert made + sum(map(len, resampler.flush())) == 3_600 * to


def test_a_gap_stays_one_and_an_odd_microsecond_is_none() -> None:
    resampler = Resampler(16_000, 1)
    made = resampler.push(AudioChunk(tone(0.1), 48_000, 0))
    made += resampler.push(AudioChunk(tone(0.1), 48_000, 100_000 + SLACK_US))
    made += resampler.push(AudioChunk(tone(0.1), 48_000, 900_000))
    made += resampler.flush()
    late = [chunk for chunk in made if chunk.pts >= 900_000]
    assert late[0].pts == 900_000
    assert sum(map(len, late)) == 1_600
    assert sum(map(len, made)) == 4_800


def test_a_source_that_changes_begins_anew() -> None:
    resampler = Resampler(16_000, 1)
    made = resampler.push(AudioChunk(tone(0.1), 48_000, 0))
    made += resampler.push(AudioChunk(tone(0.1, 44_100, channels=2), 44_100, 100_000))
    made += resampler.flush()
    assert sum(map(len, made)) == 3_200
    assert made[-1].end == pytest.approx(200_000, abs=2)


def test_floats_become_whole_numbers_and_do_not_wrap() -> None:
    loud = np.array([[-2.0], [-1.0], [0.0], [0.5], [2.0]], np.float32)
    (chunk,) = Resampler(16_000, 1).push(AudioChunk(loud, 16_000, 7))
    assert chunk.samples[:, 0].tolist() == [-32_768, -32_768, 0, 16_384, 32_767]
    assert chunk.pts == 7


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 6, 7, 8])
def test_every_layout_becomes_mono_and_stereo(channels: int) -> None:
    samples = tone(0.1, channels=channels)
    for wanted in (1, 2):
        made = resampled(samples, 48_000, 16_000, [], wanted)
        assert made.shape == (1_600, wanted)
        assert np.abs(made).max() > 1_000


def test_nothing_gives_nothing() -> None:
    resampler = Resampler(16_000, 2)
    assert resampler.flush() == []
    assert resampler.push(AudioChunk(np.empty((0, 1), np.int16), 48_000, 5)) == []
    assert resampler.flush() == []


@pytest.mark.parametrize(("rate", "channels"), [(0, 1), (10**6, 1), (16_000, 0), (16_000, 9)])
def test_what_sound_does_not_have_is_refused(rate: int, channels: int) -> None:
    with pytest.raises(InvalidMedia) as refusal:
        Resampler(rate, channels)
    assert refusal.value.fix


@pytest.mark.skipif(not TASKS.is_dir(), reason="the system does not list a process's threads")
def test_it_works_on_its_callers_thread() -> None:
    many = [Resampler(16_000, 1) for _ in range(16)]
    before = len(list(TASKS.iterdir()))
    for each in many:
        each.push(AudioChunk(tone(0.1, 48_000), 48_000, 0))
    assert len(list(TASKS.iterdir())) - before < len(many), "none has threads of its own"


def test_what_is_no_number_is_silence_and_spoils_nothing_after_it() -> None:
    samples = np.zeros((44_100, 1), np.float32)
    samples[:100], samples[200:210], samples[10_000:] = np.nan, np.inf, 0.5
    made = Resampler(24_000, 1).push(AudioChunk(samples, 44_100, 0))
    pcm = np.concatenate([chunk.pcm[:, 0] for chunk in made])
    assert not pcm[:40].any()
    assert abs(int(pcm[-1]) - 16_384) < 4
