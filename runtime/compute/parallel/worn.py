"""LoRAs of a network that ranks have: each wears them on its layers, told by the process here."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Sequence
from contextlib import contextmanager

from livedraft.errors import ModelFailed, WeightsError

from ..adapters.fit import Fitted, Layers
from ..adapters.slots import Row
from .ranks import Ranks


class RankSlots:
    """What `Slots` are to a network that is here; ``joints`` are layers where ranks join tokens."""

    key: Hashable = None  # calls of ranks are not recorded

    def __init__(self, layers: Layers, ranks: Ranks, joints: Collection[str]) -> None:
        self.layers = layers
        self._ranks, self._joints = ranks, joints
        self._known: dict[str, Fitted] = {}

    @property
    def nbytes(self) -> int:
        """Bytes that they take here, from which ranks are told."""
        return sum(fitted.nbytes for fitted in self._known.values())

    def __contains__(self, name: object) -> bool:
        """Say whether a name is known."""
        return name in self._known

    def outdated(self, key: Hashable) -> bool:
        """Say no: nothing is recorded."""
        return False

    def put(self, name: str, fitted: Fitted) -> None:
        """Have every rank know a LoRA by a name, or none; raise WeightsError, ModelFailed."""
        if changed := sorted(fitted.pairs.keys() & self._joints):
            raise WeightsError(
                f"the LoRA changes '{changed[0]}', where ranks join their tokens",
                fix="serve the model without ulysses and ring, or leave that layer out of it",
            )
        try:
            self._ranks.put(name, fitted)
        except ModelFailed:
            if not self._ranks.ended:
                self._ranks.take(name)
            raise
        self._known[name] = fitted

    def take(self, name: str) -> None:
        """Have ranks know a LoRA no more; those that have ended know none."""
        del self._known[name]
        if not self._ranks.ended:
            self._ranks.take(name)

    @contextmanager
    def rows(self, rows: Sequence[Row]) -> Iterator[None]:
        """Let each row of the calls within have its own LoRAs."""
        self._ranks.worn = rows
        try:
            yield
        finally:
            self._ranks.worn = ()
