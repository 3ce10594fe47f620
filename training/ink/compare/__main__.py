"""Compare ways to train `ink`'s drawing networks: `python -m training.ink.compare`.

Writes compare.json here, the table of the page on training, and a picture for the docs.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from ..card import IMAGES
from ..card.tables import with_figures
from ..data.dataset import CACHE
from .table import TABLES
from .variants import VARIANTS
from .ways import SMALL, examined, teach

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "README.md"
PICTURE = IMAGES / "ink-ways.jpg"
UPDATES, DRAWINGS = 480, 64


def main() -> None:
    """Parse the command line, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="VARIANT", help=", ".join(VARIANTS))
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--updates", type=int, default=UPDATES, help="of each variant")
    parser.add_argument("--drawings", type=int, default=DRAWINGS, help="held-out ones to measure")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="folder for report and picture; no table then")
    parser.add_argument("--examine", action="store_true", help="only measure again")
    options = parser.parse_args()
    if unknown := set(options.names) - VARIANTS.keys():
        parser.error(f"no variant {', '.join(sorted(unknown))}")
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    checkpoint = options.cache / "compare.pt"
    if not options.examine:
        names = options.names or list(VARIANTS)
        torch.save(teach(names, options.cache, options.updates, SMALL, options.seed), checkpoint)
    taught = torch.load(checkpoint, weights_only=True)
    folder = options.out or HERE
    picture = options.out / PICTURE.name if options.out else PICTURE
    report = examined(taught, options.cache, options.drawings, SMALL, picture)
    (folder / "compare.json").write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    if options.out is None:
        PAGE.write_text(with_figures(PAGE.read_text("utf-8"), report, TABLES), "utf-8")


if __name__ == "__main__":
    main()
