"""The models of a configuration, loaded in the test's own thread."""

from __future__ import annotations

from livedraft.runtime.config import Config
from livedraft.runtime.models.base import AnyModel
from livedraft.runtime.readiness import Readiness
from livedraft.runtime.table import Table


def load_models(config: Config) -> dict[str, AnyModel]:
    """Load the configured models by name; raise as ``Table`` does."""
    table = Table(config, Readiness())
    models = {name: model for lane in table.lanes for name, model in table.load(lane).items()}
    table.check(list(models))
    return models
