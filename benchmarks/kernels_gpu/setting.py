"""What the figures depend on: the GPU, the versions, the code. A run goes on only in the same."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import triton

from livedraft.kernels import capability

from ..harness import ROOT, commit
from . import libraries

_CODE = ("kernels", "benchmarks/kernels_gpu")
_VARIABLES = "LIVEDRAFT_KERNELS"  # those that begin so say what computes, and with which settings


@dataclass(frozen=True)
class Setting:
    """Where and of what the figures are, as a report begins."""

    commit: str  # with + where the tree differs from it; "unknown" where there is no git
    code: str  # a digest of the kernels and of this script: of what is measured
    machine: dict[str, Any]
    library: dict[str, str | None]  # name and version of the other kernels; None: not installed
    variables: dict[str, str]

    def same(self, report: dict[str, Any]) -> bool:
        """Say whether a report's figures are of this code on this machine.

        The digest decides, not the commit: a change of other files, such as the results
        themselves, leaves the figures good; one that is not committed yet may not. The system's
        release does not count: machines that are rented by the hour differ in it.
        """
        return _decisive(report) == _decisive(asdict(self))


def setting(
    device: torch.device,
    code: Sequence[str] = _CODE,
    library: Mapping[str, str | None] | None = None,
) -> Setting:
    """Return the setting of a run on a device: of code in these folders, beside this library."""
    variables = {k: v for k, v in sorted(os.environ.items()) if k.startswith(_VARIABLES)}
    beside = libraries.installed() if library is None else library
    told = [Path(value) for value in variables.values() if Path(value).is_file()]
    return Setting(commit(), _digest(code, told), machine(device), dict(beside), variables)


def machine(device: torch.device) -> dict[str, Any]:
    """Return the GPU and the versions that the figures depend on."""
    gpu = capability.gpu(device)
    on_gpu = device.type == "cuda"
    name = gpu.name if on_gpu else "cpu"
    return {
        "gpu": name,
        "slug": "-".join(name.lower().split()),
        "capability": ".".join(map(str, gpu.capability)),
        "processors": gpu.processors,
        "l2_bytes": torch.cuda.get_device_properties(device).L2_cache_size if on_gpu else None,
        "torch": torch.__version__,
        "triton": triton.__version__,
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version(),
        "python": platform.python_version(),
        "os": f"{platform.system()} {platform.release()}",
    }


def _decisive(told: Mapping[str, Any]) -> list[Any]:
    versions = {key: value for key, value in told["machine"].items() if key != "os"}
    return [versions, *(told.get(key) for key in ("code", "library", "variables"))]


def _digest(code: Sequence[str], told: list[Path]) -> str:
    files = [path for folder in code for path in (ROOT / folder).rglob("*")]
    digest = hashlib.sha256()
    for path in [*sorted(path for path in files if path.suffix in (".py", ".json")), *told]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
