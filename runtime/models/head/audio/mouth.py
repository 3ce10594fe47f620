"""Rows to the mouth at a time: lips that meet where they must, and rest where nothing is said."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..expression import Mouth, closed_mouth
from ..visemes import CONTROLS, VISEMES
from .encoder import ROW_US, WIDTH

_OPEN, _TUCK, _PRESS = (CONTROLS.index(name) for name in ("open", "tuck", "press"))
_SIL, _PP, _FF = (VISEMES.index(name) for name in ("sil", "PP", "FF"))
_SMOOTH = np.array([0.25, 0.5, 0.25], np.float32)
_TUCKED = 0.15  # open, at most, while the lip is under the teeth
_KEPT = 1_000  # rows of the past

# Probabilities from which on, and over which range, a viseme has its way with the lips. From there
# on they close as often as they must on a voice that was kept aside, and no more often than that.
_CLOSES = (0.30, 0.30)
_TUCKS = (0.40, 0.30)
_RESTS = (0.60, 0.30)
_FADING = 0.5  # of a closure's power over a time, a row further than one from it


class MouthTrack:
    """The mouth of one stream, at any time of its last ten seconds."""

    REACH_US = 2 * ROW_US  # how much later than a time its rows are looked at

    def __init__(self) -> None:
        self._rows = np.zeros((0, WIDTH), np.float32)
        self._first = 0  # the stream's index of the first row that is kept

    @property
    def known_us(self) -> int:
        """The time up to which mouths are final: what comes later does not change them."""
        return max(0, (self._first + len(self._rows)) * ROW_US - self.REACH_US)

    def push(self, rows: NDArray[np.float32]) -> None:
        """Add rows (m, 21) of an `AudioEncoder`."""
        joined = np.concatenate([self._rows, rows])
        dropped = max(0, len(joined) - max(_KEPT, len(rows)))
        self._rows, self._first = joined[dropped:], self._first + dropped

    def at(self, time_us: float) -> Mouth:
        """Return the mouth (6,) at a time of the stream; closed where nothing is known."""
        place = time_us / ROW_US - 0.5  # a row tells of its middle
        before = int(np.floor(place))
        share = np.float32(place - before)
        window = self._window(before - 1, 4)
        if window is None:
            return closed_mouth()
        smooth = np.stack([_SMOOTH @ window[:3], _SMOOTH @ window[1:]])
        row = smooth[0] * (1 - share) + smooth[1] * share
        mouth: Mouth = row[len(VISEMES) :].copy()
        # Lips may meet for 20 ms and a frame lasts 40: all rows of that time are asked, unsmoothed.
        far = np.abs(np.arange(-1, 3) - share)
        near = np.clip(1 - _FADING * (far - 1), 0, 1)
        closed = float((near * _ramp(window[:, _PP], *_CLOSES)).max())
        tucked = float((near * _ramp(window[:, _FF], *_TUCKS)).max()) * (1 - closed)
        resting = float(_ramp(row[_SIL], *_RESTS))
        mouth[_OPEN] += tucked * (min(float(mouth[_OPEN]), _TUCKED) - mouth[_OPEN])
        mouth[_TUCK] = max(float(mouth[_TUCK]) * (1 - closed), tucked)
        mouth[_OPEN] *= (1 - closed) * (1 - resting)
        mouth[_PRESS] = max(float(mouth[_PRESS]), closed)
        return mouth

    def viseme_at(self, time_us: float) -> str:
        """Return the viseme that is heard at a time: `sil` where nothing is known."""
        window = self._window(int(time_us // ROW_US), 1)
        return VISEMES[_SIL if window is None else int(window[0, : len(VISEMES)].argmax())]

    def _window(self, first: int, length: int) -> NDArray[np.float32] | None:
        """Return rows from an index of the stream on; the ends stand for what is beyond them."""
        start = first - self._first
        if not len(self._rows) or start + length <= 0 or start >= len(self._rows):
            return None
        return self._rows[np.clip(np.arange(start, start + length), 0, len(self._rows) - 1)]


def _ramp(value: NDArray[np.float32], start: float, span: float) -> NDArray[np.float32]:
    return np.asarray(np.clip((value - start) / span, 0, 1), np.float32)
