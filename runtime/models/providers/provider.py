"""What a provider is: how a request is handed in there, watched, fetched and taken back."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from livedraft.errors import ConfigError

from .card import Card
from .keyless import without
from .net import Net

if TYPE_CHECKING:
    from .line import Line

Kind = Literal["image", "video", "audio"]


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request that the provider has taken: its addresses, which are the provider's own."""

    id: str
    status: str
    answer: str
    cancel: str


@dataclass(frozen=True, slots=True)
class Status:
    """Where a request stands: how many are before it, or what is being done."""

    ahead: int | None  # None: it is being worked on
    said: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file of an answer, at an address of the provider's or as a data URI."""

    url: str
    kind: Kind


class Provider(ABC):
    """One provider; a request's whole life is on one event loop, apart from the engine's thread."""

    name: ClassVar[str]
    variable: ClassVar[str]  # of the environment, which holds the key
    address: ClassVar[str]  # of its queue
    hosts: ClassVar[tuple[str, ...]]  # that its files come from; *.example.com, too

    def __init__(self, model: str, card: Card) -> None:
        """Take a model and what its operator says; raise ConfigError without a key."""
        self.model = model
        self.card = card
        self._key = os.environ.get(self.variable, "").strip()
        if not self._key:
            raise ConfigError(
                f"{self.name} wants a key, and {self.variable} is not set",
                fix=f"set {self.variable} in the environment of the server, and nowhere else",
            )
        self.keyless = without(self._key)  # all that the provider says passes it
        own = (card.queue or self.address).rstrip("/")
        self.base = own
        self.net = Net(own, (*self.hosts, *card.hosts), self._authorised(self._key), card)

    def __repr__(self) -> str:
        """Tell the model, and never the key."""
        return f"{type(self).__name__}({self.model!r})"

    def line(self) -> Line:
        """Return a connection for one session's drafts; raise ConfigError if it has no such API."""
        raise ConfigError(
            f"{self.name} has no realtime API that is known here", fix="leave realtime out"
        )

    @abstractmethod
    def _authorised(self, key: str) -> Mapping[str, str]:
        """Return the headers that carry a key; they go to the queue alone."""

    @abstractmethod
    def arguments(self, params: Mapping[str, Any], pictures: Mapping[str, str]) -> dict[str, Any]:
        """Return what a request says, of pictures as data URIs by their names."""

    @abstractmethod
    async def submit(self, arguments: Mapping[str, Any]) -> Ticket:
        """Hand a request in; raise what the provider says against it."""

    @abstractmethod
    def watch(self, ticket: Ticket) -> AsyncIterator[Status]:
        """Yield where a request stands, until it is done."""

    @abstractmethod
    async def answer(self, ticket: Ticket) -> Mapping[str, Any]:
        """Return what came of a request; raise what went wrong there."""

    @abstractmethod
    async def cancel(self, ticket: Ticket) -> None:
        """Take a request back, as far as that can be."""

    @abstractmethod
    def files(self, answer: Mapping[str, Any]) -> Sequence[File]:
        """Return the files of an answer, the first of which counts; raise ModelFailed for none."""
