"""Who may come in: so many places, a bounded line in front of them, first come first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from livedraft.errors import ConfigError, ServerBusy

if TYPE_CHECKING:
    from .session import Session


class Ticket:
    """Places, or a position in line for them. Release it once or often: it frees them once."""

    def __init__(self, admission: Admission, on_move: Callable[[int], None], places: int) -> None:
        self._admission = admission
        self.on_move = on_move
        self.places = places  # what its session costs, of those that the admission grants
        self.granted = asyncio.Event()

    @property
    def position(self) -> int:
        """0 with its places, else the position in line; 1 is next."""
        return self._admission.position(self)

    async def wait(self) -> None:
        """Return when its places are granted."""
        await self.granted.wait()

    def resize(self, places: int) -> None:
        """Take more or fewer places; raise ServerBusy where so many are not free."""
        self._admission.resize(self, places)

    def release(self) -> None:
        """Give the places, or the position in line, back."""
        self._admission.release(self)


class Admission:
    """Grants at most ``limit`` places at a time; at most ``queue_limit`` wait.

    A session takes as many as its model says (``ModelInfo.places``). Nobody overtakes: who needs
    few places waits behind who needs many, so that those come in, too.
    """

    def __init__(self, limit: int, queue_limit: int) -> None:
        self.limit = limit
        self.queue_limit = queue_limit
        self.on_wait: Callable[[], None] = lambda: None  # heard when one more is in line
        self._inside: set[Ticket] = set()
        self._line: list[Ticket] = []

    @property
    def taken(self) -> int:
        """Places taken."""
        return sum(ticket.places for ticket in self._inside)

    @property
    def inside(self) -> int:
        """Tickets that have their places."""
        return len(self._inside)

    @property
    def queued(self) -> int:
        """Tickets in line."""
        return len(self._line)

    @property
    def wanted(self) -> int:
        """Places that those in line need beyond those that are free."""
        if not self._line:
            return 0
        return sum(ticket.places for ticket in self._line) - (self.limit - self.taken)

    def ask(
        self, on_move: Callable[[int], None] = lambda position: None, places: int = 1
    ) -> Ticket:
        """Return a ticket; ``on_move`` hears each new position.

        Raises ServerBusy if the line is full, and ConfigError for more places than there are.
        """
        check_places(places, self.limit)
        ticket = Ticket(self, on_move, places)
        if not self._line and self._fits(places):
            self._grant(ticket)
        elif len(self._line) < self.queue_limit:
            self._line.append(ticket)
            self.on_wait()
        else:
            raise ServerBusy(
                f"{self.taken} of {self.limit} places are taken and {len(self._line)} wait",
                fix="try again later",
            )
        return ticket

    def position(self, ticket: Ticket) -> int:
        """Return 0 for a ticket with its places, else its position in line."""
        return self._line.index(ticket) + 1 if ticket in self._line else 0

    def resize(self, ticket: Ticket, places: int) -> None:
        """Have a ticket take another number of places; raise ServerBusy and change nothing.

        More are to be had while nobody waits for them.
        """
        check_places(places, self.limit)
        more = places - ticket.places
        if more > 0 and (self._line or not self._fits(more)):
            raise ServerBusy(
                f"{places} places are needed, {ticket.places} are there, and of all {self.limit} "
                f"{self.taken} are taken",
                fix="try again later, or open a session of its own, which waits in line",
            )
        before = list(self._line)
        ticket.places = places
        self._move_up(before)

    def release(self, ticket: Ticket) -> None:
        """Free a ticket's places or position; who is next moves up."""
        before = list(self._line)
        if ticket in self._inside:
            self._inside.remove(ticket)
        elif ticket in self._line:
            self._line.remove(ticket)
        self._move_up(before)

    def _move_up(self, before: Sequence[Ticket]) -> None:
        """Let those in who fit, and tell those who stand elsewhere than before."""
        while self._line and self._fits(self._line[0].places):
            self._grant(self._line.pop(0))
        for at, ticket in enumerate(self._line):
            if ticket is not before[at]:
                ticket.on_move(at + 1)

    def _fits(self, places: int) -> bool:
        return self.taken + places <= self.limit

    def _grant(self, ticket: Ticket) -> None:
        self._inside.add(ticket)
        ticket.granted.set()


def check_places(places: int, limit: int) -> None:
    """Raise ConfigError for a session that could wait for ever."""
    if places > limit:
        raise ConfigError(
            f"a session takes {places} places, and there are {limit}",
            fix=f"set max_sessions to {places} or more, or use another model",
        )


@contextmanager
def taking_on(ticket: Ticket, session: Session, model: str) -> Iterator[None]:
    """Have the places for another model while a session takes it on, and those it needs then.

    Raises ServerBusy or ModelNotFound before anything has changed.
    """
    ticket.resize(max(ticket.places, session.uses.info_of(model).places))
    try:
        yield
    finally:
        ticket.resize(session.uses.places)
