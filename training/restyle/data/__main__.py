"""Gather what is learned from: `python -m training.restyle.data`.

Downloads the packages that hold the pictures (data/pictures.json), cuts them, and writes one
folder that a training needs, here or on another machine.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from .pack import build

CACHE = Path(".cache/restyle")


def main() -> None:
    """Parse the command line and build."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--pack", type=Path, help="folder to write; in the cache by default")
    parser.add_argument("--crops", type=int, default=420)
    options = parser.parse_args()
    build(options.cache, options.pack or options.cache / "pack", options.crops)


if __name__ == "__main__":
    main()
