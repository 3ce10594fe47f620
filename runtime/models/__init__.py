"""The models by name, loaded when first asked for; third parties add theirs by entry point."""

from __future__ import annotations

from livedraft.errors import ModelNotFound
from livedraft.registry import Registry

from .base import AnyModel

DEFAULT = "ink"

MODELS: Registry[type[AnyModel]] = Registry(
    "livedraft.models",
    {
        "ink": "livedraft.runtime.models.ink:Ink",
        "echo": "livedraft.runtime.models.echo:Echo",
    },
    ModelNotFound,
)
