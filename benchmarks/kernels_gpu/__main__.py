"""Check every kernel on this GPU and time it; one report an operation, under the GPU's name.

    PYTHONPATH=sdk python -m benchmarks.kernels_gpu [OP ...] [--minutes 9] [--batches 1 2 4 8]

Needs torch, triton, numpy and this tree; nothing of it need be installed. Where liger-kernel is
installed, its kernels are timed, too. What tells most comes first: whether all operations are
right, then their times at batch 1 and 4, Inductor's, the other batches, and attention.

A run with --minutes begins nothing that it does not expect to finish by then. The same command
again goes on: what was measured on this GPU, with these versions and this code, is not measured
again. Each report is written as it grows, so that also a run that is killed leaves what it has.

exit status:
  0  all was measured and is right
  1  a result is wrong, a kernel failed or gave way to torch, whether or not something is left
  2  there is no GPU, or an option is wrong: nothing was measured
  3  what was measured is right, and something is left
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

from livedraft.kernels.bench.stopwatch import copy_bandwidth
from livedraft.kernels.ops import NAMES, op

from ..harness import RESULTS
from . import text
from .budget import Budget
from .measuring import Bench
from .report import Report
from .running import run
from .setting import setting
from .work import ATTENTION, ordered

RIGHT, WRONG, NO_GPU, CUT_SHORT = 0, 1, 2, 3


def main() -> int:
    """Measure, print, write; return the exit status."""
    options = _options()
    budget, device = Budget(options.minutes), torch.device(options.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        print("no GPU: nothing was measured", file=sys.stderr)
        return NO_GPU
    names = options.ops or [*NAMES, ATTENTION]
    ops = [op(name) for name in names if name != ATTENTION]
    works = ordered(
        ops,
        options.batches,
        compiled=not options.no_compile,
        passes=device.type == "cuda",
        attends=ATTENTION in names,
    )
    here = setting(device)
    folder = (options.out or RESULTS / here.machine["slug"]) / "kernels"
    reports = {name: Report(name, here, folder, again=options.again) for name in names}
    bench = Bench(device, copy_bandwidth(device))
    if options.checks:
        works = [work for work in works if work.kind == "checked"]
    left = run(works, reports, bench, budget, _tell)
    for report in reports.values():
        print(*text.lines(report.found()), sep="\n")
    if left:
        print("", *text.left(left, budget.expected(left)), sep="\n")
    if any(report.faults() for report in reports.values()):
        return WRONG
    return CUT_SHORT if left else RIGHT


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kernels_gpu", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    known = [*NAMES, ATTENTION]
    parser.add_argument("ops", nargs="*", metavar="OP", help=f"all unless told: {', '.join(known)}")
    parser.add_argument("--minutes", type=float, help="how long it may take; as long as it takes")
    parser.add_argument("--again", action="store_true", help="measure anew what was measured")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 2, 4, 8], help="batch sizes")
    parser.add_argument(
        "--checks",
        action="store_true",
        help="see whether all is right, and time nothing: several may run, each its own operations",
    )
    parser.add_argument("--no-compile", action="store_true", help="leave out Inductor: quicker")
    parser.add_argument("--device", default="cuda", help="cpu only shows that the script runs")
    parser.add_argument("--out", type=Path, help="a folder other than benchmarks/results/GPU")
    options = parser.parse_args()
    for unknown in set(options.ops) - set(known):
        parser.error(f"no operation '{unknown}'; there are {', '.join(known)}")
    options.ops = list(dict.fromkeys(options.ops))
    return options


if __name__ == "__main__":
    sys.exit(main())
