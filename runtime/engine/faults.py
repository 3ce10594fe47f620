"""What is raised where anything may be raised, told as one of our errors."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import TypeVar

from livedraft.errors import (
    CODES,
    BadInput,
    ConfigError,
    EngineError,
    LivedraftError,
    MissingExtraError,
    ModelFailed,
    ModelNotFound,
    OutOfMemory,
)

log = logging.getLogger(__name__)
T = TypeVar("T")
R = TypeVar("R")

FIX = "mend the model; docs/guides/add-a-model.md says what it must keep to"

_LONGEST = 300  # characters of what an exception says, on its way to a client
# What a model may tell of: of what it was given, of itself, and as it loads of what it needs.
_TOLD = (BadInput, EngineError, ConfigError, MissingExtraError, ModelNotFound)
_FIX = "try other params; if it stays, whoever runs the server finds more in its log"
_UNREADABLE = "an exception that cannot be read"


def unexpected(error: Exception, doing: str) -> EngineError:
    """Log a fault of ours in full and return what the session it belongs to is told."""
    _log(error, doing)
    return EngineError(
        f"{doing} failed: {describe(error)}", fix="try again; the server's log tells where"
    )


def of_model(error: BaseException, doing: str, fix: str = _FIX) -> LivedraftError:
    """Return what a model raised as an error of ours, made anew.

    Made anew, because the model's own object holds its traceback and with it tensors, may be
    raised again for another job, and need not be what its class promises. Only the errors that a
    model may tell of keep their code: were it ``session_closed``, clients would believe it.
    """
    try:
        known = _ours(error) or _memory(error)
    except BaseException:  # even a class's name may be anybody's code
        known = None
    if known is not None:
        return known
    _log(error, doing)
    return ModelFailed(f"{doing} failed: {describe(error)}", fix=fix)


class Guarded:
    """Calls what belongs to a model, and returns its fault as one of our errors.

    Where a model reads nothing of a user's, ``reads`` is False, and no input is to blame.
    """

    def __init__(self, doing: str, *, reads: bool = True) -> None:
        self._doing = doing
        self._reads = reads

    def __call__(self, call: Callable[[T], R], argument: T) -> R | LivedraftError:
        """Return what a call returns, or what it raises: ``SystemExit`` ends no server here."""
        try:
            return call(argument)
        except BaseException as error:  # the engine's boundary: a model may raise anything
            fault = of_model(error, self._doing)
            if isinstance(fault, BadInput) and not self._reads:
                return ModelFailed(f"{self._doing} gave what cannot be: {fault.message}", fix=FIX)
            return fault


def settable(error: BaseException) -> Exception:
    """Return an error that a future takes, and that ends no event loop where it is awaited."""
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    made = RuntimeError(f"a call raised {describe(error)}")
    made.__cause__ = error
    return made


def describe(error: BaseException) -> str:
    """Return an exception's class and its message, whatever it does when it is asked."""
    try:
        name = str(type(error).__name__)[:100]
        text = str(error)[:_LONGEST]
    except BaseException:  # ``__str__`` is anybody's code
        return _UNREADABLE
    return f"{name}: {text}" if text else name


def _ours(error: BaseException) -> LivedraftError | None:
    kind = type(error)
    if not issubclass(kind, _TOLD) or CODES.get(kind.code) is not kind:
        return None
    message, fix = getattr(error, "message", None), getattr(error, "fix", None)
    if not isinstance(message, str) or not isinstance(fix, str):
        return None
    made = kind.__new__(kind)
    LivedraftError.__init__(made, message[:_LONGEST], fix=fix[:_LONGEST])
    return made


def _memory(error: BaseException) -> OutOfMemory | None:
    if isinstance(error, MemoryError):
        return OutOfMemory("the machine has no memory left", fix="use fewer steps or pixels")
    if type(error).__name__ == "OutOfMemoryError":  # torch's, without importing torch
        return OutOfMemory("the device has no memory left", fix="use fewer steps or pixels")
    return None


def _log(error: BaseException, doing: str) -> None:
    """Log an error with its traceback as text: who keeps a record keeps no frames, nor pictures."""
    try:
        text = "".join(traceback.format_exception(error)).rstrip()
        log.error("%s failed\n%s", doing, text)
    except BaseException:  # the traceback holds what the exception says of itself
        log.error("%s failed: %s", doing, describe(error))
