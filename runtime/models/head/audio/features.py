"""Log-mel spectra and their running normalisation, the same for a whole clip and for a stream."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE = 16_000  # Hz
ROW = 160  # samples, 10 ms
WINDOW = 400  # samples, 25 ms
LEAD = (WINDOW - ROW) // 2  # samples that a row's window reaches past both of its ends
BANDS = 40
LOWEST, HIGHEST = 60.0, 7600.0  # Hz
FLOOR = 1e-7  # of power, below which nothing is heard: about -70 dB of full scale

_FFT = 512
_EMPHASIS = 0.97
DECAY = 0.997  # a row: half of what was heard is forgotten in 2.3 s
PRIOR_ROWS, PRIOR = 20.0, -9.0  # what is taken for the mean before anything was heard
SCALE = 4.0
_SOUND_FROM, _SOUND_RANGE = -13.0, 4.0  # log power from which a row counts as speech

Rows = NDArray[np.float32]


def _mel_bank() -> Rows:
    """Return the triangles (257, 40) of O'Shaughnessy's mel scale."""
    low_mel, high_mel = (2595 * np.log10(1 + hertz / 700) for hertz in (LOWEST, HIGHEST))
    hertz = 700 * (10 ** (np.linspace(low_mel, high_mel, BANDS + 2) / 2595) - 1)
    corners = hertz * _FFT / RATE
    bins = np.arange(_FFT // 2 + 1)[:, None]
    low, peak, high = corners[:-2], corners[1:-1], corners[2:]
    rising = (bins - low) / np.maximum(peak - low, 1)
    falling = (high - bins) / np.maximum(high - peak, 1)
    return np.asarray(np.clip(np.minimum(rising, falling), 0, None), np.float32)


_BANK = _mel_bank()
_HANN = np.hanning(WINDOW).astype(np.float32)


class Spectra:
    """Turns samples into rows of log mel power, (m, 40), a row a 10 ms; any chunks, same rows.

    A row's window reaches `LEAD` samples past its end, so that its row comes 7.5 ms late.
    """

    def __init__(self) -> None:
        self._before = np.float32(0)
        self._waiting = np.zeros(LEAD, np.float32)

    def push(self, samples: NDArray[np.float32]) -> Rows:
        """Return the rows that are whole with samples (n,) of -1..1."""
        if not len(samples):
            return np.zeros((0, BANDS), np.float32)
        shifted = np.concatenate([[self._before], samples[:-1]]).astype(np.float32)
        self._before = samples[-1]
        waiting = np.concatenate([self._waiting, samples - np.float32(_EMPHASIS) * shifted])
        count = max(0, (len(waiting) - WINDOW) // ROW + 1)
        self._waiting = waiting[count * ROW :]
        if not count:
            return np.zeros((0, BANDS), np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(waiting, WINDOW)[: count * ROW : ROW]
        spectrum = np.fft.rfft(windows * _HANN, _FFT)
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32) @ _BANK
        return np.asarray(np.log(power + np.float32(FLOOR)), np.float32)


class Normalisation:
    """Takes the running mean of what was spoken so far off each row: what a microphone adds."""

    def __init__(self) -> None:
        self._sum = np.zeros(BANDS)
        self._weight = 0.0

    def push(self, rows: Rows) -> Rows:
        """Return rows (m, 40), each less the mean of it and of those before."""
        made = np.empty_like(rows)
        for index, weight in enumerate(loudness_weights(rows)):
            self._sum = DECAY * self._sum + weight * rows[index]
            self._weight = DECAY * self._weight + weight
            mean = (self._sum + PRIOR_ROWS * PRIOR) / (self._weight + PRIOR_ROWS)
            made[index] = (rows[index] - mean) / SCALE
        return made


def loudness_weights(rows: Rows) -> NDArray[np.float32]:
    """Return how much each row (..., 40) counts in the mean, .02..1: silence hardly."""
    level = rows.mean(-1)
    return np.asarray(np.clip((level - _SOUND_FROM) / _SOUND_RANGE, 0.02, 1), np.float32)
