"""Put the evaluation into the model card: `python -m training.tryon.card --take out/tryon`.

Fills the tables between the marks in runtime/models/tryon/README.md and training/tryon/README.md.
With `--take` it first keeps an evaluation, its report and its failures, and dresses photographs.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

from training.pages import filled

from ..evaluate import REPORT
from . import CARD, IMAGES, TRAINING
from .photographs import photographs
from .tables import TABLES


def main() -> None:
    """Rewrite the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--take", type=Path, help="folder of an evaluation to keep")
    options = parser.parse_args()
    if options.take:
        shutil.copy(options.take / REPORT.name, REPORT)
        shutil.copy(options.take / "failures.jpg", IMAGES / "try-on-failures.jpg")
        photographs(IMAGES / "try-on-photographs.jpg")
    report = json.loads(REPORT.read_text("utf-8"))
    for page in (CARD, TRAINING):
        page.write_text(filled(page.read_text("utf-8"), report, TABLES), "utf-8")


if __name__ == "__main__":
    main()
