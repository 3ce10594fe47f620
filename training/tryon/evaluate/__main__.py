"""Measure try-on: `python -m training.tryon.evaluate`.

Writes evaluation.json and pictures to the output folder. Held-out people come of
`python -m training.tryon.data`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from PIL import Image

from ..data import CACHE
from . import REPORT
from .dressing import Fitter, Rules
from .montage import montage
from .motion import jitter
from .report import evaluate, table

LOOKED_AT, WORST = 24, 12  # cases in the pictures


def main() -> None:
    """Dress held-out people, judge, and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--out", type=Path, default=Path("out/tryon"))
    parser.add_argument("--count", type=int, default=200, help="people; fewer are quicker")
    parser.add_argument("--moving", type=int, default=8, help="people who move, for the jitter")
    parser.add_argument("--rules", action="store_true", help="without the trained offsets")
    options = parser.parse_args()
    fitter = Fitter(Rules() if options.rules else None)
    report = evaluate(options.cache, options.count, fitter)
    report.figures["moving"] = jitter(options.cache, options.moving, fitter)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / REPORT.name).write_text(json.dumps(report.figures, indent=2) + "\n")
    worst = sorted(report.cases, key=lambda case: case.scores.iou)[:WORST]
    for name, cases in (("montage", report.cases[:LOOKED_AT]), ("worst", worst)):
        if cases:
            Image.fromarray(montage(cases)).save(options.out / f"{name}.jpg", quality=88)
    print(table(report.figures))
    print("moving:", report.figures["moving"])


if __name__ == "__main__":
    main()
