"""Measure try-on: `python -m training.tryon.evaluate`.

Writes evaluation.json and pictures to the output folder. Held-out people come of
`python -m training.tryon.data`, those of all poses, and of `--set front`, if there are some.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from PIL import Image

from ..data import CACHE
from ..data.records import shards
from ..data.sets import folder
from . import REPORT, SETS
from .dressing import Fitter, Rules
from .montage import failures, montage
from .motion import jitter
from .report import Case, evaluate, table

LOOKED_AT, WORST, FAILED = 24, 12, 4  # cases in the pictures


def main() -> None:
    """Dress held-out people, judge, and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--out", type=Path, default=Path("out/tryon"))
    parser.add_argument("--count", type=int, default=200, help="people of a set; fewer are quicker")
    parser.add_argument("--moving", type=int, default=8, help="people who move, for the jitter")
    parser.add_argument("--rules", action="store_true", help="without the trained offsets")
    options = parser.parse_args()
    fitter = Fitter(Rules() if options.rules else None)
    options.out.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {}
    worst: list[Case] = []
    for name, people in SETS.items():
        cache = folder(options.cache, people)
        if not shards(cache):
            continue
        report = evaluate(cache, options.count, fitter)
        found[name] = report.figures
        print(f"\n{name}\n{table(report.figures)}")
        worst += _shown(report.cases, options.out, name.replace(" ", "-"))
    found["moving"] = jitter(options.cache, options.moving, fitter)
    print("moving:", found["moving"])
    (options.out / REPORT.name).write_text(json.dumps(found, indent=2) + "\n")
    if worst:
        failures(worst, options.out / "failures.jpg")


def _shown(cases: list[Case], out: Path, name: str) -> list[Case]:
    """Write the first cases and the worst as pictures; return the very worst."""
    worst = sorted(cases, key=lambda case: case.scores.iou)[:WORST]
    for kind, some in (("montage", cases[:LOOKED_AT]), ("worst", worst)):
        if some:
            Image.fromarray(montage(some)).save(out / f"{kind}-{name}.jpg", quality=88)
    return worst[:FAILED]


if __name__ == "__main__":
    main()
