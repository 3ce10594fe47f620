"""How an error is said over HTTP."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from livedraft.errors import (
    BadInput,
    BadMessage,
    LivedraftError,
    MissingExtraError,
    ModelLoading,
    ModelNotFound,
    OutOfMemory,
    ProtocolError,
    ServerBusy,
    SessionClosed,
    Unauthorized,
)

from ..engine.watch import ModelHangs

RETRY_AFTER_S = 2  # a draft takes less, a refine hardly more


class Forbidden(Unauthorized):
    """The Host or the website of a request is not allowed here; a token does not change that."""


class TooLarge(BadMessage):
    """A request's body is larger than the server reads."""


_STATUS: list[tuple[type[LivedraftError], HTTPStatus]] = [
    (TooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (BadInput, HTTPStatus.BAD_REQUEST),
    (ProtocolError, HTTPStatus.BAD_REQUEST),
    (Forbidden, HTTPStatus.FORBIDDEN),
    (Unauthorized, HTTPStatus.UNAUTHORIZED),
    (ModelNotFound, HTTPStatus.NOT_FOUND),
    (MissingExtraError, HTTPStatus.NOT_IMPLEMENTED),
    (ServerBusy, HTTPStatus.SERVICE_UNAVAILABLE),
    (ModelLoading, HTTPStatus.SERVICE_UNAVAILABLE),
    (SessionClosed, HTTPStatus.SERVICE_UNAVAILABLE),
    (OutOfMemory, HTTPStatus.SERVICE_UNAVAILABLE),
    (ModelHangs, HTTPStatus.SERVICE_UNAVAILABLE),
]


def refusal(error: LivedraftError) -> Response:
    """Return an error as HTTP says it."""
    status = next(
        (status for cls, status in _STATUS if isinstance(error, cls)),
        HTTPStatus.INTERNAL_SERVER_ERROR,
    )
    headers = {}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse({"error": error.to_wire()}, status, headers)


async def broken(request: Request, error: Exception) -> Response:
    """Answer where the server itself is at fault, which Starlette logs."""
    answer = LivedraftError("the server failed to answer", fix="its log says why")
    return JSONResponse(
        {"error": answer.to_wire()},
        HTTPStatus.INTERNAL_SERVER_ERROR,
        {"X-Content-Type-Options": "nosniff"},
    )
