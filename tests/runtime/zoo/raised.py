"""What models raise that break the contract, by name."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Callable
from typing import cast

from livedraft.errors import ModelFailed, SessionClosed, Unauthorized


class Mute(Exception):
    """It cannot be read."""

    def __str__(self) -> str:
        raise RuntimeError("no words")

    __repr__ = __str__


class Leaving(Exception):
    """To read it ends the thread that does."""

    def __str__(self) -> str:
        raise SystemExit(0)

    __repr__ = __str__


class Strange(BaseException):
    """It is no Exception."""


class Nameless(type):
    @property
    def __name__(cls) -> str:  # type: ignore[override]  # the fault meant
        raise RuntimeError("no name")


class Unnamed(Exception, metaclass=Nameless):
    """Its class has no name."""


class Posing(ModelFailed):
    """It passes for one of livedraft's errors and has nothing that they have."""

    def __init__(self) -> None:
        Exception.__init__(self)


def numbered() -> ModelFailed:
    """Return an error whose message is none."""
    return ModelFailed(cast(str, 7), fix=cast(str, object()))


RAISED: dict[str, Callable[[], BaseException]] = {
    "exception": lambda: ZeroDivisionError("of the zoo"),
    "SystemExit": lambda: SystemExit(0),
    "KeyboardInterrupt": KeyboardInterrupt,
    "CancelledError": asyncio.CancelledError,
    "cancelled future": concurrent.futures.CancelledError,
    "GeneratorExit": GeneratorExit,
    "StopIteration": StopIteration,
    "StopAsyncIteration": StopAsyncIteration,
    "TimeoutError": TimeoutError,
    "no Exception": Strange,
    "mute": Mute,
    "leaving when read": Leaving,
    "unnamed": lambda: Unnamed(),
    "posing as ours": Posing,
    "message is a number": numbered,
    "session closed": lambda: SessionClosed("says the model"),
    "unauthorized": lambda: Unauthorized("says the model"),
    "group": lambda: BaseExceptionGroup("several", [SystemExit(0), Mute()]),
}
