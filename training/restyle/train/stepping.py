"""How an update is run: as it is written, or recorded once as a CUDA graph.

Each of a small net's some two thousand operations takes the device less time than the host needs
to ask for it, so that recording them is what makes a GPU worth its while.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from .fitting import Fit

_WARMED = 4  # updates before recording: libraries choose their kernels, the optimiser its state


def written(fit: Fit) -> Iterator[Tensor]:
    """Yield the loss' parts after each update, run operation by operation."""
    while True:
        yield fit.update()


def recorded(fit: Fit) -> Iterator[Tensor]:
    """Yield the loss' parts after each update, replayed from a recording."""
    parts = fit.update()
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(_WARMED):
            parts = fit.update()
    torch.cuda.current_stream().wait_stream(side)
    yield parts
    graph = torch.cuda.CUDAGraph()
    try:
        with torch.cuda.graph(graph):
            parts = fit.update()
    except RuntimeError as error:
        print(f"not recorded: {error}", flush=True)
        torch.cuda.synchronize()
        while True:
            yield fit.update()
    while True:
        graph.replay()
        yield parts
