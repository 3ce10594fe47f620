"""What models of a family hold for a session and on their device, and how they make room there."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar

from ...plan import Part
from ..base import Report
from .state import DiffusionState

if TYPE_CHECKING:
    from .placing import Loaded, Placement


F = TypeVar("F", bound="Loaded")


class Placed(Generic[F]):
    """A model whose pipeline's parts may be moved to the host while nobody draws with it."""

    _family: F

    @cached_property
    def placement(self) -> Placement:
        """Where the parts are."""
        from .placing import Placement

        return Placement(self._family)

    def open(self) -> DiffusionState:
        """Return empty caches."""
        return DiffusionState()

    def suspend(self, state: DiffusionState) -> None:
        """Move what was computed to the host."""
        from .preparing import suspend

        suspend(state)

    def footprint(self, state: DiffusionState) -> int:
        """Return the bytes of what was computed of prompts and pictures."""
        return sum(cache.nbytes for cache in state.caches)

    def close(self, state: DiffusionState) -> None:
        """Forget it."""
        for cache in state.caches:
            cache.clear()
        state.pictures.clear()

    def serve(self, report: Report) -> None:
        """Warm by pieces what the plan did not name, and say so."""
        self.placement.warm_by_pieces(
            lambda done, total: report(Part("warming", done, total, "pieces"))
        )

    def resident_bytes(self) -> int:
        """Return the bytes of its parts and of the LoRAs on them."""
        return self.placement.nbytes

    def offload(self) -> bool:
        """Move its parts to the host, unless that is where they compute, or ranks have them."""
        return self.placement.offload()

    def onload(self, report: Report) -> None:
        """Bring its parts back, one after another."""
        self.placement.onload(report)
