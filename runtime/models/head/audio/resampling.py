"""Any rate to 16 kHz, in a stream: a polyphase filter, of which every output is exact."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from .features import RATE

_LOBES = 12  # of the sinc, a side
_KAISER = 7.0
_LOWEST, _HIGHEST = 8_000, 192_000  # Hz


class Resampler:
    """Sound of one rate, given in any chunks, at 16 kHz; samples come `delay` s late."""

    def __init__(self, rate: int) -> None:
        if not _LOWEST <= rate <= _HIGHEST:
            raise ValueError(f"{rate} Hz: give sound of {_LOWEST:,} to {_HIGHEST:,} Hz")
        ratio = Fraction(RATE, rate)
        self._up, self._down = ratio.numerator, ratio.denominator
        if self._up == self._down:
            self._filter = np.ones((1, 1), np.float32)
            self._reach = 0
        else:
            self._filter, self._reach = _phases(self._up, self._down)
        self.delay = self._reach / rate
        self.reset()

    def reset(self) -> None:
        """Begin another stream."""
        self._waiting = np.zeros(self._reach, np.float32)
        self._begins = -self._reach  # the index, in the stream, of what waits first
        self._made = 0

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what is known with samples (n,)."""
        if self._up == self._down:
            return samples
        waiting = np.concatenate([self._waiting, samples])
        end = self._begins + len(waiting)
        # Output j stands at input j * down / up, and needs `reach` inputs on both sides.
        known = (end - 1 - self._reach) * self._up // self._down + 1
        outputs = np.arange(self._made, max(self._made, known))
        centres = outputs * self._down // self._up
        phases = outputs * self._down % self._up
        starts = centres - self._reach - self._begins
        taps = starts[:, None] + np.arange(2 * self._reach + 2)
        # The last tap of a phase 0 is 0, and may lie beyond what is there.
        given = waiting[np.minimum(taps, len(waiting) - 1)] if len(outputs) else taps
        made: NDArray[np.float32] = np.einsum("nt,nt->n", given, self._filter[phases])
        self._made += len(outputs)
        kept = self._made * self._down // self._up - self._reach - self._begins
        self._waiting = waiting[max(0, kept) :]
        self._begins += max(0, kept)
        return made


def _phases(up: int, down: int) -> tuple[NDArray[np.float32], int]:
    """Return a Kaiser-windowed sinc, a row a phase (up, 2 * reach + 2), and its reach in inputs."""
    cutoff = min(1.0, up / down)  # of the input's Nyquist frequency
    reach = int(np.ceil(_LOBES / cutoff))
    offsets = np.arange(-reach, reach + 2)[None] - np.arange(up)[:, None] / up
    window = np.i0(_KAISER * np.sqrt(np.clip(1 - (offsets / (reach + 1)) ** 2, 0, None)))
    taps = np.sinc(offsets * cutoff) * window
    return (taps / taps.sum(1, keepdims=True)).astype(np.float32), reach
