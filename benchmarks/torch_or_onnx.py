"""`ink` in ONNX Runtime and in torch: a draft, the first picture, memory, size on the disk."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .cold_start import import_ms
from .harness import ROOT, Result, command, option, summary
from .painter import WAYS

TITLES = {"onnx": "ONNX Runtime", "torch": "torch"}
PACKAGES = {"onnx": "onnxruntime", "torch": "torch"}
NEEDED_ANYWAY = {"numpy"}  # by the server itself, whichever runs the networks


@dataclass(frozen=True, slots=True)
class Options:
    """Paint the same drafts with the same weights, in fresh processes that take turns."""

    runs: int = option(5, "processes of each")
    drafts: int = option(40, "of each process, after its first")
    threads: int = option(2, "that the networks may use")


def measure(options: Options) -> Result:
    """Return times in ms, sizes and memory in MiB.

    The process of torch imports ONNX Runtime as well, since the model's module does; how long that
    takes is told apart.
    """
    result = Result("torch_or_onnx", asdict(options))
    first: dict[str, list[float]] = {way: [] for way in WAYS}
    drafts: dict[str, list[float]] = {way: [] for way in WAYS}
    peaks: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(options.runs):
        for way in WAYS:
            soon, told = _process(way, options)
            first[way].append(soon)
            drafts[way] += told["ms"]
            peaks[way].append(told["peak_mib"])
    for way in WAYS:
        title, package = TITLES[way], PACKAGES[way]
        result.ms[f"draft, {title}"] = summary(drafts[way])
        result.ms[f"first picture, {title}"] = summary(first[way])
        imports = (import_ms(f"import {package}") for _ in range(options.runs))
        result.ms[f"import {package}"] = summary(imports)
        result.figures[f"{package}, MiB"] = installed_mib([package])
        result.figures[f"{package} and what it needs, MiB"] = installed_mib(needed(package))
        result.figures[f"memory at most, {title}, MiB"] = max(peaks[way])
    return result


def _process(way: str, options: Options) -> tuple[float, dict[str, Any]]:
    """Return the time from a process' start to its first picture, ms, and what it says then."""
    flags = ["--drafts", str(options.drafts), "--threads", str(options.threads)]
    begun = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.painter", way, *flags],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        painted = process.stdout.readline()
        soon = (time.perf_counter() - begun) * 1e3
        told = process.stdout.read()
    if process.returncode or not painted:
        raise RuntimeError(f"benchmarks.painter {way} ended with {process.returncode}")
    return soon, json.loads(told)


def needed(package: str) -> list[str]:
    """Return a distribution and all that it requires here, but for what is needed anyway."""
    found: list[str] = []
    open_ = deque([package])
    while open_:
        name = canonicalize_name(open_.popleft())
        if name in found or name in NEEDED_ANYWAY:
            continue
        try:
            requires = distribution(name).requires or []
        except PackageNotFoundError:
            continue  # optional, or built in
        found.append(name)
        for line in requires:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                open_.append(requirement.name)
    return found


def installed_mib(packages: list[str]) -> float:
    """Return the size of all files that the distributions' RECORDs list."""
    files = (file for name in packages for file in distribution(name).files or [])
    return sum(file.size or 0 for file in files) / 2**20


if __name__ == "__main__":
    command(measure, Options)
