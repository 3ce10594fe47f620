"""What a live session sends, played: sound evenly, and the frame that belongs to what is heard.

A sound card asks for samples by its own clock, from a thread of its own; a screen asks for the
frame of the moment. Whoever takes a session's outputs puts them in.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from .chunks import SECOND, AudioChunk, Output, Still
from .clock import Wall
from .jitter import JitterBuffer, Played

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .chunks import Pixels

_MOST_FRAMES = 64  # that wait for their time; more are sound that stands still


class Playout:
    """Plays outputs: ``put`` them in, and ask for ``sound`` and ``frame``; from any threads.

    Sound of any rate is resampled to ``rate`` Hz and ``channels``; some of it is held back, so that
    what comes unevenly is heard evenly: at least ``least_us``. ``latency_us`` is how long a sample
    takes from being asked for to being heard: frames wait as long. Raises MissingExtraError
    without PyAV, and InvalidMedia for a rate or channels that sound does not have.
    """

    def __init__(
        self,
        rate: int,
        channels: int = 1,
        *,
        least_us: int = 40_000,
        latency_us: int = 0,
        wall: Wall = time.monotonic,
    ) -> None:
        from .codecs import Resampler

        self._resampler = Resampler(rate, channels)
        self._buffer = JitterBuffer(rate, channels, least_us=least_us)
        self._latency_us = latency_us
        self._wall = wall
        self._lock = threading.Lock()
        self._heard: int | None = None  # µs, of the media clock; None while no sound is heard
        self._waiting: deque[tuple[Pixels, int]] = deque()  # frames with their pts, ascending
        self._shown: Pixels | None = None

    @property
    def counts(self) -> Played:
        """What became of the sound so far, in samples of each channel."""
        return self._buffer.counts

    def put(self, output: Output) -> None:
        """Take the next output of a session; raise InvalidMedia for sound that is none."""
        with self._lock:
            if isinstance(output, Still):
                self._waiting.clear()
                self._shown = output.pixels
            elif isinstance(output, AudioChunk):
                for chunk in self._resampler.push(output):
                    self._buffer.push(chunk, self._wall())
            else:
                self._waiting.extend(output)
                while len(self._waiting) > _MOST_FRAMES:
                    self._shown, _ = self._waiting.popleft()

    def sound(self, count: int) -> NDArray[np.int16]:
        """Return the next samples, int16 (count, channels): silence where there is none."""
        with self._lock:
            chunk = self._buffer.pull(count)
            self._heard = chunk.end if self._buffer.playing else None
            return chunk.pcm

    def frame(self) -> Pixels | None:
        """Return the frame of what is heard now, of all that came without sound the newest.

        uint8 (H, W, 3 | 4); None before there is one.
        """
        with self._lock:
            due = None if self._heard is None else self._heard - self._latency_us
            while self._waiting and (due is None or self._waiting[0][1] <= due):
                self._shown, _ = self._waiting.popleft()
            if due is not None and self._waiting and self._waiting[0][1] > due + 2 * SECOND:
                self._shown, _ = self._waiting.popleft()  # of another clock, or after a break
            return self._shown
