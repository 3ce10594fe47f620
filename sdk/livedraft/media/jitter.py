"""A jitter buffer of sound: what comes unevenly, twice or out of order is played evenly.

Reads go by the play-out's clock, so many samples at a time, whatever has come; what has not come
by then is concealed and counted.
"""

from __future__ import annotations

import math
from bisect import insort
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from livedraft.errors import InvalidMedia

from .chunks import RATES, SECOND, AudioChunk, microseconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FADE_S = 0.01  # in which the last sound before a gap dies away
_WEIGHT = 1 / 16  # of the newest measure of jitter, as RFC 3550, 6.4.1 has it
_SPREADS = 4  # of jitter that are held back: 98 % of what comes evenly spread comes in time


@dataclass(slots=True)
class Played:
    """What became of the sound, in samples of each channel."""

    played: int = 0
    concealed: int = 0  # gaps that were filled, once playing had begun
    late: int = 0  # came after its time
    repeated: int = 0  # came twice
    skipped: int = 0  # dropped since too much waited


class JitterBuffer:
    """Holds int16 sound of one rate until it is due.

    Playing begins, and begins anew after a pause, when ``target`` µs wait, or some have waited so
    long: at least ``least_us``, more where pieces come less evenly. No more than ``most_us`` wait:
    beyond, the oldest goes. Times of arrival are s of any clock that is never set back.
    """

    def __init__(
        self, rate: int, channels: int, *, least_us: int = 40_000, most_us: int = SECOND
    ) -> None:
        if rate not in RATES or channels < 1 or not 0 < least_us <= most_us:
            raise InvalidMedia(
                f"a buffer of {least_us} to {most_us} µs at {rate} Hz",
                fix="let the least be above 0 and no more than the most",
            )
        self.counts = Played()
        self._rate = rate
        self._channels = channels
        self._least_us = least_us
        self._most_us = most_us
        self._waiting: list[tuple[int, NDArray[np.int16]]] = []  # first sample's number, ascending
        self._next = 0  # number of the sample that is played next, since pts 0
        self._begun = False  # whether a sound was ever played
        self._playing = False
        self._held = 0  # samples that were asked for while some waited, before playing
        self._jitter_s = 0.0
        self._transit_s: float | None = None  # of the newest piece: arrival less pts
        self._tail = np.zeros((1, channels), np.int16)  # the last sample played

    @property
    def target(self) -> int:
        """How much is to wait before it is played, µs."""
        wanted = round(self._least_us + _SPREADS * self._jitter_s * SECOND)
        return min(wanted, self._most_us)

    @property
    def playing(self) -> bool:
        """Whether sound comes out; silence while it fills up again."""
        return self._playing

    @property
    def waiting(self) -> int:
        """How much lies here, µs, its gaps among it."""
        if not self._waiting:
            return 0
        first = self._next if self._playing else self._waiting[0][0]
        last, samples = self._waiting[-1]
        return microseconds(max(0, last + len(samples) - first), self._rate)

    def push(self, chunk: AudioChunk, now: float) -> None:
        """Take a chunk that came at ``now``, s; raise InvalidMedia for one of another kind."""
        if (chunk.rate, chunk.channels) != (self._rate, self._channels):
            raise InvalidMedia(
                f"sound of {chunk.rate} Hz in {chunk.channels} channels",
                fix=f"resample it to {self._rate} Hz in {self._channels} channels",
            )
        if chunk.samples.dtype != np.int16:
            raise InvalidMedia("sound that is no int16", fix="convert it with a Resampler")
        self._learn(chunk.pts, now)
        first = round(chunk.pts * self._rate / SECOND)
        for start, samples in self._new(first, chunk.samples.astype(np.int16, copy=False)):
            insort(self._waiting, (start, samples), key=lambda held: held[0])
        self._bound()

    def pull(self, count: int) -> AudioChunk:
        """Return the next ``count`` samples, and what is missing of them concealed."""
        if not self._playing and self._waiting:
            held_us = microseconds(self._held, self._rate)
            self._playing = max(self.waiting, held_us) >= self.target
            self._held = 0 if self._playing else self._held + count
            if self._playing:  # the time up to it has passed in silence
                self._next = max(self._next, self._waiting[0][0])
                self._begun = True
        made = np.zeros((count, self._channels), np.int16)
        pts = microseconds(self._next, self._rate)
        if not self._playing:
            return AudioChunk(made, self._rate, pts)
        at = 0
        while at < count and self._waiting:
            start, samples = self._waiting[0]
            gap = min(start - self._next, count - at)
            if gap > 0:
                at += self._conceal(made[at : at + gap])
                continue
            part = samples[: count - at]
            made[at : at + len(part)] = part
            self._tail = part[-1:]
            self.counts.played += len(part)
            self._next += len(part)
            at += len(part)
            if len(part) < len(samples):
                self._waiting[0] = (start + len(part), samples[len(part) :])
            else:
                self._waiting.pop(0)
        if at < count:
            self._conceal(made[at:])
            self._playing = False  # until enough waits again
        return AudioChunk(made, self._rate, pts)

    def _conceal(self, gap: NDArray[np.int16]) -> int:
        """Let the last sound die away over a gap; return its length."""
        fade = np.exp(-np.arange(1, len(gap) + 1) / (_FADE_S * self._rate))[:, np.newaxis]
        gap[:] = (self._tail * fade).astype(np.int16)
        self._tail = gap[-1:].copy()
        self.counts.concealed += len(gap)
        self._next += len(gap)
        return len(gap)

    def _new(self, first: int, samples: NDArray[np.int16]) -> list[tuple[int, NDArray[np.int16]]]:
        """Return what of a piece is neither too late nor here already, and count the rest."""
        if self._begun and first < self._next:
            late = min(self._next - first, len(samples))
            self.counts.late += late
            first, samples = first + late, samples[late:]
        made: list[tuple[int, NDArray[np.int16]]] = []
        for start, held in self._waiting:
            before = max(0, min(start - first, len(samples)))
            if before:
                made.append((first, samples[:before]))
            shared = max(0, min(start + len(held) - first, len(samples)) - before)
            self.counts.repeated += shared if start < first + len(samples) else 0
            cut = before + shared if start + len(held) > first else 0
            first, samples = first + cut, samples[cut:]
            if not len(samples):
                return made
        if len(samples):
            made.append((first, samples))
        return made

    def _bound(self) -> None:
        """Drop the oldest until no more waits than may."""
        while self.waiting > self._most_us:
            start, samples = self._waiting[0]
            over = math.ceil((self.waiting - self._most_us) * self._rate / SECOND)
            gap = max(0, start - self._next) if self._playing else 0
            if gap:
                self._next += min(gap, over)
                continue
            cut = min(over, len(samples))
            self.counts.skipped += cut
            if cut < len(samples):
                self._waiting[0] = (start + cut, samples[cut:])
            else:
                self._waiting.pop(0)
            if self._begun:
                self._next = max(self._next, start + cut)

    def _learn(self, pts: int, now: float) -> None:
        transit = now - pts / SECOND
        if self._transit_s is not None:
            self._jitter_s += (abs(transit - self._transit_s) - self._jitter_s) * _WEIGHT
        self._transit_s = transit
