"""The first draft and the first refines after a start: of a model that was warmed up, and not."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import Any

from livedraft.protocol.messages import Stage
from livedraft.runtime.engine.engine import Engine
from livedraft.runtime.models.base import Plan, Request
from livedraft.runtime.models.ink import Ink, InkParams
from livedraft.runtime.plan import Size
from livedraft.runtime.warming import warm_up

from .harness import Result, command, option, summary
from .painter import PROMPT, drawn

USES = {"draft": 0, "refine at 512": 512, "refine at 1024": 1024}  # px; 0: of the model's own size


@dataclass(frozen=True, slots=True)
class Options:
    """Time one use in each fresh process, warmed up and not in turn."""

    runs: int = option(7, "fresh processes for each use, of either kind")


def measure(options: Options) -> Result:
    """Return times of the first use, and the processor's time of all threads, ms."""
    result = Result("first_use", asdict(options))
    found: dict[str, list[float]] = defaultdict(list)
    for _ in range(options.runs):
        for name, side in USES.items():
            for how, warm in (("cold", 0), ("warmed up", 1)):
                for what, ms in _in_a_fresh_process(side, warm).items():
                    found[f"{name}, {how}: {what}"].append(ms)
    result.ms = {what: summary(each) for what, each in found.items()}
    return result


def _in_a_fresh_process(side: int, warm: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.first_use", "--once", str(side), str(warm)],
        check=True,
        capture_output=True,
        text=True,
    )
    told: dict[str, float] = json.loads(done.stdout)
    return told


def once(side: int, warm: bool) -> dict[str, float]:
    """Load ink, warm it up if it shall be, and time one draft, or a refine of that side, ms."""
    model = Ink.load()
    sizes = (Size(side, side),) if side else ()
    took: dict[str, float] = {}
    if warm:
        engine = Engine(models={"ink": model})
        start = time.perf_counter()
        asyncio.run(warm_up(engine, "ink", Plan(sizes=sizes)))
        took["before, warming up"] = (time.perf_counter() - start) * 1e3
        engine.close()
    params: dict[str, Any] = {"prompt": PROMPT, **({"size": side} if side else {})}
    stage = Stage.FINAL if side else Stage.DRAFT
    made = InkParams(**params)
    request = Request(made, {"sketch": drawn()}, stage, made.steps if side else 1)
    start, processor = time.perf_counter(), time.process_time()
    jobs = model.prepare([(model.open(), request)])
    while not jobs[0].done:
        model.step(jobs)
    model.emit(jobs)
    took["time"] = (time.perf_counter() - start) * 1e3
    took["processor"] = (time.process_time() - processor) * 1e3
    return took


if __name__ == "__main__":
    if sys.argv[1:2] == ["--once"]:
        print(json.dumps(once(int(sys.argv[2]), sys.argv[3] == "1")))
    else:
        command(measure, Options)
