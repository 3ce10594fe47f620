"""Sound to what the UNet hears of it: Whisper's hidden states, 50 rows a second, streamed.

A frame is painted for ten rows, its own two and four on either side (Zhang et al., "MuseTalk:
Real-Time High Quality Lip Synchronization", 2024). So it waits for 80 ms of sound beyond its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..audio.resampling import Resampler

Samples = NDArray[np.float32]  # (n,), mono, -1..1
Rows = NDArray[np.float32]  # (n, layers, width)
Encode = Callable[[Sequence[Samples]], Sequence[Rows]]  # of windows as Whisper takes them

RATE = 16_000  # Hz, what Whisper hears
ROW = 320  # samples
ROW_US = 20_000
AROUND = 4  # rows before and after the two of a frame
NEEDED = 2 + 2 * AROUND
# Rows so near to the end of what was heard change with what comes, and are asked for again.
_UNSETTLED = 5


class Hearing:
    """An ear: hears one stream of speech, and says which rows a frame is painted for.

    ``window`` is how many rows Whisper takes at once (1500, 30 s): what was heard before, what is
    new, then silence, as it was taught.
    """

    def __init__(self, rate: int, window: int) -> None:
        """Hear sound of ``rate`` Hz."""
        self._rate, self._window = rate, window
        self.reset()

    def reset(self) -> None:
        """Forget all: something else is said."""
        self._resampler = Resampler(self._rate)
        self._sound: Samples = np.zeros(0, np.float32)  # from row ``_from`` on
        self._from = 0
        self._rows: Rows | None = None  # from row ``_from`` on; the last may be unsettled
        self._settled = 0  # the first row that what comes may change
        self._encoded = 0  # the first row that is not there

    @property
    def lookahead_us(self) -> int:
        """How much sound after a time is needed to know what is said then."""
        reach = ROW_US * (AROUND + 1) + ROW_US // 2  # half a row: frames may lie between two
        return reach + round(self._resampler.delay * 1e6)

    @property
    def known_us(self) -> int:
        """The time up to which it is known what is said."""
        whole = self._from + len(self._sound) // ROW
        return max(0, (whole - AROUND - 1) * ROW_US - ROW_US // 2)

    @property
    def nbytes(self) -> int:
        """The bytes that it holds."""
        return self._sound.nbytes + (0 if self._rows is None else self._rows.nbytes)

    def push(self, samples: Samples) -> None:
        """Hear more."""
        self._sound = np.concatenate([self._sound, self._resampler.push(samples)])

    def at(self, time_us: int) -> Moment:
        """Return what is heard around the middle of a frame."""
        return Moment(self, round(time_us / ROW_US) - 1 - AROUND)

    def viseme_at(self, time_us: int) -> str:
        """Return silence: what Whisper hears says nothing of visemes."""
        return "sil"

    def due(self, first: int) -> Samples | None:
        """Return the window that Whisper must be asked for, so that ten rows are there, if any."""
        end = first + NEEDED
        whole = self._from + len(self._sound) // ROW
        if self._rows is not None and (end <= self._settled or self._encoded >= whole):
            return None
        self._let_go(first)
        window = np.zeros(self._window * ROW, np.float32)
        known = self._sound[: len(window)]
        window[: len(known)] = known
        return window

    def take(self, rows: Rows) -> None:
        """Keep what Whisper made of a window."""
        whole = min(len(self._sound) // ROW, self._window)
        self._rows = rows[:whole]
        self._encoded = self._from + whole
        self._settled = self._encoded - _UNSETTLED

    def rows(self, first: int) -> Rows:
        """Return ten rows, (10, layers, width); nothing is before and after what is heard."""
        if self._rows is None:
            raise RuntimeError("Whisper was not asked yet")
        at = np.arange(first, first + NEEDED) - self._from
        inside = (at >= 0) & (at < len(self._rows))
        found = np.zeros((NEEDED, *self._rows.shape[1:]), np.float32)
        found[inside] = self._rows[at[inside]]
        return found

    def _let_go(self, first: int) -> None:
        """Drop the oldest sound where rows lie beyond the window: half of it stays, as the past."""
        if first + NEEDED - self._from <= self._window:
            return
        gone = first - self._window // 2 - self._from
        self._sound = self._sound[gone * ROW :]
        self._from += gone


@dataclass(frozen=True, slots=True)
class Moment:
    """What is heard around a frame, to be encoded with that of other faces."""

    hearing: Hearing
    first: int  # row


def encoded(moments: Sequence[Moment], encode: Encode) -> list[Rows]:
    """Return the rows of each, asking Whisper once for all that need it."""
    windows = [(moment.hearing, moment.hearing.due(moment.first)) for moment in moments]
    asked = [(hearing, window) for hearing, window in windows if window is not None]
    if asked:
        answers = encode([window for _, window in asked])
        for (hearing, _), rows in zip(asked, answers, strict=True):
            hearing.take(rows)
    return [moment.hearing.rows(moment.first) for moment in moments]
