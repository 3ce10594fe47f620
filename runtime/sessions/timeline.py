"""The one media clock of a session: where its outputs go, and where what came in belongs."""

from __future__ import annotations

from livedraft.media.chunks import Output, Still
from livedraft.media.clock import MediaClock

from ..clock import Clock


class Timeline:
    """A media clock that starts when it is first asked for the time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = MediaClock(clock)
        self._offset: int | None = None  # µs, from the client's clock to this one
        self._end = 0  # µs, of what was put out

    @property
    def now(self) -> int:
        """The time, µs."""
        if not self._clock.started:
            self._clock.start()
            return 0
        return self._clock.now()

    @property
    def at(self) -> int:
        """Where the next output begins: after those before it, and not in the past, µs."""
        return max(self.now, self._end)

    def place(self, pts: int) -> int:
        """Return where a time of the client's clock lies here, µs: its first word came now."""
        if self._offset is None:
            self._offset = self.now - pts
        return max(0, pts + self._offset)

    def forget_client(self) -> None:
        """Forget the client's clock: a new connection may have another."""
        self._offset = None

    def put_out(self, output: Output) -> None:
        """Note that an output was made."""
        if not isinstance(output, Still):
            self._end = max(self._end, output.end)
