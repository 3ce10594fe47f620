"""The models by name, loaded when first asked for; third parties add theirs by entry point."""

from __future__ import annotations

import inspect

from livedraft.errors import ModelFailed, ModelNotFound
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


def load_model(model: type[AnyModel], device: str, threads: int = 0) -> AnyModel:
    """Load a model to a device, as its class knows to; raise ModelFailed where it does not."""
    try:
        inspect.signature(model.load).bind(device, threads=threads)
    except TypeError as error:
        raise ModelFailed(
            f"{model.info.id} cannot be loaded: {model.__name__}.load() {error}",
            fix='define it as load(cls, device="cpu", source="", threads=0)',
        ) from None
    return model.load(device, threads=threads)
