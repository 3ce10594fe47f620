"""Who may come in: a fixed number of places, a bounded line in front of them, first come first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from livedraft.errors import ServerBusy


class Ticket:
    """A place, or a position in line for one. Release it once or often: it frees one place."""

    def __init__(self, admission: Admission, on_move: Callable[[int], None]) -> None:
        self._admission = admission
        self.on_move = on_move
        self.granted = asyncio.Event()

    @property
    def position(self) -> int:
        """0 with a place, else the position in line; 1 is next."""
        return self._admission.position(self)

    async def wait(self) -> None:
        """Return when a place is granted."""
        await self.granted.wait()

    def release(self) -> None:
        """Give the place, or the position in line, back."""
        self._admission.release(self)


class Admission:
    """Grants at most ``limit`` places at a time; at most ``queue_limit`` wait."""

    def __init__(self, limit: int, queue_limit: int) -> None:
        self.limit = limit
        self.queue_limit = queue_limit
        self.on_wait: Callable[[], None] = lambda: None  # heard when one more is in line
        self._inside: set[Ticket] = set()
        self._line: list[Ticket] = []

    @property
    def taken(self) -> int:
        """Places taken."""
        return len(self._inside)

    @property
    def queued(self) -> int:
        """Tickets in line."""
        return len(self._line)

    def ask(self, on_move: Callable[[int], None] = lambda position: None) -> Ticket:
        """Return a ticket; ``on_move`` hears each new position. Raise ServerBusy if full."""
        ticket = Ticket(self, on_move)
        if len(self._inside) < self.limit:
            self._grant(ticket)
        elif len(self._line) < self.queue_limit:
            self._line.append(ticket)
            self.on_wait()
        else:
            raise ServerBusy(
                f"all {self.limit} places are taken and {len(self._line)} wait",
                fix="try again later",
            )
        return ticket

    def position(self, ticket: Ticket) -> int:
        """Return 0 for a ticket with a place, else its position in line."""
        return self._line.index(ticket) + 1 if ticket in self._line else 0

    def release(self, ticket: Ticket) -> None:
        """Free a ticket's place or position; who is next moves up."""
        if ticket in self._inside:
            self._inside.remove(ticket)
            first = 0
        elif ticket in self._line:
            first = self._line.index(ticket)
            self._line.remove(ticket)
        else:
            return
        while self._line and len(self._inside) < self.limit:
            self._grant(self._line.pop(0))
        for moved in self._line[first:]:
            moved.on_move(self.position(moved))

    def _grant(self, ticket: Ticket) -> None:
        self._inside.add(ticket)
        ticket.granted.set()
