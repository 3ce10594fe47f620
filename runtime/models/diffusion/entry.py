"""What the catalogue knows of a model; nothing here imports torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .terms import Licence


@dataclass(frozen=True, slots=True)
class Entry:
    """A model that is served by name, from weights in diffusers' layout."""

    id: str
    title: str
    description: str  # one sentence: what it makes, of what
    task: str
    licence: Licence
    hub: str  # where it is published: owner/name
    pipelines: tuple[str, ...]  # classes that its model_index.json may name, the published first
    components: Mapping[str, int]  # that hold weights, with their rough bytes at bfloat16
    width: int  # px, native
    height: int  # px
    draft_steps: int
    max_steps: int
    family: str  # that drives it: "module:Class" in ``families``
    rate: float = 0.0  # frames a second; 0: it makes pictures
    where_named: tuple[str, ...] = ()  # components that an index may name, and are then needed

    @property
    def rough_bytes(self) -> int:
        """What all its weights take at bfloat16, where nobody has counted yet."""
        return sum(self.components.values())
