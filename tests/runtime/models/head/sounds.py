"""Sounds that are made up."""

from __future__ import annotations

import numpy as np

from livedraft.runtime.models.head.line import RATE, Sound


def vowel(seconds: float) -> Sound:
    """A buzz with the formants of an open vowel: the net hears an "ah"."""
    time = np.arange(round(seconds * RATE)) / RATE
    wave = np.zeros(len(time))
    for harmonic in range(1, 40):
        hertz = 120 * harmonic
        gain = sum(1 / (1 + ((hertz - each) / 90) ** 2) for each in (730, 1090, 2440))
        wave += gain * np.sin(2 * np.pi * hertz * time)
    made: Sound = (12_000 * wave / np.abs(wave).max()).astype(np.int16)
    return made
