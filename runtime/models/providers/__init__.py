"""``provider:NAME/MODEL``: closed models behind a provider's queue; a provider is one file."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from livedraft.errors import ModelNotFound, did_you_mean

if TYPE_CHECKING:
    from .model import ProviderModel

PROVIDERS = {"fal": "fal:Fal"}  # module and class in this folder


def find(where: str) -> type[ProviderModel]:
    """Return the model ``NAME/MODEL``; whether it is there, the provider says when it is asked."""
    from .model import model_of

    name, _, model = where.partition("/")
    if name not in PROVIDERS:
        raise ModelNotFound(f"no provider '{name[:40]}'", fix=did_you_mean(name, PROVIDERS))
    module, _, kind = PROVIDERS[name].partition(":")
    provider = getattr(import_module(f".{module}", __package__), kind)
    return model_of(provider, model)
