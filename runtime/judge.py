"""Params of pages judged by the models that a server will have, before any of them is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livedraft.errors import InvalidParams, LivedraftError

from .config import Config
from .entries import entries
from .models import MODELS
from .models.base import AnyModel, Params
from .models.params import merge


class Judge:
    """Knows the params of the models of a configuration by their classes alone."""

    def __init__(self, config: Config) -> None:
        table = entries(config.models, config.plans, config.device, config.threads, config.parallel)
        # The first is the default. What a provider's card says is known once it is loaded.
        self._names = [
            each.name for each in table if not (each.source and each.name.startswith("provider:"))
        ]

    def __call__(self, model: str, params: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the names of all params that a model takes; raise InvalidParams for others.

        Without a model it is any of them, since its user may choose. A model that is none, or
        that cannot be imported, is told when it is asked for.
        """
        named = [name for name in self._names if model in ("", name) or ":" in name]
        found = [
            each for name in named if (each := _of(name)) and model in ("", name, each.info.id)
        ]
        schemas = [each.params for each in found]
        if params and schemas:
            _take(schemas, params)
        return tuple(dict.fromkeys(name for each in schemas for name in each.model_fields))


def _take(schemas: list[type[Params]], params: Mapping[str, Any]) -> None:
    """Raise what the first of some models says of params that none of them takes."""
    first: InvalidParams | None = None
    for schema in schemas:
        try:
            merge(schema, None, params)
        except InvalidParams as error:
            first = first or error
        else:
            return
    assert first is not None, "there are models"
    raise first


def _of(name: str) -> type[AnyModel] | None:
    try:
        return MODELS.load(name)
    except LivedraftError:
        return None
