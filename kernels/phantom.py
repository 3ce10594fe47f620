"""A GPU that is not there: kernels are compiled for it as for a real one, and launched nowhere.

For the checks that need the compiler alone, and for what a launch costs the host.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from triton.backends.compiler import GPUTarget
from triton.runtime import driver


class Phantom:
    """Triton's driver of a GPU of compute capability `target` / 10, e.g. 90 for Hopper.

    `launched` is given each launch's grid and arguments instead of a GPU.
    """

    def __init__(self, target: int, launched: Callable[..., None] | None = None) -> None:
        self.target = target
        self.utils = self
        self._launched = launched

    def install(self) -> None:
        """Make this the process's GPU as Triton sees it."""
        itself: Any = self  # of no class of Triton's, for those ask for a GPU
        driver.set_active(itself)

    def launcher_cls(self, source: Any, metadata: Any) -> Callable[..., None]:
        """Return what a compiled kernel calls in order to be launched."""
        if self._launched is None:
            return _nothing
        launched = self._launched
        return lambda x, y, z, *args: launched((x, y, z), args[6:])

    def get_current_target(self) -> Any:
        """Return the target; each has a device of its own, for Triton caches by device."""
        return GPUTarget("cuda", self.target, 32)

    def get_current_device(self) -> int:
        """Return the device's index."""
        return self.target

    def get_current_stream(self, device: int) -> int:
        """Return a stream."""
        return 0

    def get_device_properties(self, device: int) -> dict[str, int]:
        """Return the shared memory that a block may have, in bytes: an H200's."""
        return {"max_shared_mem": 232448}

    def get_benchmarker(self) -> Callable[..., list[float]]:
        """Return what autotuning times with: it runs each configuration once, all as fast."""
        return _once

    def load_binary(self, name: str, kernel: bytes, shared: int, device: int) -> tuple[int, ...]:
        """Return module, function, registers, spills, threads of a block."""
        return (1, 1, 0, 0, 1024)

    def unload_module(self, module: int) -> None:
        """Forget a kernel."""


def _once(call: Callable[[], object], quantiles: Sequence[float] = (), **_: object) -> list[float]:
    call()
    return [1.0] * max(len(quantiles), 1)


def _nothing(*args: Any) -> None:
    pass
