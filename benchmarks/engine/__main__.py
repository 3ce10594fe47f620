"""Make pictures by full-size networks on this GPU, beside diffusers; one report, under its name.

    PYTHONPATH=sdk python -m benchmarks.engine [CASE ...] [--minutes 4]

Needs torch, triton, numpy, transformers, diffusers and this tree; nothing of it need be installed,
nothing is downloaded: weights are random. Of each case diffusers' pipeline is timed, then ours,
held to the same picture; then diffusers compiled, which takes the longest.

A run with --minutes begins nothing that it does not expect to finish by then. The same command
again goes on: what was measured on this GPU, with these versions and this code, is not measured
again. The report is written as it grows, so that also a run that is killed leaves what it has.

exit status:
  0  all was measured and is right
  1  a picture is wrong or a case failed, whether or not something is left
  2  there is no GPU, or an option is wrong: nothing was measured
  3  what was measured is right, and something is left
"""

from __future__ import annotations

import argparse
import sys
from importlib.metadata import version
from pathlib import Path

import torch

from ..harness import RESULTS
from ..kernels_gpu import text as shared
from ..kernels_gpu.budget import Budget
from ..kernels_gpu.running import run
from ..kernels_gpu.setting import setting
from . import text
from .case import CASES, ordered
from .measuring import Bench, matrix_rate
from .networks import Place
from .report import EngineReport

RIGHT, WRONG, NO_GPU, CUT_SHORT = 0, 1, 2, 3
_CODE = ("kernels", "runtime/compute", "benchmarks/engine")


def main() -> int:
    """Measure, print, write; return the exit status."""
    options = _options()
    budget, place = Budget(options.minutes), Place(torch.device(options.device), options.tiny)
    if place.device.type == "cuda" and not torch.cuda.is_available():
        print("no GPU: nothing was measured", file=sys.stderr)
        return NO_GPU
    works = ordered(options.cases or list(CASES), compiled=not options.no_compile)
    here = setting(place.device, _CODE, {"name": "diffusers", "version": version("diffusers")})
    folder = options.out or RESULTS / here.machine["slug"] / "engine"
    rate = matrix_rate(place)
    command = " ".join(["python -m benchmarks.engine", *sys.argv[1:]])
    report = EngineReport(here, folder, command, rate, aims=not options.tiny, again=options.again)
    left = run(works, {"engine": report}, Bench(place, rate), budget, _tell, text.brief)
    print(*text.lines(report.found()), sep="\n")
    if left:
        print("", *shared.left(left, budget.expected(left)), sep="\n")
    if report.faults():
        return WRONG
    return CUT_SHORT if left else RIGHT


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    known = ", ".join(CASES)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"all unless told: {known}")
    parser.add_argument("--minutes", type=float, help="how long it may take; as long as it takes")
    parser.add_argument("--again", action="store_true", help="measure anew what was measured")
    parser.add_argument("--no-compile", action="store_true", help="leave out Inductor: quicker")
    parser.add_argument("--device", default="cuda", help="cpu only shows that the script runs")
    parser.add_argument("--tiny", action="store_true", help="small networks, for the same")
    parser.add_argument("--out", type=Path, help="a folder other than benchmarks/results/GPU")
    options = parser.parse_args()
    for unknown in set(options.cases) - set(CASES):
        parser.error(f"no case '{unknown}'; there are {known}")
    return options


if __name__ == "__main__":
    sys.exit(main())
