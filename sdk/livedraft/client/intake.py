"""What comes of a session, for who takes it: in order, in time, confirmed as it is taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from livedraft.errors import LivedraftError, SessionError
from livedraft.media.chunks import AudioChunk, Output, Still, VideoChunk
from livedraft.protocol import messages as wire

from .downlink import Downlink
from .inbox import Inbox
from .outbox import Outbox
from .outputs import data_and_notes
from .refining import Refine
from .terms import too_late

Taken = TypeVar("Taken", bound=wire.Frame | wire.Media)


class Intake:
    """Holds what came until it is taken.

    ``tell`` says that there is something to send; ``over`` whether nothing comes any more, and
    raises what ended it.
    """

    def __init__(
        self,
        out: Outbox,
        tell: Callable[[], None],
        over: Callable[[], bool],
        limit_s: float | None,
    ) -> None:
        # What the model last measured of what was taken, and what is to know of that.
        self.data: dict[str, Any] = {}
        self.notes: tuple[wire.Note, ...] = ()
        self.id = 0  # that what was taken last answers
        self._left = 0  # the id of a film that nobody takes any more
        self.trouble: LivedraftError | None = None  # the newest that nobody was told yet
        self._out = out
        self._tell = tell
        self._over = over
        self._limit_s = limit_s  # of a frame that is due
        self._down = Downlink(out.media.ask, tell, out.media.taken_back)
        self._in = Inbox(self._down.lost)
        self._news = asyncio.Event()  # something for those who wait came

    def put(self, message: wire.Frame | wire.Media) -> bool:
        """Add what came, and return whether it is wanted; what is not is confirmed."""
        back = self._out.media.taken_back(message.id) or message.id == self._left
        if isinstance(message, wire.Media) and back:
            self._down.lost(message.track)
            wanted = False
        else:
            wanted = self._in.put(message)
        if not wanted:
            self._confirm(message)
        return wanted

    def interrupted(self) -> None:
        """Let go all sound and moving pictures that wait: they were taken back."""
        last = self._in.interrupted()
        if last is not None:
            self._confirm(last)

    def reopened(self, *, fresh: bool) -> None:
        """Let what waits be confirmed no longer: it came by a connection that has ended.

        In a ``fresh`` session ids begin again: what waits answers none of them.
        """
        if fresh:
            self._left = 0
        self._in.reopened(fresh=fresh)

    def since(self, id: int) -> None:
        """Want no pictures from before a message, which are another model's or session's."""
        stale = self._in.since(id)
        if stale is not None and stale.seq:
            self._confirm(stale)

    def confirm_newest(self) -> None:
        """Confirm the picture that waits, or a full window would hold others back."""
        if self._in.newest is not None:
            self._confirm(self._in.newest)

    def told(self) -> None:
        """Have those who wait look again."""
        self._news.set()

    async def news(self) -> None:
        """Wait until there is something to look at."""
        self._news.clear()
        await self._news.wait()

    async def frame(self, *, asked: bool) -> wire.Frame | None:
        """Return the newest picture, waiting for one; None at the end."""
        return await self._take(self._in.frame, asked=asked)

    async def outputs(self) -> AsyncIterator[Output]:
        """Yield all, in order; see ``AsyncSession.outputs``."""
        take = partial(self._take, self._in.next, asked=False)
        while (made := await self._down.next(take)) is not None:
            yield made

    async def film(
        self, asked: Refine, limit_s: float | None
    ) -> AsyncGenerator[VideoChunk | AudioChunk, None]:
        """Yield what comes of a film that was asked for; see ``AsyncSession.film``."""
        take = partial(self._take, self._in.next, asked=True, film=asked, film_s=limit_s)
        went = 0
        try:
            while (made := await self._down.next(take)) is not None:
                if self.id != asked.id or isinstance(made, Still):
                    continue
                if went not in (0, asked.went):
                    raise SessionError("the connection broke within the film", fix="ask again")
                went = asked.went
                yield made
        finally:
            self._leave(asked)

    def _leave(self, asked: Refine) -> None:
        """Take no more of a film, should there be more."""
        answer = asked.waiting[0]
        self._left = asked.id
        if not answer.done():
            answer.cancel()  # else it would tell nobody why it was given up
            self._out.leave(asked)
        elif not answer.cancelled():
            answer.exception()  # it was told
        if (last := self._in.leave(asked.id)) is not None:
            self._confirm(last)
        self._tell()

    async def _take(
        self,
        take: Callable[[], Taken | None],
        *,
        asked: bool,
        film: Refine | None = None,
        film_s: float | None = None,
    ) -> Taken | None:
        """Wait for what comes; no longer than ``frame_s`` from when it is asked for, or due.

        Of a ``film`` return None at its end, raise why it does not come, and wait for ``film_s``.
        """
        clock = asyncio.get_running_loop().time
        what, limit_s, setting = "frame", self._limit_s, "frame_s"
        if film is not None:
            what, limit_s, setting = "film", film_s, "refine_s"
        since: float | None = None
        while True:
            if self.trouble is not None:
                trouble, self.trouble = self.trouble, None
                raise trouble
            if film is not None and film.waiting[0].done() and self._in.over(film.id):
                film.waiting[0].result()  # raises what went wrong
                return None
            if (message := take()) is not None:
                self._confirm(message)
                self.id = message.id
                self.data, self.notes = data_and_notes(message, self.data, self.notes)
                return message
            if self._over():
                return None
            if not (asked or self._out.frame_due):
                since = None
            elif since is None:
                since = clock()
            left_s = None if since is None or limit_s is None else since + limit_s - clock()
            if left_s is not None and left_s <= 0:
                raise too_late(what, limit_s, setting)
            with suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await self.news()

    def _confirm(self, message: wire.Frame | wire.Media) -> None:
        self._out.ack(message)
        self._tell()
