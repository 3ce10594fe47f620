"""What a GPU can do, and the settings shipped for it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import torch

CONFIGS = Path(__file__).with_name("configs")
OLDEST = (8, 0)  # Ampere: bfloat16 and asynchronous copies


@dataclass(frozen=True)
class Gpu:
    """A GPU as far as the launches care."""

    name: str
    capability: tuple[int, int]
    processors: int  # streaming multiprocessors


NOMINAL = Gpu("nominal", (9, 0), 132)

# Stands in where no GPU is: in the interpreter and when kernels are only compiled.
nominal: ContextVar[Gpu] = ContextVar("nominal", default=NOMINAL)


def gpu(device: torch.device) -> Gpu:
    """Return the GPU behind a device, the nominal one for a device that is none."""
    return _cuda(device) if device.type == "cuda" else nominal.get()


@cache
def _cuda(device: torch.device) -> Gpu:
    found = torch.cuda.get_device_properties(device)
    return Gpu(found.name, (found.major, found.minor), found.multi_processor_count)


@cache
def capable(device: torch.device) -> bool:
    """Say whether Triton kernels of ours run on a device: NVIDIA's from Ampere on."""
    return (
        device.type == "cuda"
        and torch.version.cuda is not None
        and find_spec("triton") is not None
        and gpu(device).capability >= OLDEST
    )


@cache
def settings(op: str, device: torch.device) -> Mapping[str, int]:
    """Return the shipped settings of an operation: those of this GPU over those of any.

    They are in configs/, one JSON file a GPU, which says whether and where they were measured.
    """
    return {
        name: value
        for file in ("default", _slug(gpu(device).name))
        for name, value in _shipped(file).get(op, {}).items()
    }


@cache
def _shipped(name: str) -> Mapping[str, Mapping[str, int]]:
    file = CONFIGS / f"{name}.json"
    if not file.is_file():
        return {}
    ops: Mapping[str, Mapping[str, int]] = json.loads(file.read_text())["ops"]
    return ops


def _slug(name: str) -> str:
    """Return a GPU's name as configs/ spells it: "NVIDIA H200" is nvidia-h200."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
