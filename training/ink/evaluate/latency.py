"""How long `ink` takes, part by part, on this machine as it is now.

`python -m training.ink.evaluate.latency` measures it apart, on a machine that is idle, and puts it
into evaluation.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Plan, Request
from livedraft.runtime.models.ink import Ink, InkParams

from . import REPORT

REPEATS = 15
SIDES = (256, 512, 1024)  # px, of refined pictures


def latency(model: Ink, sketch: Pixels, threads: int, ahead: bool = False) -> dict[str, Any]:
    """Return median times in milliseconds, and the machine with its load (of one minute).

    `ahead` of other work, what is timed runs first, and leaves it as long a time afterwards.
    """
    load = os.getloadavg()[0]
    parts = _draft(model, sketch, ahead)
    state, counter = model.open(), iter(range(1000))
    drawn = sketch.copy()

    def new_prompt() -> None:
        params = InkParams(prompt="a red fox", seed=next(counter))
        model.prepare([(state, Request(params, {"sketch": drawn}, Stage.DRAFT, 1))])

    def refine(side: int) -> Callable[[], None]:
        params = InkParams.model_validate({"prompt": "a red fox", "size": side})

        def run() -> None:
            job = model.prepare([(state, Request(params, {"sketch": drawn}, Stage.FINAL, 2))])[0]
            while not job.done:
                model.step([job])
            model.emit([job])

        return run

    return {
        "machine": str(torch.cpu.get_capabilities().get("cpu_name", platform.machine())),
        "threads": threads,
        "load": round(load, 2),
        "ahead": ahead,
        "draft": parts,
        "new_prompt": _timed(new_prompt, ahead),
        "refine": {str(side): _timed(refine(side), ahead, 5) for side in SIDES},
    }


def face() -> Pixels:
    """Return a drawn face: five closed strokes."""
    image = Image.new("RGBA", (256, 256))
    pen = ImageDraw.Draw(image)
    for box in ((30, 40, 226, 236), (80, 100, 110, 130), (146, 100, 176, 130), (90, 165, 166, 200)):
        pen.ellipse(box, outline=(0, 0, 0, 255), width=4)
    pen.polygon([(60, 70), (80, 10), (115, 45)], outline=(0, 0, 0, 255), width=4)
    return np.array(image)


@contextmanager
def _turn(ahead: bool) -> Iterator[None]:
    """Let all threads of this process run before those of others, if so asked; Linux, as root."""
    if not ahead:
        yield
        return
    begun = time.perf_counter()
    try:
        _schedule(os.SCHED_RR, 1)
        yield
    finally:
        _schedule(os.SCHED_OTHER, 0)
    time.sleep(time.perf_counter() - begun)


def _schedule(policy: int, priority: int) -> None:
    for thread in Path("/proc/self/task").iterdir():
        os.sched_setscheduler(int(thread.name), policy, os.sched_param(priority))


def _draft(model: Ink, sketch: Pixels, ahead: bool) -> dict[str, float]:
    """Time the parts of a draft: a new sketch under a known prompt, in a style that has light.

    `processor` is the time of all threads, which other work on the machine changes less.
    """
    state, spent = model.open(), {name: list[float]() for name in ("prepare", "step", "decode")}
    params, processor = InkParams(prompt="a red fox", style="3d"), list[float]()
    for _ in range(REPEATS + 2):
        request = Request(params, {"sketch": sketch.copy()}, Stage.DRAFT, 1)
        with _turn(ahead):
            used, begun = time.process_time(), time.perf_counter()
            job = model.prepare([(state, request)])[0]
            prepared = time.perf_counter()
            model.step([job])
            stepped = time.perf_counter()
            model.emit([job])
            times = (prepared - begun, stepped - prepared, time.perf_counter() - stepped)
            processor.append(time.process_time() - used)
        for name, value in zip(spent, times, strict=True):
            spent[name].append(value)
    parts = {name: round(median(values[2:]) * 1e3, 1) for name, values in spent.items()}
    whole = median(sum(times) for times in list(zip(*spent.values(), strict=True))[2:])
    busy = median(processor[2:])
    return parts | {"all": round(whole * 1e3, 1), "processor": round(busy * 1e3, 1)}


def _timed(run: Callable[[], None], ahead: bool, repeats: int = REPEATS) -> float:
    """Return the median time of a call in milliseconds, after two to warm up."""
    times = []
    for _ in range(repeats + 2):
        with _turn(ahead):
            begun = time.perf_counter()
            run()
            times.append(time.perf_counter() - begun)
    return round(median(times[2:]) * 1e3, 1)


def main() -> None:
    """Measure the shipped weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report", type=Path, default=REPORT, help="where the times are put")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--ahead", action="store_true", help="of other work, as root")
    options = parser.parse_args()
    times = latency(
        Ink.load(plan=Plan(threads=options.threads)), face(), options.threads, options.ahead
    )
    figures = json.loads(options.report.read_text("utf-8")) | {"latency": times}
    options.report.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    print(json.dumps(times, indent=2))


if __name__ == "__main__":
    main()
