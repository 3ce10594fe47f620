"""A stream that one publishes and many view: one session, each output encoded and packed once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from livedraft.media.chunks import Output

from ...sessions.session import Session
from ..encoding import Encoding
from ..lines import Now, Take
from ..picture_pool import PicturePool
from ..turns import Flow
from .outgoing import Line
from .pace import Pace
from .packing import CODECS, KINDS, Packing, Parcel
from .rtp_lines import RtpLines


class Broadcast:
    """What a publisher's session has for tracks: they go to whoever views."""

    def __init__(self, publisher: RtpLines) -> None:
        self._publisher = publisher
        self._viewers: set[RtpLines] = set()
        self._packing: dict[str, Packing] = {}
        self._watching: set[asyncio.Event] = set()

    def __len__(self) -> int:
        """How many view."""
        return len(self._viewers)

    def __contains__(self, viewer: RtpLines) -> bool:
        return viewer in self._viewers

    @property
    def kinds(self) -> set[str]:
        """What there is to view, "video" or "audio"; nothing before the session is open."""
        return set(self._packing)

    def gives(self, kind: str) -> bool:
        """Return whether outputs of a kind have a track: all have."""
        return True

    def out(
        self, kinds: Iterable[type[Output]], pictures: PicturePool, flow: Flow, now: Now
    ) -> Mapping[type[Output], Encoding]:
        """Return what hands outputs of these kinds to all who view."""
        given = [kind for kind in kinds if kind in KINDS]
        pace = Pace(now)  # one for all who view
        made: dict[type[Output], Packing] = {}
        self._packing = {}
        for kind in given:
            line = Line(partial(self._hand, KINDS[kind]), partial(self._lost, KINDS[kind]))
            line.pace = pace
            packing = Packing(CODECS[KINDS[kind]], line, pictures, flow, pace)
            made[kind] = self._packing[KINDS[kind]] = packing
        return made

    async def listen(self, session: Session, pictures: PicturePool, take: Take) -> None:
        """Hand over what the publisher sends, until cancelled."""
        await self._publisher.listen(session, pictures, take)

    def join(self, viewer: RtpLines) -> None:
        """Have one more view; a key frame comes for them."""
        self._viewers.add(viewer)
        self._tell()
        for kind in self._packing:
            viewer.ask(kind, partial(self._lost, kind))
            self._lost(kind)

    def leave(self, viewer: RtpLines) -> None:
        """Have one less."""
        self._viewers.discard(viewer)
        self._tell()

    @contextmanager
    def watch(self, changed: asyncio.Event) -> Iterator[None]:
        """Have an event set whenever one more views, or one less."""
        self._watching.add(changed)
        try:
            yield
        finally:
            self._watching.discard(changed)

    def _tell(self) -> None:
        for changed in self._watching:
            changed.set()

    def _hand(self, kind: str, parcel: Parcel) -> None:
        """Give a parcel to all who view: the same bytes, each with a header of its own."""
        for viewer in self._viewers:
            viewer.put(kind, parcel)

    def _lost(self, kind: str) -> None:
        if kind in self._packing:  # another model may give less
            self._packing[kind].key()
