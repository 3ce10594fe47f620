"""Control points that rest: filtered from frame to frame, in the frame of the moving body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .arrays import Floats
from .body.frame import Body
from .fit.controls import Part, in_frame, of_frame

_SECOND = 1_000_000  # µs
_LEAST_HZ, _MORE_HZ, _SPEED_HZ = 0.2, 0.5, 1.0  # of the filter; widths of shoulders a second
_GAP_US = 500_000  # after so long a pause points begin anew


@dataclass
class Steady:
    """A One-Euro filter for each control point (Casiez et al., CHI 2012): still ones hardly move.

    What is filtered lies in the body's frame, so that a garment follows a body at once and its
    points rest on it.
    """

    _at_us: int = -_GAP_US
    _where: dict[str, Floats] = field(default_factory=dict)
    _speed: dict[str, Floats] = field(default_factory=dict)

    def steadied(self, parts: Sequence[Part], body: Body, at_us: int) -> tuple[Part, ...]:
        """Return the parts of a frame, shown at this time in µs, near to where they were."""
        passed = (at_us - self._at_us) / _SECOND
        if not 0 < at_us - self._at_us < _GAP_US:
            self._where.clear()
            self._speed.clear()
            passed = 1.0
        self._at_us = at_us
        return tuple(self._part(part, body, passed) for part in parts)

    def _part(self, part: Part, body: Body, passed: float) -> Part:
        # Names of a garment's points are its own: another garment of the same kind goes on with
        # the filter, where its points are as many.
        now, key = in_frame(part.body, body), f"{part.layer}/{len(part.names)}"
        before = self._where.get(key)
        if before is None:
            self._where[key], self._speed[key] = now, np.zeros_like(now)
            return part
        speed = (now - before) / np.float32(passed)
        speed = self._speed[key] + _share(np.float32(_SPEED_HZ), passed) * (
            speed - self._speed[key]
        )
        cutoff = _LEAST_HZ + _MORE_HZ * np.abs(speed)
        kept = before + _share(cutoff, passed) * (now - before)
        self._where[key], self._speed[key] = kept, speed
        return replace(part, body=of_frame(kept.astype(np.float32), body))


def _share(cutoff: Floats | np.float32, passed: float) -> Floats | np.float32:
    """Return how much a new value counts, of a low pass at this frequency in Hz."""
    turn = np.float32(2 * np.pi * passed) * cutoff
    share: Floats | np.float32 = turn / (turn + 1)
    return share
