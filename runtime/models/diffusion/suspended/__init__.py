"""``diffusers:FOLDER``: any pipeline by its own loop, which stands still between steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .model import SuspendedModel


def find(where: str) -> type[SuspendedModel]:
    """Return the model of a folder, or of what the hub's cache has of owner/name.

    Raises WeightsError where there is none, or none that can be served in this way, and
    MissingExtraError without diffusers.
    """
    from .model import model_of

    return model_of(where)
