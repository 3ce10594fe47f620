"""The models of a configuration, loaded in the test's own thread."""

from __future__ import annotations

from livedraft.runtime.config import Config
from livedraft.runtime.models.base import AnyModel
from livedraft.runtime.readiness import Readiness
from livedraft.runtime.table import Table


def load_models(config: Config) -> dict[str, AnyModel]:
    """Load the configured models by name; raise as ``Table`` does."""
    table = Table(config, Readiness())
    loaded = [table.load(entry) for entries in table.lanes.values() for entry in entries]
    models = {model.info.id: model for model in loaded if model is not None}
    table.check(list(models))
    return models
