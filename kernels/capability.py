"""What a GPU can do, and what is known of the operations on it: configs/, one file a GPU."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import torch

CONFIGS = Path(__file__).with_name("configs")
VARIABLE = "LIVEDRAFT_KERNELS_CONFIG"  # a file like those of configs/, in place of the GPU's own
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


@dataclass(frozen=True)
class Config:
    """What was found out about the operations on a GPU: a file of configs/."""

    settings: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # by operation
    # By operation, then by what is faster there ("eager", "compiled"): our time over its.
    behind: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


# Tried in place of what is known of the GPU, while its settings are looked for.
trial: ContextVar[Config | None] = ContextVar("trial", default=None)


def settings(op: str, device: torch.device) -> Mapping[str, int]:
    """Return the settings of an operation: those of this GPU over those of any."""
    shipped = _read(CONFIGS / "default.json").settings
    return {**shipped.get(op, {}), **_known(device).settings.get(op, {})}


def behind(op: str, device: torch.device) -> Mapping[str, float]:
    """Return what is faster than an operation's kernel on a device, as in ``Config.behind``."""
    return _known(device).behind.get(op, {})


def slug(name: str) -> str:
    """Return a GPU's name as configs/ spells it: "NVIDIA H200" is nvidia-h200."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _known(device: torch.device) -> Config:
    tried = trial.get()
    if tried is not None:
        return tried
    own = os.environ.get(VARIABLE)
    return _read(Path(own) if own else CONFIGS / f"{slug(gpu(device).name)}.json", bool(own))


@cache
def _read(file: Path, wanted: bool = False) -> Config:
    if not file.is_file():
        if wanted:
            raise FileNotFoundError(f"{VARIABLE} names {file}, which is no file")
        return Config()
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        return Config(told["settings"], told["behind"])
    except (ValueError, KeyError, TypeError) as error:
        made = "python -m livedraft.kernels.tuning writes one"
        raise ValueError(f"{file} is no configuration of the kernels: {made}") from error
