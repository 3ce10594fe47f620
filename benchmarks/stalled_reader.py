"""One reader that never reads beside 100 sessions at 10 fps: what it costs the others."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import threading
from contextlib import ExitStack
from dataclasses import asdict, dataclass

from .harness import ROOT, Goal, Result, command, option, summary
from .load import Load, StalledReader
from .server import serving

STALLED_SIZE = 512  # px; large frames, so that the stalled socket fills up at once


@dataclass(frozen=True, slots=True)
class Options:
    """Measure the others' latency without and with a reader that never reads, in turns."""

    sessions: int = option(100, "sessions beside the stalled one")
    fps: float = option(10.0, "inputs a second of each")
    seconds: float = option(10.0, "how long one run lasts; its first second is not counted")
    rounds: int = option(4, "pairs of runs, one without and one with the stalled reader")
    size: int = option(64, "width and height of the picture, px")


def measure(options: Options) -> Result:
    """Return the others' latency without and with the stalled reader."""
    runs: dict[str, list[Load]] = {"without": [], "with a stalled reader": []}
    with serving("echo", max_sessions=options.sessions + 1) as server:
        _generate(server.url, options, stalled=False)  # warm-up
        for _ in range(options.rounds):
            for what, found in runs.items():
                found.append(_generate(server.url, options, stalled=what != "without"))
    result = Result("stalled_reader", asdict(options))
    for what, found in runs.items():
        result.ms[what] = summary(ms for load in found for ms in load.latencies_ms)
    before, after = (_p99(found) for found in runs.values())
    loads = [load for found in runs.values() for load in found]
    counted = options.rounds * 2 * (options.seconds - 1)
    result.figures = {
        "median p99, without, ms": before,
        "median p99, with, ms": after,
        "frames a second": sum(len(load.latencies_ms) for load in loads) / counted,
        "inputs superseded": sum(load.dropped for load in loads),
    }
    change = (after / before - 1) * 100
    result.goals.append(Goal("the others' p99, change by a stalled reader", change, 10, "%"))
    return result


def _p99(loads: list[Load]) -> float:
    """Return the median over runs of their p99: one disturbed run does not decide."""
    return statistics.median(summary(load.latencies_ms)["p99"] for load in loads)


def _generate(url: str, options: Options, *, stalled: bool) -> Load:
    flags = {name: str(getattr(options, name)) for name in ("sessions", "fps", "seconds", "size")}
    words = [word for name, value in flags.items() for word in (f"--{name}", value)]
    with ExitStack() as stack:
        if stalled:
            reader = StalledReader(url, STALLED_SIZE)
            over = threading.Event()
            drawing = threading.Thread(target=reader.draw, args=(options.fps, over))
            drawing.start()
            stack.callback(reader.close)
            stack.callback(drawing.join)
            stack.callback(over.set)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.load", url, *words],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"the load generator failed:\n{done.stderr[-2000:]}")
    return Load(**json.loads(done.stdout))


if __name__ == "__main__":
    command(measure, Options)
