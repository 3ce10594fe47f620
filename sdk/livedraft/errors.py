"""Every error that livedraft raises or sends, under one root.

LivedraftError
├ ConfigError            a setting is unknown, unparsable or contradicts another
├ MissingExtraError      an optional dependency is not installed
├ TransportError
│ ├ ConnectFailed        no connection could be made (retryable)
│ ├ ConnectionLost       the connection broke and could not be resumed (retryable)
│ └ TimedOut             the server did not answer in time (retryable)
├ ProtocolError          a message breaks the protocol
│ ├ BadMessage           not decodable, too large, too deep, wrong type
│ ├ OutOfOrder           a message that the session's state does not allow
│ └ VersionMismatch      the two ends speak no common version
├ Unauthorized           token missing or wrong, or the Origin is not allowed
├ SessionError
│ ├ SessionClosed        the session is over
│ ├ SessionIdle          the session gave its place to others; it goes on at the next word
│ ├ SessionUnknown       the resume token is unknown or has expired
│ ├ ServerBusy           no place is free (retryable)
│ └ ModelLoading         the model is still being loaded or warmed up (retryable)
├ BadInput               params, picture, video or sound are refused
│ ├ InvalidParams        a parameter is unknown, of a wrong type or out of range
│ ├ InvalidImage         a picture is truncated, too large or of an unsupported type
│ └ InvalidMedia         video or sound is damaged, too large, of another type or out of time
├ ModelNotFound          no model of this name
└ EngineError
  ├ WeightsError         weights are missing or do not fit
  ├ ModelFailed          the model raised, did not return, or returned what it must not
  └ OutOfMemory          the device has no memory left (retryable)
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, ClassVar


class LivedraftError(Exception):
    """Base of all errors; ``code`` is stable, ``fix`` says what to do about it."""

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.message} ({self.fix})" if self.fix else self.message

    def to_wire(self) -> dict[str, Any]:
        """Return the four fields that an ``error`` message carries."""
        return {
            "code": self.code,
            "message": _printable(self.message),
            "retryable": self.retryable,
            "fix": _printable(self.fix),
        }


class ConfigError(LivedraftError):
    """A setting is unknown, unparsable or contradicts another."""

    code = "config"


class MissingExtraError(LivedraftError):
    """An optional dependency is not installed."""

    code = "missing_extra"

    def __init__(self, extra: str, needed_for: str) -> None:
        super().__init__(
            f"{needed_for} needs the extra '{extra}'",
            fix=f"pip install 'livedraft[{extra}]'",
        )


class TransportError(LivedraftError):
    """Bytes could not be moved."""

    code = "transport"


class ConnectFailed(TransportError):
    """No connection could be made."""

    code = "connect_failed"
    retryable = True


class ConnectionLost(TransportError):
    """The connection broke and could not be resumed."""

    code = "connection_lost"
    retryable = True


class TimedOut(TransportError):
    """The server did not answer in time."""

    code = "timed_out"
    retryable = True


class ProtocolError(LivedraftError):
    """A message breaks the protocol."""

    code = "protocol"


class BadMessage(ProtocolError):
    """A message is not decodable, too large, too deep or of a wrong type."""

    code = "bad_message"


class OutOfOrder(ProtocolError):
    """A message came that the session's state does not allow."""

    code = "out_of_order"


class VersionMismatch(ProtocolError):
    """The two ends speak no common protocol version."""

    code = "version_mismatch"


class Unauthorized(LivedraftError):
    """The token is missing or wrong, or the Origin is not allowed."""

    code = "unauthorized"


class SessionError(LivedraftError):
    """Something is wrong with a session."""

    code = "session"


class SessionClosed(SessionError):
    """The session is over."""

    code = "session_closed"


class SessionIdle(SessionError):
    """The session gave its place to others, since nothing happened; it goes on at the next word."""

    code = "session_idle"


class SessionUnknown(SessionError):
    """The resume token is unknown or has expired."""

    code = "session_unknown"


class ServerBusy(SessionError):
    """No place is free."""

    code = "server_busy"
    retryable = True


class ModelLoading(SessionError):
    """The model is still being loaded or warmed up."""

    code = "model_loading"
    retryable = True


class BadInput(LivedraftError):
    """Params, picture, video or sound are refused."""

    code = "bad_input"


class InvalidParams(BadInput):
    """A parameter is unknown, of a wrong type or out of range."""

    code = "invalid_params"


class InvalidImage(BadInput):
    """A picture is truncated, too large or of an unsupported type."""

    code = "invalid_image"


class InvalidMedia(BadInput):
    """Video or sound is damaged, too large, of an unsupported type, or out of time."""

    code = "invalid_media"


class ModelNotFound(LivedraftError):
    """No model of this name exists."""

    code = "model_not_found"


class EngineError(LivedraftError):
    """The engine could not do a job; it ends that job, never the server."""

    code = "engine"


class WeightsError(EngineError):
    """Weights are missing or do not fit the model."""

    code = "weights"


class ModelFailed(EngineError):
    """The model raised, did not return in time, or returned what it must not."""

    code = "model_failed"


class OutOfMemory(EngineError):
    """The device has no memory left."""

    code = "out_of_memory"
    retryable = True


def _by_code(root: type[LivedraftError]) -> dict[str, type[LivedraftError]]:
    found = {root.code: root}
    for child in root.__subclasses__():
        found |= _by_code(child)
    return found


MOST_CHARS = 1000  # characters of a message or a fix; a model's words may quote anything

CODES: dict[str, type[LivedraftError]] = _by_code(LivedraftError)


def from_wire(error: dict[str, Any]) -> LivedraftError:
    """Return the error that an ``error`` message describes; an unknown code gives the root."""
    code = error.get("code")
    cls = CODES.get(code, LivedraftError) if isinstance(code, str) else LivedraftError
    made = cls.__new__(cls)
    message, fix = error.get("message"), error.get("fix")
    LivedraftError.__init__(
        made,
        _printable(message) if isinstance(message, str) else "",
        fix=_printable(fix) if isinstance(fix, str) else "",
    )
    return made


def _printable(text: str) -> str:
    """Return a text as any line and any log takes it: one line, of characters, not too long."""
    short = text if len(text) <= MOST_CHARS else text[: MOST_CHARS - 1] + "…"
    return "".join(one if one.isprintable() else " " for one in short)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a ``fix`` that names the closest known word, else all known words."""
    names = sorted(known)
    close = difflib.get_close_matches(name[:100], names, n=1)
    return f"did you mean '{close[0]}'?" if close else "known: " + ", ".join(names)
