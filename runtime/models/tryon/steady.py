"""Control points that rest: filtered from frame to frame, in the frame of the moving body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..perception.one_euro import OneEuro
from .body.frame import Body
from .fit.controls import Part, in_frame, of_frame

_SECOND = 1_000_000  # µs
_LEAST_HZ, _MORE_HZ, _SPEED_HZ = 0.2, 0.5, 1.0  # of the filter; widths of shoulders a second
_GAP_US = 500_000  # after so long a pause points begin anew


@dataclass
class Steady:
    """A One-Euro filter for the control points of each part: still ones hardly move.

    What is filtered lies in the body's frame, so that a garment follows a body at once and its
    points rest on it.
    """

    _at_us: int = -_GAP_US
    _filters: dict[str, OneEuro] = field(default_factory=dict)

    def steadied(self, parts: Sequence[Part], body: Body, at_us: int) -> tuple[Part, ...]:
        """Return the parts of a frame, shown at this time in µs, near to where they were."""
        if not 0 < at_us - self._at_us < _GAP_US:
            self._filters.clear()
        self._at_us = at_us
        return tuple(self._part(part, body) for part in parts)

    def _part(self, part: Part, body: Body) -> Part:
        # Names of a garment's points are its own: another garment of the same kind goes on with
        # the filter, where its points are as many.
        key = f"{part.layer}/{len(part.names)}"
        goes_on = key in self._filters
        filtering = self._filters.setdefault(key, OneEuro(_LEAST_HZ, _MORE_HZ, _SPEED_HZ))
        now = in_frame(part.body, body).astype(np.float64)
        kept = filtering.filtered(now, self._at_us / _SECOND)
        return replace(part, body=of_frame(kept.astype(np.float32), body)) if goes_on else part
