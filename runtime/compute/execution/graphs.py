"""A call that is recorded once and replayed: its inputs and outputs stay where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import torch
from torch import Tensor

from .trees import mapped, tensors

_WARM_UPS = 3  # cuDNN picks its algorithms, our kernels are verified, workspaces are made


class Recorder(Protocol):
    """Records work that allocates nothing that outlives it; ``CudaGraphs`` is the one of a GPU."""

    def record(self, work: Callable[[], None], device: torch.device) -> Callable[[], None]:
        """Return what does the work again."""
        ...


class CudaGraphs:
    """CUDA graphs. All of a device share a pool of memory: replay them on one thread, in turns."""

    def __init__(self) -> None:
        # Of each device; it keeps the pool, which torch refuses to share once its graphs are gone.
        self._first: dict[torch.device, torch.cuda.CUDAGraph] = {}

    def record(self, work: Callable[[], None], device: torch.device) -> Callable[[], None]:
        """Warm up on a side stream, as capturing asks for, then capture."""
        with torch.cuda.device(device), _searching():
            here, side = torch.cuda.current_stream(), torch.cuda.Stream()
            side.wait_stream(here)
            with torch.cuda.stream(side):
                for _ in range(_WARM_UPS):
                    work()
            here.wait_stream(side)
            if device not in self._first:
                self._first[device] = _captured(lambda: torch.zeros(1, device=device), None)
            return _captured(work, self._first[device].pool()).replay


def _captured(work: Callable[[], object], pool: Any) -> torch.cuda.CUDAGraph:
    graph = torch.cuda.CUDAGraph()
    # Other threads may allocate meanwhile: their calls are none of this graph's business.
    with torch.cuda.graph(graph, pool=pool, capture_error_mode="thread_local"):
        work()
    return graph


@contextmanager
def _searching() -> Iterator[None]:
    """Let cuDNN try its algorithms: a graph keeps what it found, so it pays for every replay."""
    before = torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = True
    try:
        yield
    finally:
        torch.backends.cudnn.benchmark = before


CUDA_GRAPHS = CudaGraphs()


class Replay:
    """A recorded call. The tensors it returns are the same each time, overwritten by each call.

    The last thing that is recorded copies the results out of the shared pool: what other graphs of
    the device do between two calls leaves them as they are.
    """

    def __init__(
        self,
        call: Callable[..., Any],
        kwargs: dict[str, Any],
        recorder: Recorder,
        device: torch.device,
    ) -> None:
        held = mapped(kwargs, _held)
        self._inputs = list(tensors(held))
        self._result = call(**held)
        places = list(tensors(self._result))

        def work() -> None:
            for place, made in zip(places, tensors(call(**held)), strict=True):
                place.copy_(made)

        self._replay = recorder.record(work, device)

    def __call__(self, **kwargs: Any) -> Any:
        """Return what the call returns for these inputs, valid until the next call."""
        given = list(tensors(kwargs))
        if given:
            # torch has no public name for copying many at once.
            torch._foreach_copy_(self._inputs, given)  # pyright: ignore[reportPrivateImportUsage]
        self._replay()
        return self._result


def _held(tensor: Tensor) -> Tensor:
    """Return a copy that is dense, as rows that were expanded cannot be written to."""
    return torch.empty_like(tensor, memory_format=torch.preserve_format).copy_(tensor)
