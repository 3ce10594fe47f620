"""Tracks beside a channel's messages: they carry video and sound, and messages only tell of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from livedraft.media.chunks import Output

from ..sessions.mailbox import Piece
from ..sessions.session import Session
from .encoding import Encoding
from .picture_pool import PicturePool
from .turns import Flow

Take = Callable[[str, Piece], None]  # what came, for the input of a name
Now = Callable[[], int]  # the time on a session's media clock, µs


class Lines(Protocol):
    """What a channel has beside its messages; at most one of a kind in each direction."""

    def gives(self, kind: str) -> bool:
        """Return whether outputs of a kind, "video" or "audio", have a track."""
        ...

    def out(
        self, kinds: Iterable[type[Output]], pictures: PicturePool, flow: Flow, now: Now
    ) -> Mapping[type[Output], Encoding]:
        """Return what puts outputs of these kinds on their tracks: of all that a model gives."""
        ...

    async def listen(self, session: Session, pictures: PicturePool, take: Take) -> None:
        """Hand over what comes for a session's inputs, the first of each kind; until cancelled."""
        ...
