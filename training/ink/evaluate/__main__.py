"""Measure `ink`: `python -m training.ink.evaluate`.

Writes evaluation.json and pictures to the output folder; `python -m training.ink.card` puts them
into the model card.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from PIL import Image

from livedraft.runtime.models.base import Plan
from livedraft.runtime.models.ink import Ink

from ..data.dataset import CACHE
from . import REPORT
from .report import evaluate, parameters


def main() -> None:
    """Evaluate the shipped weights, or those of a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--out", type=Path, default=Path("out/ink"))
    parser.add_argument("--source", default="", help="folder of other weights")
    parser.add_argument("--count", type=int, default=120, help="pictures; fewer are quicker")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)  # the judge's training is slow in denormals
    model = Ink.load(options.source, Plan(threads=options.threads))
    report, pictures = evaluate(options.cache, options.count, model, options.threads)
    if options.source:
        report["parameters"] = parameters(Path(options.source))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / REPORT.name).write_text(json.dumps(report, indent=2) + "\n")
    for name, picture in pictures.items():
        Image.fromarray(picture).save(options.out / f"{name}.jpg", quality=88)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
