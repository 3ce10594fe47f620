"""A pipeline's parts on their device, or on the host while nobody draws with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from livedraft.runtime.compute.denoise import Denoiser
from livedraft.runtime.compute.execution import Execution

from ...plan import Part, Report


class Loaded(Protocol):
    """A pipeline that was loaded: a family of models, or one that runs by its own loop."""

    pipe: Any
    tiny_vae: Any
    spread: bool  # whether ranks have its denoiser

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        ...


Move = Callable[[nn.Module, torch.device], object]
HOST = torch.device("cpu")


def _to(part: nn.Module, device: torch.device) -> None:
    part.to(device)


class Placement:
    """Where a pipeline's parts are.

    ``move`` brings one to a device; ``home`` is where they compute. What fails on the way leaves
    nothing half there: parts that were brought go back.
    """

    def __init__(self, loaded: Loaded, home: torch.device | None = None, move: Move = _to) -> None:
        self._loaded = loaded
        self._move = move
        self.home = home or loaded.device

    @property
    def nbytes(self) -> int:
        """The bytes of weights, and of the LoRAs that lie beside them."""
        seen = {id(each): each for part in self._parts for each in _numbers(part)}
        return sum(each.nbytes for each in seen.values() if not each.is_meta)

    def offload(self) -> bool:
        """Move all parts to the host; return False where they stay: there, or with ranks."""
        if self.home == HOST or self._loaded.spread:
            return False
        self._forget_recorded()
        try:
            for part in self._parts:
                self._move(part, HOST)
        except BaseException:
            self._bring(lambda part: None)  # there was room for all of them
            raise
        return True

    def onload(self, report: Report) -> None:
        """Bring all parts to the device; ``report`` hears of their bytes."""
        try:
            self._bring(report)
        except BaseException:
            for part in self._parts:
                self._move(part, HOST)
            raise

    def _bring(self, report: Report) -> None:
        parts = self._parts
        sizes = [sum(each.nbytes for each in _numbers(part)) for part in parts]
        total, done = sum(sizes), 0
        for part, size in zip(parts, sizes, strict=True):
            report(Part("loading", done, total))
            self._move(part, self.home)
            done += size
        report(Part("loading", total, total))

    @property
    def _parts(self) -> list[nn.Module]:
        components: dict[str, Any] = self._loaded.pipe.components
        found = [*components.values(), self._loaded.tiny_vae]
        return list(dict.fromkeys(part for part in found if isinstance(part, nn.Module)))

    def warm_by_pieces(self, heard: Callable[[int, int], None]) -> None:
        """Have calls of shapes that are met from now on be warmed a piece a call."""
        for execution in self._executions:
            execution.piecewise = heard

    def _forget_recorded(self) -> None:
        """Let go the graphs that were recorded with weights where they lie now."""
        for execution in self._executions:
            execution.release()

    @property
    def _executions(self) -> list[Execution]:
        every = vars(self._loaded).values()  # one of sound has no denoiser, one of video two
        networks = [each.network for each in every if isinstance(each, Denoiser)]
        return [network for network in networks if isinstance(network, Execution)]


def _numbers(part: nn.Module) -> Iterator[Tensor]:
    yield from part.parameters()
    yield from part.buffers()
