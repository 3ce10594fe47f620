"""What came and nobody took yet: of pictures the newest, of sound and moving pictures all."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from livedraft.media.chunks import SECOND
from livedraft.protocol import messages as wire

# A server runs ahead of who takes by half a second. These bound what lies here where nobody does,
# and where a server does not keep to it.
MOST_US = 60 * SECOND
MOST_BYTES = 64 * 2**20
MOST_PIECES = 10_000


class Inbox:
    """Holds messages until they are taken, and so confirmed."""

    def __init__(self, lost: Callable[[str], None] = lambda track: None) -> None:
        self._lost = lost  # called with the track of a piece that is dropped
        self._frame: wire.Frame | None = None
        self._pieces: deque[wire.Media] = deque()
        self._length_us = 0
        self._bytes = 0
        self._since = 0  # the id from which on pictures are wanted

    def put(self, message: wire.Frame | wire.Media) -> bool:
        """Add what came, and return whether it is wanted; a picture takes an older one's place."""
        if isinstance(message, wire.Frame):
            wanted = message.id >= self._since
            self._frame = message if wanted else self._frame
            return wanted
        self._pieces.append(message)
        self._length_us += message.duration
        self._bytes += len(message.data)
        while len(self._pieces) > 1 and self._too_much:
            self._lost(self._oldest().track)
        return True

    def over(self, id: int) -> bool:
        """Return whether no piece waits that answers a message, or what was before it."""
        return not self._pieces or self._pieces[0].id > id

    def leave(self, id: int) -> wire.Media | None:
        """Let go the pieces that answer a message; return the newest, to be confirmed."""
        gone = [piece for piece in self._pieces if piece.id == id]
        self._pieces = deque(piece for piece in self._pieces if piece.id != id)
        self._length_us -= sum(piece.duration for piece in gone)
        self._bytes -= sum(len(piece.data) for piece in gone)
        for track in {piece.track for piece in gone}:
            self._lost(track)
        return gone[-1] if gone and gone[-1].seq else None

    def interrupted(self) -> wire.Media | None:
        """Let go the sound and moving pictures that wait; return the newest, to be confirmed."""
        last = self._pieces[-1] if self._pieces else None
        for track in {piece.track for piece in self._pieces}:
            self._lost(track)
        self._pieces.clear()
        self._length_us = self._bytes = 0
        return last if last is not None and last.seq else None

    def since(self, id: int) -> wire.Frame | None:
        """Want no pictures any more that are older; return the one that waited, if it is one."""
        self._since = id
        if self._frame is None or self._frame.id >= id:
            return None
        return self.frame()

    def reopened(self, *, fresh: bool = False) -> None:
        """Let what waits be confirmed no longer: it came by a connection that has ended."""
        change = {"seq": 0, "id": 0} if fresh else {"seq": 0}
        self._pieces = deque(piece.model_copy(update=change) for piece in self._pieces)
        if self._frame is not None:
            self._frame = self._frame.model_copy(update={"seq": 0})

    @property
    def newest(self) -> wire.Frame | None:
        """The picture that waits."""
        return self._frame

    def frame(self) -> wire.Frame | None:
        """Take the newest picture."""
        message, self._frame = self._frame, None
        return message

    def next(self) -> wire.Frame | wire.Media | None:
        """Take what came first, pictures and media alike."""
        first = self._pieces[0] if self._pieces else None
        if first is None or (self._frame is not None and self._frame.seq < (first.seq or 0)):
            return self.frame()
        return self._oldest()

    @property
    def _too_much(self) -> bool:
        longest, most = self._length_us > MOST_US, self._bytes > MOST_BYTES
        return longest or most or len(self._pieces) > MOST_PIECES

    def _oldest(self) -> wire.Media:
        message = self._pieces.popleft()
        self._length_us -= message.duration
        self._bytes -= len(message.data)
        return message
