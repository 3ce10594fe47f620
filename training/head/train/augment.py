"""Rooms, noise, microphones and throats, put onto log-mel rows: what is cheap to do anew each time.

Powers of sounds that know nothing of each other add up, so that noise and reverberation are sums
of powers; a microphone's response is a sum of logarithms.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from livedraft.runtime.models.head.audio.features import BANDS, FLOOR

Rows = NDArray[np.float32]

_PER_DB = np.log(10) / 10  # of log power
_WARPS = np.linspace(0.84, 1.2, 25)
_NARROW = 30  # the first band that a telephone at 8 kHz has not: 3.7 kHz


def _warp(by: float) -> Rows:
    """Return the matrix (40, 40) that moves formants, as a longer or shorter throat does."""
    source = np.clip(np.arange(BANDS) * by, 0, BANDS - 1)
    low = np.minimum(source.astype(int), BANDS - 2)
    share = source - low
    matrix = np.zeros((BANDS, BANDS), np.float32)
    matrix[low, np.arange(BANDS)] = 1 - share
    matrix[low + 1, np.arange(BANDS)] += share
    return matrix


_MATRICES = [_warp(by) for by in _WARPS]


def stretched(length: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the places (n,) at which rows of a clip are read, faster or slower than it is."""
    pace = rng.uniform(0.75, 1.3)
    return np.arange(0, length - 1, pace)


def augmented(rows: Rows, babble: Rows, rng: np.random.Generator) -> Rows:
    """Return log-mel rows (n, 40) as they are heard elsewhere; `babble` (n, 40) is others' talk."""
    if rng.random() < 0.7:
        rows = rows @ _MATRICES[rng.integers(len(_MATRICES))]
    rows = rows + _microphone(rng)
    if rng.random() < 0.35:
        rows = _room(rows, rng)
    if rng.random() < 0.65:
        rows = _noisy(rows, babble, rng)
    if rng.random() < 0.15:
        rows = rows.copy()
        rows[:, _NARROW:] = np.log(FLOOR) + rng.uniform(0, 3)
    rows = rows + rng.uniform(-25, 8) * _PER_DB  # how loud it arrives
    rows = np.logaddexp(rows, np.log(FLOOR)).astype(np.float32)
    if rng.random() < 0.3:
        _masked(rows, rng)
    return rows


def _microphone(rng: np.random.Generator) -> Rows:
    """Return a smooth response (40,), in log power."""
    bands = np.linspace(0, 1, BANDS)
    curve = rng.normal(0, 0.8) * (bands - 0.5) * 2
    for waves in (1, 2, 3):
        curve += rng.normal(0, 0.5 / waves) * np.cos(np.pi * (waves * bands + rng.uniform(0, 2)))
    if rng.random() < 0.15:  # a small loudspeaker
        curve -= np.clip((rng.uniform(4, 10) - np.arange(BANDS)) * 0.8, 0, 5)
    return curve.astype(np.float32)


def _room(rows: Rows, rng: np.random.Generator) -> Rows:
    """Return rows with a tail: power that decays exponentially."""
    decay = 10 ** (-6 / (rng.uniform(0.15, 0.9) * 100))  # a row, for 60 dB in so many seconds
    share = rng.uniform(0.02, 0.35) * (1 - decay)
    power = np.exp(rows)
    tail = lfilter([0, 0, share], [1, -decay], power, axis=0)
    return _single(np.log(power + tail + 1e-12))


def _noisy(rows: Rows, babble: Rows, rng: np.random.Generator) -> Rows:
    kind = rng.random()
    ratio = rng.uniform(0, 32) * _PER_DB
    if kind < 0.25:
        noise, ratio = babble, rng.uniform(8, 32) * _PER_DB
    else:
        # From a room's rumble to white noise, which rises by the bands' widths and the emphasis.
        tilt = rng.uniform(-0.08, 0.28) * np.arange(BANDS)
        noise = _single(
            tilt + 0.35 * rng.standard_normal(rows.shape)
        )  # a band's power is a chance's
        if kind < 0.5:  # music and machines: it comes and goes, by bands
            steps = int(rng.integers(8, 40))
            pulses = rng.standard_normal((len(rows) // steps + 2, BANDS))
            pulses = 0.5 * (pulses + np.roll(pulses, 1, 1))
            noise = _single(noise + 1.5 * np.repeat(pulses, steps, 0)[: len(rows)])
    speech = np.log(np.mean(np.exp(rows)))
    level = np.log(np.mean(np.exp(noise)))
    return _single(np.logaddexp(rows, noise - level + speech - ratio))


def _single(values: NDArray[np.float64] | Rows) -> Rows:
    return values.astype(np.float32)


def _masked(rows: Rows, rng: np.random.Generator) -> None:
    """Take bands or moments away, in place (Park et al., "SpecAugment", 2019)."""
    mean = rows.mean()
    first = rng.integers(BANDS - 6)
    rows[:, first : first + rng.integers(1, 6)] = mean
    for start in rng.integers(0, len(rows), 3):
        rows[start : start + rng.integers(1, 6)] = mean
