"""Find a GPU's settings, and where torch is ahead of a kernel there; write them as a configuration.

    python -m livedraft.kernels.tuning [OP ...] [-o FILE] [--minutes M]
    LIVEDRAFT_KERNELS_CONFIG=FILE livedraft serve ...

Every operation is run at the shapes of real models, with other settings for as long as those get
faster, then beside torch's way, eager and compiled. What is wrong with its settings is never kept:
dispatch compares each kernel with the reference. Nothing is tuned while requests are served.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import torch
import triton

from . import capability
from .bench.stopwatch import median_time
from .calls import Call, real
from .capability import Config
from .commands import asked
from .dispatch import Op
from .ops import NAMES, op
from .route import logger
from .spec import Inputs

Settings = Mapping[str, int]
Clock = Callable[[Callable[[], object]], float]  # µs that a call takes on the device

GAIN = 0.02  # of the time: less is noise
REACH = 8  # times a setting as it was, at most, or a part of it
FEW = 4  # the largest batch at which to be behind counts: beyond it a GPU is busy anyway


@dataclass(frozen=True)
class Tuned:
    """What was found out about one operation."""

    settings: Settings
    us: float  # geometric mean over the calls
    before_us: float  # with the settings that it had
    behind: Mapping[str, float] = field(default_factory=dict)  # as in capability.Config


def tuned(made: Op[..., Any], device: torch.device, clock: Clock) -> Tuned:
    """Return the best settings found for an operation, and what is ahead of it with these."""
    calls = list(_fitting(made, device))
    start = capability.settings(made.spec.name, device)
    if not calls:  # the GPU has the memory for none
        return Tuned(start, math.nan, math.nan)

    def cost(settings: Settings) -> float:
        with tried(made, settings):
            return mean(_us(made, *each, clock) for each in calls)

    before = cost(start)
    settings, us = climbed(start, cost) if start else (start, before)
    with tried(made, settings):
        behind = _behind(made, [each for each in calls if each[0].batch <= FEW], clock)
    return Tuned(settings, us, before, behind)


def _fitting(made: Op[..., Any], device: torch.device) -> Iterator[tuple[Call, Inputs]]:
    """Yield the calls of real models, with their inputs, for which the GPU has the memory."""
    for call in real(made):
        try:
            inputs = call.inputs(device)
            made.spec.reference(**inputs)
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
        else:
            yield call, inputs


def climbed(start: Settings, cost: Callable[[Settings], float]) -> tuple[Settings, float]:
    """Double or halve one setting at a time for as long as the cost falls; return the best."""
    known: dict[tuple[int, ...], float] = {}

    def costs(settings: Settings) -> float:
        key = tuple(settings.values())
        if key not in known:
            known[key] = cost(settings)
        return known[key]

    best, falling = dict(start), True
    while falling:
        falling = False
        for name, factor in product(start, (2.0, 0.5)):
            while costs(step := _scaled(best, name, factor, start)) < costs(best) * (1 - GAIN):
                best, falling = step, True
    return best, costs(best)


def _scaled(settings: Settings, name: str, factor: float, start: Settings) -> dict[str, int]:
    least, most = max(start[name] // REACH, 1), start[name] * REACH
    return {**settings, name: min(max(int(settings[name] * factor), least), most)}


@contextmanager
def tried(made: Op[..., Any], settings: Settings) -> Iterator[None]:
    """Give an operation other settings for a while, whatever is known of it."""
    name = made.spec.name
    before = capability.trial.set(Config({name: settings}))
    made.reset()
    try:
        yield
    finally:
        capability.trial.reset(before)
        made.reset()


def mean(numbers: Iterable[float]) -> float:
    """Return the geometric mean."""
    logs = [math.log(number) for number in numbers]
    return math.exp(sum(logs) / len(logs))


def _us(made: Op[..., Any], call: Call, inputs: Inputs, clock: Clock) -> float:
    """Return the time of a call, infinite where torch had to step in."""
    run = call.on(inputs)
    run()  # verified at first sight
    first = next(iter(inputs.values()))
    return clock(run) if made.backend(first) == "triton" else math.inf


def _behind(
    made: Op[..., Any], calls: Sequence[tuple[Call, Inputs]], clock: Clock
) -> dict[str, float]:
    """Return by what factor an operation is slower than those ways of torch that are faster."""
    reference = made.spec.reference
    ratios: dict[str, list[float]] = {"eager": [], "compiled": []}
    for call, inputs in calls:
        ours = _us(made, call, inputs, clock)
        torch.compiler.reset()  # one shape a compilation: nothing is made dynamic
        for way, function in (("eager", reference), ("compiled", torch.compile(reference))):
            ratios[way].append(ours / clock(partial(function, **inputs)))
    found = {way: mean(each) for way, each in ratios.items() if each}
    return {way: ratio for way, ratio in found.items() if ratio > 1 + GAIN}


def main() -> int:
    """Tune what is asked for, writing after each; return 3 where time ran out before all."""
    options = asked("tuning", __doc__, "those that the file has not, unless results", _add)
    if not torch.cuda.is_available():
        print("no GPU: nothing was tuned", file=sys.stderr)
        return 2
    logger.setLevel(logging.ERROR)  # settings that do not run are part of the search
    device = torch.device("cuda")
    file = options.output or Path(f"{capability.slug(capability.gpu(device).name)}.json")
    results = _results_so_far(file, device)
    left = [name for name in options.ops or NAMES if options.ops or name not in results["settings"]]
    end = time.monotonic() + options.minutes * 60
    while left and time.monotonic() < end:
        name = left.pop(0)
        found = tuned(op(name), device, partial(median_time, device=device))
        results["settings"][name] = found.settings
        results["behind"].pop(name, None)
        if found.behind:
            results["behind"][name] = {way: round(ratio, 3) for way, ratio in found.behind.items()}
        file.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        print(f"{name}: {summary(found)}; {len(left)} left", file=sys.stderr, flush=True)
    print(f"{file}: to use it, set {capability.VARIABLE} to its path")
    return 3 if left else 0


def summary(found: Tuned) -> str:
    """Return in words what was found out."""
    settings = ", ".join(f"{name} {value}" for name, value in found.settings.items())
    ahead = "".join(f", behind {way} torch by {by:.2f}" for way, by in found.behind.items())
    return f"{settings or 'no settings'}: {found.us:.1f} µs, was {found.before_us:.1f}{ahead}"


def _results_so_far(file: Path, device: torch.device) -> dict[str, Any]:
    """Return what a file says already, or the beginning of one."""
    measured = {
        "gpu": capability.gpu(device).name,
        "torch": torch.__version__,
        "triton": triton.__version__,
        "date": datetime.now(UTC).date().isoformat(),
    }
    fresh = {"about": _ABOUT, "measured": measured, "settings": {}, "behind": {}}
    if not file.is_file():
        return fresh
    results: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    same = all((results["measured"] or {}).get(key) == measured[key] for key in _SAME)
    return results if same else fresh


_ABOUT = "Found by python -m livedraft.kernels.tuning; behind: our time over that of torch's way."
_SAME = ("gpu", "torch", "triton")  # what a file must share for its operations to be kept


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", type=Path, help="the file; nvidia-h200.json on an H200")
    parser.add_argument("--minutes", type=float, default=30.0, help="begin none after these  (30)")


if __name__ == "__main__":
    sys.exit(main())
