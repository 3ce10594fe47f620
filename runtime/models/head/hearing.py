"""What a face is told of its speech: mouth and viseme at each time, by the net that ships."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .audio import AudioEncoder, MouthTrack
from .expression import Mouth
from .line import RATE


class Hearing:
    """An ear (see `Ear`) that hears mouths."""

    def __init__(self) -> None:
        self._encoder = AudioEncoder(RATE)
        self._track = MouthTrack()

    @property
    def lookahead_us(self) -> int:
        """How much sound after a time it needs to know the mouth then."""
        return self._encoder.lookahead_us + self._track.REACH_US

    @property
    def known_us(self) -> int:
        """The time up to which it knows."""
        return self._track.known_us

    def push(self, samples: NDArray[np.float32]) -> None:
        """Hear samples (n,) in -1..1 at ``line.RATE``."""
        self._track.push(self._encoder.push(samples))

    def at(self, time_us: int) -> Mouth:
        """Return the mouth at a time."""
        return self._track.at(time_us)

    def viseme_at(self, time_us: int) -> str:
        """Return the viseme at a time."""
        return self._track.viseme_at(time_us)

    def reset(self) -> None:
        """Begin another stream."""
        self._encoder.reset()
        self._track = MouthTrack()
