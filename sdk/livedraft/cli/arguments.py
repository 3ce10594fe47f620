"""Command lines that hold flags which only a model knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from livedraft.errors import InvalidParams


def split(arguments: Sequence[str]) -> tuple[list[str], dict[str, Any]]:
    """Tell names of files from flags that only the model knows; raise InvalidParams."""
    params: dict[str, Any] = {}
    names: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if not argument.startswith("--"):
            names.append(argument)
            continue
        name, equals, value = argument[2:].partition("=")
        params[name.replace("-", "_")] = value if equals else next(rest, None)
        if params[name.replace("-", "_")] is None:
            raise InvalidParams(f"{argument} has no value", fix=f"write {argument} VALUE")
    return names, params


def pair(text: str, flag: str) -> tuple[str, str]:
    """Return the two sides of KEY=VALUE; raise InvalidParams."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise InvalidParams(f"--{flag} {text!r} has no '='", fix=f"write --{flag} NAME=VALUE")
    return name.replace("-", "_"), value
