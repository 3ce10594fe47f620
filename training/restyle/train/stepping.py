"""How an update is run: as it is written, compiled, or recorded once as a CUDA graph.

Each of a small net's some two thousand operations takes the device less time than the host needs
to ask for it, so that recording them is what makes a GPU worth its while.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator

import torch
from torch import Tensor

from .fitting import Fit
from .losses import Net

_MOST_S = 60  # that compiling may take
_WARMED = 4  # updates before recording: libraries choose their kernels, the optimiser its state


def written(fit: Fit) -> Iterator[Tensor]:
    """Yield the loss' parts after each update, run operation by operation."""
    while True:
        yield fit.update(fit.net)


def recorded(fit: Fit) -> Iterator[Tensor]:
    """Yield the loss' parts after each update, replayed from a recording."""
    net = _compiled(fit)
    parts = fit.update(net)
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(_WARMED):
            parts = fit.update(net)
    torch.cuda.current_stream().wait_stream(side)
    yield parts
    graph = torch.cuda.CUDAGraph()
    try:
        with torch.cuda.graph(graph):
            parts = fit.update(net)
    except RuntimeError as error:
        print(f"not recorded: {error}", flush=True)
        torch.cuda.synchronize()
        while True:
            yield fit.update(net)
    while True:
        graph.replay()
        yield parts


def _compiled(fit: Fit) -> Net:
    """Return the net compiled, or as it is where that fails: no compiler, no Triton, no end."""
    net: Net = torch.compile(fit.net, dynamic=False)
    before = signal.signal(signal.SIGALRM, _late)
    signal.alarm(_MOST_S)
    try:
        fit.update(net)
        torch.cuda.synchronize()
    except Exception as error:  # whatever a compiler raises: training goes on without it
        print(f"not compiled: {type(error).__name__}: {str(error)[:300]}", flush=True)
        return fit.net
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    return net


def _late(*_: object) -> None:
    raise TimeoutError(f"more than {_MOST_S} s")
