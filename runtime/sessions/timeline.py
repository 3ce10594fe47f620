"""The one media clock of a session: where its outputs go, and where what came in belongs."""

from __future__ import annotations

from livedraft.media.chunks import Output, Still

from ..clock import Clock

SECOND = 1_000_000  # µs


class Timeline:
    """Counts µs from the moment at which it is first asked for the time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began: float | None = None  # s
        self._offset: int | None = None  # µs, from the client's clock to this one
        self._end = 0  # µs, of what was put out

    @property
    def now(self) -> int:
        """The time, µs."""
        if self._began is None:
            self._began = self._clock()
        return round((self._clock() - self._began) * SECOND)

    @property
    def at(self) -> int:
        """Where the next output begins: after those before it, and not in the past, µs."""
        return max(self.now, self._end)

    def place(self, pts: int) -> int:
        """Return where a time of the client's clock lies here, µs: its first word came now."""
        if self._offset is None:
            self._offset = self.now - pts
        return max(0, pts + self._offset)

    def meet(self) -> None:
        """Forget the client's clock: a new connection may have another."""
        self._offset = None

    def put_out(self, output: Output) -> None:
        """Note that an output was made."""
        if not isinstance(output, Still):
            self._end = max(self._end, output.end)
