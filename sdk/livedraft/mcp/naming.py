"""What arguments and params of an assistant may be called: as a tool's and as a model's are."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping

from livedraft.client import AsyncClient, AsyncSession
from livedraft.errors import InvalidParams, did_you_mean

_CALLS = (
    *(AsyncClient.generate, AsyncClient.final),
    *(AsyncSession.send, AsyncSession.update, AsyncSession.refine),
)
# Params are passed to these by name, where other names are pictures, which may be paths of files.
_WORDS = {name for call in _CALLS for name in inspect.signature(call).parameters}
_WORDS -= {"params", "prompt"}


def check_arguments(arguments: Mapping[str, object], known: Collection[str]) -> None:
    """Raise InvalidParams for an argument that a tool does not have."""
    for name in sorted(arguments.keys() - set(known)):
        fix = did_you_mean(name, known) if known else "it takes none"
        if "params" in known:
            fix += "; what list_models calls a model's params goes into params"
        raise InvalidParams(f"no argument '{name[:40]}'", fix=fix)


def check_params(arguments: Mapping[str, object]) -> None:
    """Raise InvalidParams where params of a tool's arguments have a name that they may not have."""
    params = arguments.get("params")
    if not isinstance(params, dict):
        return
    for name in sorted(_WORDS & params.keys()):
        raise InvalidParams(f"no parameter '{name}'", fix="list_models tells a model's params")
    for name in params.keys() & (arguments.keys() - {"params"}):
        raise InvalidParams(f"{name} is said twice", fix="leave it out of params")
