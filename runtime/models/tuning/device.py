"""Where training runs: one command, on the CPU or on a GPU."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch

from livedraft.errors import ConfigError

DEVICES = ("auto", "cpu", "cuda")
CPU = torch.device("cpu")


def choose(name: str) -> torch.device:
    """Return the device called `cpu`, `cuda`, or `auto`: the GPU where torch sees one.

    Raises ConfigError for another name, and for `cuda` where there is none.
    """
    if name not in DEVICES:
        raise ConfigError(f"no device '{name}' to train on", fix=f"use {', '.join(DEVICES)}")
    found = torch.cuda.is_available()
    if name == "cuda" and not found:
        raise ConfigError(
            "torch sees no CUDA device here", fix="use device cpu, or a torch built for CUDA"
        )
    return torch.device("cuda" if found and name != "cpu" else "cpu")


def default(device: torch.device) -> AbstractContextManager[object]:
    """Make new tensors on a device within a block, as draws of chance in losses are."""
    return nullcontext() if device.type == "cpu" else device


def mixed(device: torch.device) -> torch.autocast:
    """Compute in bfloat16 within a block, where a layer allows it."""
    return torch.autocast(device.type, torch.bfloat16)


@contextmanager
def flushed() -> Iterator[None]:
    """Take denormal numbers for zero within a block, and not in what this process does after it.

    Layers that begin as zeros make them by the million, and a CPU takes long over each.
    """
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
