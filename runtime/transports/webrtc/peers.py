"""The peer connections of one server, by addresses that nobody can guess, and streams by name."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Protocol

from livedraft.errors import BadMessage, LivedraftError, ServerBusy

from ...engine.faults import unexpected
from ..service import Service

if TYPE_CHECKING:
    from .peer import Peer
    from .publishing import Publication

_MOST_BYTES = 2**16
_SPARE = 16  # peers beside those that have a place or wait for one: they are on their way


class Caller(Protocol):
    """One who offers: a client with messages, a publisher, a viewer."""

    peer: Peer

    async def answer(self, sdp: str) -> str:
        """Return the answer; raise what is wrong with the offer."""
        ...

    async def run(self) -> None:
        """Serve it until it is gone."""
        ...

    async def close(self) -> None:
        """Free what it took."""
        ...


class Entry:
    """One peer connection."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.tag = f'"{secrets.token_hex(8)}"'  # of its ICE session (RFC 9725, 4.3.1)
        self.answered: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.closing = False  # from when on nothing may break it off: it frees sockets


class Peers:
    """All peer connections, and who publishes what."""

    def __init__(self, service: Service) -> None:
        self._rest = service.rest
        self._most = service.config.max_sessions + service.config.max_queue + _SPARE
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.entries: dict[str, Entry] = {}
        self.streams: dict[str, Publication] = {}

    def __len__(self) -> int:
        return len(self._tasks)

    async def add(self, caller: Caller, offer: bytes, *, viewer: bool = False) -> tuple[str, Entry]:
        """Return a new peer's id, and its entry with the answer; raise what keeps it from one.

        The caller is closed in any case. Viewers are bounded by their stream, and take nobody's
        place.
        """
        full = not viewer and len(self._tasks) >= self._most
        id = secrets.token_urlsafe(18)
        entry = self.entries[id] = Entry(caller)
        task = self._tasks[id] = asyncio.create_task(_live(entry, offer, full))
        task.add_done_callback(lambda _: self._forget(id))
        try:
            await asyncio.shield(entry.answered)
        except asyncio.CancelledError:
            self._give_up(id)
            raise
        return id, entry

    async def end(self, id: str) -> bool:
        """End a peer; return whether there was one."""
        task = self._tasks.get(id)
        if task is None:
            return False
        self._give_up(id)
        await asyncio.gather(task, return_exceptions=True)
        return True

    async def gone(self) -> None:
        """Return once nobody is left."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def close(self) -> None:
        """End all."""
        await asyncio.gather(*(self.end(id) for id in list(self._tasks)))

    def _give_up(self, id: str) -> None:
        """Have a peer end, unless it does so already."""
        if not self.entries[id].closing:
            self._tasks[id].cancel()

    def _forget(self, id: str) -> None:
        del self._tasks[id]
        caller = self.entries.pop(id).caller
        if not self._tasks:
            self._rest()
        for name, stream in list(self.streams.items()):
            if stream is caller:
                del self.streams[name]


def text_of(body: bytes) -> str:
    """Return a body as text; raise BadMessage for one that is too long, or is none."""
    if len(body) > _MOST_BYTES:
        raise BadMessage(f"a body of {len(body)} bytes", fix="offer fewer candidates and codecs")
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise BadMessage("a body that is no UTF-8", fix="send the text as it is") from None


async def _live(entry: Entry, offer: bytes, full: bool) -> None:
    try:
        if full:
            raise ServerBusy("too many peers are connected", fix="try again in a while")
        entry.answered.set_result(await entry.caller.answer(text_of(offer)))
        await entry.caller.run()
    except LivedraftError as error:
        _tell(entry, error)
    except Exception as error:  # a connection's boundary: who offers is told, and it ends
        _tell(entry, unexpected(error, "this peer connection"))
    finally:
        entry.closing = True
        await entry.caller.close()
        if not entry.answered.done():
            entry.answered.cancel()


def _tell(entry: Entry, error: LivedraftError) -> None:
    """Have who offered hear of an error, if no answer went before."""
    if not entry.answered.done():
        entry.answered.set_exception(error)
