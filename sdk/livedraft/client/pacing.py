"""When the next picture may go: late enough not to age in the server's slot, early enough to be
there when the model is free.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

MARGIN_S = 0.01  # what a busy machine may add
WEIGHT = 0.2  # of the newest measure in the running means


class Pacing:
    """Times unanswered inputs: at most ``in_flight``, those after the first so that they arrive
    when the model is about to be done with it. All times are s of one clock.
    """

    def __init__(self, in_flight: int) -> None:
        self._in_flight = in_flight
        self._sent: dict[int, float] = {}  # unanswered, by id
        self._free = -math.inf  # when the model was done with the last that was answered
        self._lead_s = 0.0  # running mean: the way there, and preparing it for the model
        self._work_s = 0.0  # running mean of the model's time

    def wait_s(self, now: float) -> float:
        """Return how long the next input has to wait; infinity until an answer comes."""
        if len(self._sent) >= self._in_flight:
            return math.inf
        if not self._sent:
            return 0.0
        first = next(iter(self._sent.values()))
        done = max(first + self._lead_s, self._free) + self._work_s
        return max(0.0, done - self._lead_s - MARGIN_S - now)

    def sent(self, id: int, now: float) -> None:
        """Note that an input goes."""
        self._sent[id] = now

    def answered(self, id: int, now: float, timings: Mapping[str, float]) -> None:
        """Learn from a frame; ``timings`` are the server's, in ms. Older ids are answered too."""
        times = [sent for each, sent in self._sent.items() if each <= id]
        for each in [each for each in self._sent if each <= id]:
            del self._sent[each]
        names = ("queued", "prepared", "decoded", "sent")
        if not times or not all(0 <= timings.get(name, -1) < math.inf for name in names):
            return
        queued, prepared, decoded, sent = (timings[name] / 1e3 for name in names)
        way_s = max(0.0, now - times[-1] - sent) / 2
        self._free = now - way_s - (sent - decoded)
        self._lead_s = _mixed(self._lead_s, way_s + prepared - queued)
        self._work_s = _mixed(self._work_s, decoded - prepared)

    def forget(self, id: int) -> None:
        """Wait for the answer to an input no longer."""
        self._sent.pop(id, None)

    def forget_all(self) -> None:
        """Wait for no answer; the connection is another one."""
        self._sent.clear()


def _mixed(mean: float, value: float) -> float:
    return mean + WEIGHT * (value - mean) if mean else value
