"""Check every kernel on this GPU and time it; one report an operation, under the GPU's name.

    PYTHONPATH=sdk python -m benchmarks.kernels_gpu [OP ...] [--batches 1 2 4 8] [--no-compile]

Needs torch, triton, numpy and this tree; nothing of it need be installed. A report is written as
soon as its operation is done, so that a run that is cut short leaves what it has.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
import triton

from livedraft.kernels import capability
from livedraft.kernels.bench.stopwatch import copy_bandwidth
from livedraft.kernels.ops import NAMES, op

from ..harness import RESULTS, commit
from . import attention, operation

Report = dict[str, Any]


def main() -> int:
    """Check, measure, print, write; return 1 where a result was wrong or torch stepped in."""
    options = _options()
    device = torch.device(options.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        print("no GPU: nothing was measured", file=sys.stderr)
        return 2
    roof = copy_bandwidth(device)
    faults = []
    for name in options.ops or [*NAMES, "attention"]:
        found = reported(name, options.batches, device, roof, compiled=not options.no_compile)
        print(*lines(found), sep="\n", flush=True)
        faults += found["faults"]
        folder = options.out or RESULTS / found["machine"]["slug"]
        write(found, folder / "kernels" / f"{name}.json")
    return bool(faults)


def reported(
    name: str, batches: Sequence[int], device: torch.device, roof: float, *, compiled: bool
) -> Report:
    """Return the report of one operation."""
    found: Report = {
        "op": name,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": machine(device),
        "copy_bytes_per_s": roof,
    }
    if name == "attention":
        rows = list(attention.measured(tuple(batches), device))
        slow = [row for row in rows if not row["as_fast"]]
        goal = {"what": "picks slower than the fastest", "value": len(slow), "most": 0}
        found |= {"rows": rows, "goals": [goal | {"reached": not slow}]}
        return found | {"faults": wrong(rows)}
    made = op(name)
    made.reset()
    checks = list(operation.checked(made, batches, device))
    rows = list(operation.measured(made, batches, device, roof, compiled))
    found |= {"checks": checks, "rows": rows, "goals": operation.goals(made, rows)}
    faults = wrong(checks)
    if device.type == "cuda":
        found["passes"] = operation.passes(made, batches, device)
        faults += [f"{what} failed" for what, well in found["passes"].items() if not well]
        faults += [f"{row['workload']}: {row['backend']}" for row in rows if _stepped_in(row)]
    return found | {"faults": faults}


def _stepped_in(row: Report) -> bool:
    return bool(row.get("backend", "triton") != "triton")


def wrong(rows: Sequence[Report]) -> list[str]:
    return [
        f"{row['workload']}, batch {row['batch']}: error {row['error']:.1e}"
        for row in rows
        if row["right"] is False
    ]


def machine(device: torch.device) -> Report:
    """Return the GPU and the versions that the figures depend on."""
    gpu = capability.gpu(device)
    name = gpu.name if device.type == "cuda" else "cpu"
    return {
        "gpu": name,
        "slug": "-".join(name.lower().split()),
        "capability": ".".join(map(str, gpu.capability)),
        "processors": gpu.processors,
        "torch": torch.__version__,
        "triton": triton.__version__,
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version(),  # type: ignore[no-untyped-call]  # torch has no types
        "python": platform.python_version(),
        "os": f"{platform.system()} {platform.release()}",
    }


def lines(found: Report) -> Iterator[str]:
    """Yield a report as it is printed."""
    yield f"\n{found['op']}: {found['machine']['gpu']}, torch {found['machine']['torch']}"
    for row in found["rows"]:
        figures = [f"{key} {_figure(row[key])}" for key in _SHOWN if key in row]
        yield f"  {row['workload']}, batch {row['batch']}: " + ", ".join(figures)
    for goal in found["goals"]:
        bound = "at most" if goal.get("most") is not None else "at least"
        limit = goal["most"] if goal.get("most") is not None else goal["least"]
        said = "reached" if goal["reached"] else "MISSED"
        yield f"  {said}: {goal['what']} is {goal['value']:.2f}, goal {bound} {limit:g}"
    yield from (f"  WRONG: {fault}" for fault in found["faults"])


_SHOWN = (
    "picked", "fastest", "ours_us", "compiled_us", "torch_us", "reference_us", "share", "host_us",
    "skipped",
)  # fmt: skip


def _figure(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def write(found: Report, path: Path) -> None:
    """Write a report as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(_short(found), indent=1) + "\n", encoding="utf-8")


def _short(value: Any) -> Any:
    """Return a report with its numbers to four digits."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _short(each) for key, each in value.items()}
    return [_short(each) for each in value] if isinstance(value, list) else value


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kernels_gpu", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    known = [*NAMES, "attention"]
    parser.add_argument("ops", nargs="*", metavar="OP", help=f"all unless told: {', '.join(known)}")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 2, 4, 8], help="batch sizes")
    parser.add_argument("--no-compile", action="store_true", help="leave out Inductor: quicker")
    parser.add_argument("--device", default="cuda", help="cpu only shows that the script runs")
    parser.add_argument("--out", type=Path, help="a folder other than benchmarks/results/GPU")
    options = parser.parse_args()
    for unknown in set(options.ops) - set(known):
        parser.error(f"no operation '{unknown}'; there are {', '.join(known)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
