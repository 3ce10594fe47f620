"""The slot of depth one between a user and the engine: the newest wins, keys merge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..models.base import Params


@dataclass(slots=True)
class Change:
    """What a user changed since the last picture was begun."""

    id: int  # of the newest message in it
    received: float  # s, when that message was read
    params: Params  # all params in force after it
    inputs: dict[str, bytes] = field(default_factory=dict)  # encoded; empty bytes remove a picture
    dropped: int = 0  # messages that it superseded


class Mailbox:
    """Holds at most one change; a newer one merges into it and moves it up."""

    def __init__(self) -> None:
        self._waiting: Change | None = None

    @property
    def waiting(self) -> Change | None:
        """The change that waits, if any."""
        return self._waiting

    def put(self, id: int, received: float, params: Params, inputs: Mapping[str, bytes]) -> None:
        """Lay a message over what waits."""
        old = self._waiting
        if old is None:
            self._waiting = Change(id, received, params, dict(inputs))
        else:
            merged = old.inputs | dict(inputs)
            self._waiting = Change(id, received, params, merged, old.dropped + 1)

    def take(self) -> Change | None:
        """Return what waits and leave the slot empty."""
        change, self._waiting = self._waiting, None
        return change
