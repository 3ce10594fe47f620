"""Speech that waits to be heard: samples in order, bounded, with the words that lie on them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

RATE = 24_000  # Hz
MOST_S = 120.0  # that wait; beyond it the oldest goes

Sound = NDArray[np.int16]  # (n,), mono at RATE

_LEAST = RATE  # samples of room that a line begins with


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a caption, and where it is heard: samples of a line since that began."""

    text: str
    at: int
    until: int


class Line:
    """A queue of samples, each known by its number since the line began, whatever was dropped."""

    def __init__(self, most_s: float = MOST_S) -> None:
        self._most = round(most_s * RATE)
        self._held = np.zeros(_LEAST, np.int16)
        self._from = 0  # in ``_held``, of the next sample
        self._to = 0
        self._words: deque[Word] = deque()
        self.next = 0  # number of the next sample to be heard
        self.ended = True  # nothing follows what waits, as far as who speaks has said

    def __len__(self) -> int:
        return self._to - self._from

    @property
    def end(self) -> int:
        """The number of the sample that would come next."""
        return self.next + len(self)

    @property
    def nbytes(self) -> int:
        """The bytes that it holds."""
        return self._held.nbytes

    def append(self, samples: Sound, words: Iterable[Word] = (), *, ended: bool = False) -> int:
        """Put speech at the end; return how many samples went at the front, as too many wait.

        ``words`` count from the first of these samples; ``ended`` says that nothing follows soon.
        """
        end = self.end
        self._words.extend(replace(w, at=end + w.at, until=end + w.until) for w in words)
        self.ended = ended
        count = len(samples)
        if self._to + count > len(self._held):
            self._make_room(count)
        self._held[self._to : self._to + count] = samples
        self._to += count
        beyond = max(0, len(self) - self._most)
        if beyond:
            self.take(beyond)
        return beyond

    def take(self, count: int) -> tuple[Sound, list[Word]]:
        """Return the next samples, fewer at the end, and the words that begin in them."""
        count = min(count, len(self))
        samples = self._held[self._from : self._from + count].copy()
        self._from += count
        self.next += count
        words = []
        while self._words and self._words[0].at < self.next:
            words.append(self._words.popleft())
        return samples, words

    def between(self, first: int, last: int) -> Sound:
        """Return the samples of these numbers, as far as they wait: a view, to be read at once."""
        begin = self._from + max(0, first - self.next)
        return self._held[begin : min(self._to, self._from + max(0, last - self.next))]

    def clear(self) -> None:
        """Drop all that waits; numbers go on."""
        self.next = self.end
        self._from = self._to = 0
        self._held = np.zeros(_LEAST, np.int16)
        self._words.clear()
        self.ended = True

    def _make_room(self, count: int) -> None:
        """Move what waits to the front, of twice as much room where it needs that."""
        waiting = self._held[self._from : self._to]
        room = _LEAST
        while room < 2 * len(waiting) + count:
            room *= 2
        held = self._held if room <= len(self._held) else np.zeros(room, np.int16)
        held[: len(waiting)] = waiting.copy()
        self._held, self._from, self._to = held, 0, len(waiting)
