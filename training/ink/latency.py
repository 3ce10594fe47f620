"""How long `ink` takes, part by part, on this machine as it is now.

`python -m training.ink.latency` measures it apart, on a machine that is idle, and puts it into
evaluation.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Plan, Request
from livedraft.runtime.models.ink import Ink, InkParams

REPEATS = 15
SIDES = (256, 512, 1024)  # px, of refined pictures


def latency(model: Ink, sketch: Pixels, threads: int) -> dict[str, Any]:
    """Return median times in milliseconds, and the machine with its load (of one minute)."""
    load = os.getloadavg()[0]
    parts = _draft(model, sketch)
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
        "draft": parts,
        "new_prompt": _timed(new_prompt),
        "refine": {str(side): _timed(refine(side), 5) for side in SIDES},
    }


def face() -> Pixels:
    """Return a drawn face: five closed strokes."""
    image = Image.new("RGBA", (256, 256))
    pen = ImageDraw.Draw(image)
    for box in ((30, 40, 226, 236), (80, 100, 110, 130), (146, 100, 176, 130), (90, 165, 166, 200)):
        pen.ellipse(box, outline=(0, 0, 0, 255), width=4)
    pen.polygon([(60, 70), (80, 10), (115, 45)], outline=(0, 0, 0, 255), width=4)
    return np.array(image)


def _draft(model: Ink, sketch: Pixels) -> dict[str, float]:
    """Time the parts of a draft: a new sketch under a known prompt."""
    state, spent = model.open(), {name: list[float]() for name in ("prepare", "step", "decode")}
    for _ in range(REPEATS + 2):
        request = Request(InkParams(prompt="a red fox"), {"sketch": sketch.copy()}, Stage.DRAFT, 1)
        begun = time.perf_counter()
        job = model.prepare([(state, request)])[0]
        prepared = time.perf_counter()
        model.step([job])
        stepped = time.perf_counter()
        model.emit([job])
        times = (prepared - begun, stepped - prepared, time.perf_counter() - stepped)
        for name, value in zip(spent, times, strict=True):
            spent[name].append(value)
    parts = {name: round(median(values[2:]) * 1e3, 1) for name, values in spent.items()}
    whole = median(sum(times) for times in list(zip(*spent.values(), strict=True))[2:])
    return parts | {"all": round(whole * 1e3, 1)}


def _timed(run: Callable[[], None], repeats: int = REPEATS) -> float:
    """Return the median time of a call in milliseconds, after two to warm up."""
    times = []
    for _ in range(repeats + 2):
        begun = time.perf_counter()
        run()
        times.append(time.perf_counter() - begun)
    return round(median(times[2:]) * 1e3, 1)


def main() -> None:
    """Measure the shipped weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    report = Path(__file__).with_name("evaluation.json")
    parser.add_argument("--report", type=Path, default=report, help="where the times are put")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    times = latency(Ink.load(plan=Plan(threads=options.threads)), face(), options.threads)
    figures = json.loads(options.report.read_text("utf-8")) | {"latency": times}
    options.report.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    print(json.dumps(times, indent=2))


if __name__ == "__main__":
    main()
