"""Errors as OpenAI's clients read them: a message, a type, the param, our code."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse, Response

from livedraft.errors import BadInput, LivedraftError, ModelNotFound, ProtocolError, Unauthorized

from ..refusals import refusal


def refused(error: LivedraftError) -> Response:
    """Return an error with the status and headers that it has everywhere."""
    usual = refusal(error)
    kept = {name: value for name, value in usual.headers.items() if name in _KEPT}
    return JSONResponse({"error": described_error(error)}, HTTPStatus(usual.status_code), kept)


def described_error(error: LivedraftError) -> dict[str, Any]:
    """Return what is told of an error; what to do stands in the message, which is all most show."""
    told = error.to_wire()
    message = f"{told['message']} ({told['fix']})" if told["fix"] else told["message"]
    param, colon, _ = error.message.partition(": ")
    named = colon and isinstance(error, BadInput) and param.replace("_", "").isalnum()
    return {
        "message": message,
        "type": _type(error),
        "param": param if named else None,
        "code": error.code,
    }


_KEPT = ("retry-after", "www-authenticate")


def _type(error: LivedraftError) -> str:
    if isinstance(error, Unauthorized):
        return "authentication_error"
    if isinstance(error, (BadInput, ProtocolError, ModelNotFound)):
        return "invalid_request_error"
    return "server_error"
