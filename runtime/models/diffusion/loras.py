"""LoRAs of a loaded pipeline: read beside its calls, put on its networks, worn by rows of calls."""

from __future__ import annotations

import weakref
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from torch import nn

from livedraft.errors import InvalidParams, did_you_mean
from livedraft.runtime.compute.adapters.fit import Fitted, fit
from livedraft.runtime.compute.adapters.lora_file import read_lora
from livedraft.runtime.compute.adapters.slots import Row, Slots
from livedraft.runtime.compute.parallel import Ranks, RankSlots

from ..adapters import Adapter, presented

_DENOISERS = ("unet", "transformer", "transformer_2")
_ENCODERS = ("text_encoder", "text_encoder_2", "text_encoder_3")


@dataclass(frozen=True, eq=False)
class DiffusionLora(Adapter):
    """A file that was read: what it changes of each network."""

    key: str  # unlike that of any other, since a name may get another file
    parts: Mapping[str, Fitted]


@dataclass(frozen=True)
class Mix:
    """LoRAs with their weights that a picture is made with; it keeps them on the networks."""

    loras: tuple[tuple[DiffusionLora, float], ...] = ()

    @property
    def row(self) -> Row:
        """The weights as rows of a call have them."""
        return {lora.key: weight for lora, weight in self.loras}

    @property
    def of_text(self) -> tuple[tuple[str, float], ...]:
        """What the code of a prompt depends on."""
        found = [(lora, weight) for lora, weight in self.loras if lora.parts.keys() & {*_ENCODERS}]
        return tuple((lora.key, weight) for lora, weight in found)


class Loras:
    """What is attached to a pipeline's denoiser and text encoders.

    What was detached stays on the networks until no job is left that was prepared with it.
    """

    def __init__(self, components: Mapping[str, Any]) -> None:
        self._slots: dict[str, Slots | RankSlots] = {
            name: Slots(part)
            for name, part in components.items()
            if name in (*_DENOISERS, *_ENCODERS) and isinstance(part, nn.Module)
        }
        self._next = count(1)
        self._known: dict[str, DiffusionLora] = {}
        self._leaving: dict[str, weakref.ref[DiffusionLora]] = {}

    def spread(self, part: str, ranks: Ranks, joints: Collection[str]) -> None:
        """Put a denoiser's on the ranks that have it from now on; see `RankSlots`."""
        self._slots[part] = RankSlots(self._slots[part].layers, ranks, joints)

    @property
    def nbytes(self) -> int:
        """Bytes that all of them take."""
        return sum(slots.nbytes for slots in self._slots.values())

    def read(self, name: str, path: Path) -> DiffusionLora | None:
        """Return what a file changes, None if it is for another model; raise WeightsError."""
        file = read_lora(path)
        parts = fit(file, {part: slots.layers for part, slots in self._slots.items()})
        if not parts:
            return None
        return DiffusionLora(presented(name, file.metadata), f"{name}#{next(self._next)}", parts)

    def attach(self, lora: DiffusionLora) -> None:
        """Make one known by its name; where that fails, all is as it was."""
        self.sweep()
        with ExitStack() as undo:
            for part, fitted in lora.parts.items():
                self._slots[part].put(lora.key, fitted)
                undo.callback(self._slots[part].take, lora.key)
            undo.pop_all()
        self._known[lora.info.name] = lora

    def detach(self, name: str) -> None:
        """Know a name no more."""
        lora = self._known.pop(name)
        self._leaving[lora.key] = weakref.ref(lora)
        del lora
        self.sweep()

    def sweep(self) -> None:
        """Take off the networks what was detached and no job wears any more."""
        for key in [key for key, worn in self._leaving.items() if worn() is None]:
            del self._leaving[key]
            for slots in self._slots.values():
                if key in slots:
                    slots.take(key)

    def mix(self, asked: Mapping[str, float]) -> Mix:
        """Return what a picture is to be made with; raise InvalidParams for an unknown name."""
        for name in asked:
            if name not in self._known:
                fix = did_you_mean(name, self._known) if self._known else "this server has none"
                raise InvalidParams(f"no LoRA '{name[:40]}'", fix=fix)
        worn = sorted((name, weight) for name, weight in asked.items() if weight)
        return Mix(tuple((self._known[name], weight) for name, weight in worn))

    @property
    def recorded(self) -> Hashable:
        """What a recorded call of the denoiser holds good for; see ``Slots.key``."""
        return tuple(self._slots[part].key for part in _DENOISERS if part in self._slots)

    def outdated(self, recorded: Hashable) -> bool:
        """Say whether no call of the denoiser will be like one that was recorded so."""
        slots = [self._slots[part] for part in _DENOISERS if part in self._slots]
        if not isinstance(recorded, tuple):
            return False
        return any(each.outdated(key) for each, key in zip(slots, recorded, strict=True))

    def denoising(self, rows: Sequence[Row]) -> AbstractContextManager[None]:
        """Let each row of the denoiser's calls within have its own."""
        return self._worn(_DENOISERS, rows) if any(rows) else nullcontext()

    def reading(self, mix: Mix) -> AbstractContextManager[None]:
        """Let prompts be encoded with a mix."""
        return self._worn(_ENCODERS, [mix.row])

    @contextmanager
    def _worn(self, parts: Sequence[str], rows: Sequence[Row]) -> Iterator[None]:
        with ExitStack() as worn:
            for slots in (self._slots[part] for part in parts if part in self._slots):
                own = [{key: row[key] for key in row if key in slots} for row in rows]
                worn.enter_context(slots.rows(own))
            yield
