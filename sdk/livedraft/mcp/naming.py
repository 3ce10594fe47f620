"""What params of an assistant may be called: as a model's are, and as nothing of the client is."""

from __future__ import annotations

import inspect
from collections.abc import Mapping

from livedraft.client import AsyncClient, AsyncSession
from livedraft.errors import InvalidParams

_CALLS = (
    *(AsyncClient.generate, AsyncClient.final),
    *(AsyncSession.send, AsyncSession.update, AsyncSession.refine),
)
# They are passed to these by name, where other names are pictures, which may be paths of files.
_WORDS = {name for call in _CALLS for name in inspect.signature(call).parameters}
_WORDS -= {"params", "prompt"}


def check_params(arguments: Mapping[str, object]) -> None:
    """Raise InvalidParams where params of a tool's arguments have a name that they may not have."""
    params = arguments.get("params")
    if not isinstance(params, dict):
        return
    for name in sorted(_WORDS & params.keys()):
        raise InvalidParams(f"no parameter '{name}'", fix="list_models tells a model's params")
    for name in params.keys() & (arguments.keys() - {"params"}):
        raise InvalidParams(f"{name} is said twice", fix="leave it out of params")
