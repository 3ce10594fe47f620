"""Put the evaluation into the model card: `python -m training.ink.card --take out/ink`.

Fills the tables between the marks in runtime/models/ink/README.md. With `--take` it first keeps an
evaluation: evaluation.json, and its pictures for the docs.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

from ..evaluate import REPORT
from . import CARD, IMAGES
from .tables import with_figures

SHOWN = {  # pictures of an evaluation, and their names in the docs
    "montage": "ink-held-out",
    "styles": "ink-styles",
    "openmoji": "ink-openmoji",
    "strokes": "ink-strokes",
    "parts": "ink-parts",
    "worst": "ink-worst",
}


def take(folder: Path) -> None:
    """Keep an evaluation's report beside its code, and its pictures in the docs."""
    shutil.copy(folder / REPORT.name, REPORT)
    for name, shown in SHOWN.items():
        shutil.copy(folder / f"{name}.jpg", IMAGES / f"{shown}.jpg")


def main() -> None:
    """Rewrite the card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--take", type=Path, help="folder of an evaluation to keep")
    options = parser.parse_args()
    if options.take:
        take(options.take)
    report = json.loads(REPORT.read_text("utf-8"))
    CARD.write_text(with_figures(CARD.read_text("utf-8"), report), "utf-8")


if __name__ == "__main__":
    main()
