"""What a session asks its server, with those who wait for the answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from livedraft.errors import InvalidParams, LivedraftError
from livedraft.protocol import messages as wire
from livedraft.protocol.values import text_fault

T = TypeVar("T")
Params = dict[str, Any]


@dataclass(slots=True)
class Question(Generic[T]):
    """Params on their way, and those who wait for the answer."""

    params: Params = field(default_factory=dict)
    waiting: list[asyncio.Future[T]] = field(default_factory=list)
    wants: wire.Wants = ""  # of a refine, what it is to give
    id: int = 0  # of the message that asks it, once that went
    went: int = 0  # how often it did

    def ask(self, params: Params) -> asyncio.Future[T]:
        """Add params and one who waits."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self.params |= params
        self.waiting.append(answer)
        return answer

    def join(self, newer: Question[T]) -> None:
        """Take over newer params, and who waits for them."""
        self.params |= newer.params
        self.waiting += newer.waiting

    def answer(self, result: T) -> None:
        """Tell those who still wait."""
        for future in self.waiting:
            if not future.done():
                future.set_result(result)

    def refuse(self, error: LivedraftError) -> None:
        """Raise the error in those who still wait."""
        for future in self.waiting:
            if not future.done():
                future.set_exception(error)


class Finisher:
    """What makes the final pictures of a session: ``name``, or if it is empty what drafts."""

    def __init__(self, name: str = "") -> None:
        self.drafting = ""  # the model that drafts, once that is known
        self._name = name
        self._named = bool(name)

    @property
    def name(self) -> str:
        """The model that was asked for; empty: the one that drafts."""
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        fault = text_fault(name) if isinstance(name, str) else "no text"
        if fault is not None:
            raise InvalidParams(f"refine_model: {fault}", fix="give the name of a model")
        self._name = name
        self._named = self._named or bool(name)

    @property
    def told(self) -> str:
        """What a server is told; nothing where it was never told of another: it may be old."""
        return (self._name or self.drafting) if self._named else ""


@dataclass(frozen=True, slots=True)
class Change:
    """The model of a session is another one; ``dropped`` are the params that it does not take."""

    switched: wire.Switched
    dropped: Params


@dataclass(slots=True)
class Switching(Question[Change]):
    """A change of the model, with what was drawn as that model reads it."""

    model: str = ""
    pictures: dict[str, bytes] = field(default_factory=dict)

    def settle(self, switched: wire.Switched, kept: Params, before: Params) -> Params:
        """Answer, and return those params in force that the user set.

        ``kept`` are those set for the model before, ``before`` all that were in force then.
        """
        asked, now = kept | self.params, switched.params
        stay = {
            name: value
            for name, value in asked.items()
            if name in self.params or (name in now and now[name] == before.get(name))
        }
        dropped = {name: before.get(name, asked[name]) for name in asked.keys() - stay.keys()}
        self.answer(Change(switched, dropped))
        return stay
