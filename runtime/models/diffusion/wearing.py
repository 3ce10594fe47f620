"""What models of a pipeline do with LoRAs: they are put on its networks, for whoever asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from ..adapters import Adaptable
from .placed import Placed

if TYPE_CHECKING:
    from .fitting import Fitting
    from .loras import DiffusionLora, Loras
    from .placing import Loaded
    from .state import DiffusionState

    class Worn(Loaded, Protocol):
        """A pipeline whose networks take LoRAs."""

        loras: Loras


W = TypeVar("W", bound="Worn")


class Wearing(Placed[W], Adaptable["DiffusionLora"], Generic[W]):
    """A model whose pictures wear LoRAs, each those that it asks for."""

    _fitting: Fitting

    def call_bytes(self) -> int:
        """Return what a picture of its own size takes, as far as it was measured."""
        return self._fitting.call_bytes

    def close(self, state: DiffusionState) -> None:
        """Forget what was computed, and LoRAs that nobody wears any more."""
        super().close(state)
        self._family.loras.sweep()

    def read_lora(self, name: str, path: Path) -> DiffusionLora | None:
        """Read a file in the naming of kohya, diffusers or PEFT, and see that it fits."""
        return self._family.loras.read(name, path)

    def attach(self, adapter: DiffusionLora) -> None:
        """Put it on the networks, for the rows that will ask for it."""
        self._family.loras.attach(adapter)

    def detach(self, name: str) -> None:
        """Take it off the networks when the last job is gone that was prepared with it."""
        self._family.loras.detach(name)
