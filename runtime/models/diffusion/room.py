"""How much memory a device has free, and a disk; None where nobody says."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from livedraft.errors import WeightsError

_MEMINFO = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")


def free_memory(device: str) -> int | None:
    """Return the bytes that are free on a device; raise WeightsError where there is none such."""
    if device == "cpu":
        known = [each for each in (_of_machine(), _of_container()) if each is not None]
        return min(known, default=None)
    import torch

    try:
        if device.startswith("cuda"):
            return int(torch.cuda.mem_get_info(torch.device(device))[0])
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, ValueError) as error:
        raise WeightsError(
            f"there is no device {device!r} here: {str(error).partition(chr(10))[0][:100]}",
            fix="use device cpu",
        ) from error
    return None


def free_disk(folder: Path) -> int | None:
    """Return the bytes that may be written where a folder is, or will be."""
    there = next((each for each in (folder, *folder.parents) if each.exists()), None)
    return shutil.disk_usage(there).free if there is not None else None


def _of_machine() -> int | None:
    try:
        for line in _MEMINFO.read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
        return None
    except (OSError, ValueError):
        pass
    try:  # macOS tells no more than what is built in
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError, AttributeError):
        return None


def _of_container() -> int | None:
    """Return what a limit of cgroup v2 leaves; what its file cache holds can be had as well."""
    try:
        most = int((_CGROUP / "memory.max").read_text("ascii"))
        used = int((_CGROUP / "memory.current").read_text("ascii"))
        stat = dict(
            line.split() for line in (_CGROUP / "memory.stat").read_text("ascii").splitlines()
        )
        return max(0, most - used + int(stat.get("inactive_file", 0)))
    except (OSError, ValueError):  # no such file, or "max"
        return None
