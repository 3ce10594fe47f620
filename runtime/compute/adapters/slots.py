"""LoRAs of a network: known by name, on its device while rows need them, swapped between calls."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import nn

from .fit import Fitted, Layers
from .layers import Adapted, Base, Rows, adapted, blank

COLUMNS = 64  # ranks that are on the device together, before more are needed
MOST_COLUMNS = 256  # up to which more columns are taken rather than one LoRA's for another's
ROWS = 32  # of a batch, before more are needed

Row = Mapping[str, float]  # LoRAs by name, with their weights


class Slots:
    """The LoRAs of a network, whose layers stay untouched while it has none.

    Not for several threads: all calls are made where the network is called. What is refused or
    fails, as for want of memory, leaves all as it was.
    """

    def __init__(self, module: nn.Module, columns: int = COLUMNS) -> None:
        self.layers = Layers(module)
        self._module = module
        self._least = columns
        self._known: dict[str, Fitted] = {}
        self._held: OrderedDict[str, range] = OrderedDict()  # columns; the longest unused first
        self._wrapped: dict[str, Adapted] = {}
        self._rows: Rows | None = None
        self._generation = 0

    @property
    def key(self) -> Hashable:
        """What a recorded call holds good for: it must be recorded anew where this has changed.

        It is None while no row has a LoRA. Else it changes with the layers that have LoRAs, with
        the room for them and with how many rows have their own, 1 where all have the same, but
        neither with which LoRAs there are nor with their weights.
        """
        count = self._rows.count if self._rows else 0
        return (self._generation, count) if count else None

    def outdated(self, key: Hashable) -> bool:
        """Say whether no call will be like one that was recorded under a key."""
        return isinstance(key, tuple) and key[0] != self._generation

    @property
    def nbytes(self) -> int:
        """Bytes that all LoRAs take, on the device and in memory."""
        on_device = sum(layer.nbytes for layer in self._wrapped.values())
        return on_device + sum(fitted.nbytes for fitted in self._known.values())

    def __contains__(self, name: object) -> bool:
        """Say whether a name is known."""
        return name in self._known

    def put(self, name: str, fitted: Fitted) -> None:
        """Make a LoRA known by a name; it takes the place of one that has it."""
        missing = fitted.pairs.keys() - self._wrapped.keys()
        columns = max(self._columns, self._least, fitted.rank)
        if missing or columns > self._columns:
            self._rebuild({*self._wrapped, *fitted.pairs}, columns, self._row_count)
        self._held.pop(name, None)
        self._known[name] = fitted

    def take(self, name: str) -> None:
        """Know a LoRA no more; with the last one the layers are the network's own again."""
        del self._known[name]
        self._held.pop(name, None)
        if not self._known:
            self._rebuild(set(), 0, 0)

    @contextmanager
    def rows(self, rows: Sequence[Row]) -> Iterator[None]:
        """Let each row of the calls within have its own LoRAs; raise KeyError for unknown names.

        A row may take several places of a call, one after another.
        """
        needed = {name for row in rows for name, weight in row.items() if weight}
        if not needed:
            yield
            return
        if all(row == rows[0] for row in rows):
            rows = rows[:1]  # whatever places there are, they are weighed alike
        self._bring(needed, len(rows))
        assert self._rows is not None, "there are LoRAs"
        weights = [[0.0] * self._columns for _ in rows]
        for row, kept in zip(rows, weights, strict=True):
            for name, weight in row.items():
                if weight:
                    held = self._held[name]
                    kept[held.start : held.stop] = [weight] * len(held)
        self._rows.set(weights)
        try:
            yield
        finally:
            self._rows.count = 0

    @property
    def _columns(self) -> int:
        return self._rows.weights.shape[1] if self._rows else 0

    @property
    def _row_count(self) -> int:
        return len(self._rows.weights) if self._rows else ROWS

    def _bring(self, needed: set[str], rows: int) -> None:
        """Have LoRAs on the device, in the place of the longest unused where there is no other."""
        missing = {name: self._known[name].rank for name in needed if name not in self._held}
        for name in needed - missing.keys():
            self._held.move_to_end(name)
        idle = [name for name in self._held if name not in needed]
        while not self._placed(missing):
            more = min(2 * self._columns, MOST_COLUMNS)
            if more > self._columns:
                self._rebuild(set(self._wrapped), more, self._row_count)
            elif idle:
                del self._held[idle.pop(0)]
            else:
                self._rebuild(set(self._wrapped), 2 * self._columns, self._row_count)
        if rows > self._row_count:
            self._rebuild(set(self._wrapped), self._columns, 2 * rows)

    def _placed(self, missing: dict[str, int]) -> bool:
        """Put LoRAs of these ranks into free columns; say whether there was room for all."""
        for name, rank in list(missing.items()):
            place = self._free(rank)
            if place is None:
                return False
            for path, layer in self._wrapped.items():
                layer.put(place.start, place.stop, self._known[name].pairs.get(path))
            self._held[name] = place
            del missing[name]
        return True

    def _free(self, rank: int) -> range | None:
        """Return the first free columns of a rank beside each other, None if there are none."""
        start = 0
        for held in sorted(self._held.values(), key=lambda held: held.start):
            if held.start - start >= rank:
                break
            start = held.stop
        return range(start, start + rank) if start + rank <= self._columns else None

    @torch.inference_mode(False)  # what is made here is written to in any mode
    def _rebuild(self, paths: set[str], columns: int, rows: int) -> None:
        """Have these layers take LoRAs in so many columns; fill them with what is held."""
        made: dict[str, Adapted] = {}
        shared: Rows | None = None
        for path in sorted(paths):
            layer = self._module.get_submodule(path)
            base: Base = layer.base if isinstance(layer, Adapted) else layer
            shared = shared or Rows(rows, columns, blank(base))
            made[path] = adapted(base, shared, columns)
        for name, held in self._held.items():
            for path, layer in made.items():
                layer.put(held.start, held.stop, self._known[name].pairs.get(path))
        for path in self._wrapped.keys() - paths:
            self._module.set_submodule(path, self._wrapped[path].base)
        for path, layer in made.items():
            self._module.set_submodule(path, layer)
        self._wrapped, self._rows = made, shared
        self._generation += 1
