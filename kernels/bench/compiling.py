"""Compile whatever a function launches, for a GPU that is not there; say what it takes of one."""

from __future__ import annotations

from typing import Any

from ..compiled import usage
from ..phantom import Phantom


class Compiler(Phantom):
    """A GPU that is not there: keeps the kernels that are loaded, counts the launches."""

    def __init__(self, target: int) -> None:
        super().__init__(target, self._launch)
        self.launches = 0
        self._loaded: list[tuple[str, bytes]] = []

    def load_binary(self, name: str, kernel: bytes, shared: int, device: int) -> tuple[int, ...]:
        """Keep a compiled kernel."""
        self._loaded.append((name, kernel))
        return super().load_binary(name, kernel, shared, device)

    def kernels(self) -> list[dict[str, Any]]:
        """Return each kernel's name, target, registers a thread, spilled and shared bytes."""
        return [self._resources(name, usage(cubin)) for name, cubin in self._loaded]

    def _resources(self, name: str, used: dict[str, int]) -> dict[str, Any]:
        return {
            "name": name,
            "target": self.target,
            "registers": used["REG"],
            "spilled": used["STACK"] + used["LOCAL"],
            "shared": used["SHARED"],
        }

    def _launch(self, grid: tuple[int, ...], args: tuple[Any, ...]) -> None:
        self.launches += 1
