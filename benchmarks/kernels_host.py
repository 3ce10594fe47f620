"""What a call of a kernel costs the host, for a GPU that is not there: all but the launch itself.

Kernels are compiled for Hopper and launched nowhere; outputs come from the CPU's allocator. What a
driver takes to launch, some microseconds, is measured on a GPU by `make gpu`.
"""

from __future__ import annotations

import inspect
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any
from unittest.mock import patch

from .harness import Goal, Result, command, option

MOST = 15.0  # µs a call


@dataclass(frozen=True, slots=True)
class Options:
    """Call every operation with its first small workload, in half precision where it has it."""

    batches: int = option(1000, "of calls, of which the quickest counts: others were interrupted")
    calls: int = option(100, "of each batch")
    only: str = option("", "one operation instead of all")


def measure(options: Options) -> Result:
    """Return µs a call, and µs that Triton alone takes for the same launches."""
    import torch

    from livedraft.kernels.dispatch import VARIABLE
    from livedraft.kernels.ops import NAMES, op
    from livedraft.kernels.phantom import Phantom

    result = Result("kernels_host", asdict(options))
    Phantom(90).install()
    with patch.dict(os.environ, {VARIABLE: "triton"}), torch.inference_mode():
        for name in [options.only] if options.only else NAMES:
            made = op(name)
            args = _arguments(made)
            launches = made.plan()(made.empty(*args), *args)
            result.figures[f"{name}, µs"] = _quickest(partial(made, *args), options)
            result.figures[f"{name}, launched by Triton alone, µs"] = sum(
                _quickest(launch.run, options) for launch in launches
            )
            made.reset()
    worst = max(value for key, value in result.figures.items() if "alone" not in key)
    result.goals.append(Goal("a kernel's call on the host, slowest", worst, MOST, "µs"))
    return result


def _arguments(made: Any) -> tuple[Any, ...]:
    import torch

    spec = made.spec
    workload = next(w for w in spec.workloads if not w.real)
    dtype = torch.bfloat16 if torch.bfloat16 in spec.dtypes else spec.dtypes[0]
    inputs = spec.inputs(workload.axes, dtype, torch.Generator().manual_seed(1))
    bound = inspect.signature(spec.reference).bind(**inputs)
    bound.apply_defaults()
    return bound.args


def _quickest(call: Callable[[], object], options: Options) -> float:
    """Return µs a call, of the quickest batch; the first calls compile."""
    call()
    best = float("inf")
    for _ in range(options.batches):
        begun = time.perf_counter()
        for _ in range(options.calls):
            call()
        best = min(best, time.perf_counter() - begun)
    return round(best / options.calls * 1e6, 1)


if __name__ == "__main__":
    command(measure, Options)
