"""What the phones of a recording say of its lips: where they must meet and part, and how far."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from livedraft.runtime.models.head.visemes import CONTROLS

from ..data.clips import Segment
from ..labels import ROWS, control_rows, viseme_rows

HZ = ROWS  # rows a second
CLOSED = frozenset("PBM")
OPEN_VOWELS = frozenset({"AA", "AE", "AH", "AY", "AW", "EH", "EY", "AO", "OW"})
SILENCE = frozenset({"SIL", "SP"})


def mouths(segments: Sequence[Segment], count: int) -> NDArray[np.float32]:
    """Return the mouth at each hundredth of a second, (count, 6)."""
    return control_rows(viseme_rows(segments, "arpabet", count))


def openness(segments: Sequence[Segment], count: int) -> NDArray[np.float32]:
    """Return how far the lips should be apart at each hundredth of a second, (count,)."""
    return mouths(segments, count)[:, CONTROLS.index("open")]


def plain(phone: str) -> str:
    """Return a phone without its stress."""
    return phone.upper().rstrip("012")
