"""Build the training set of `ink`: `python -m training.ink.data`."""

from __future__ import annotations

import argparse
from pathlib import Path

from .dataset import CACHE, build


def main() -> None:
    """Parse the command line and build."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    build(options.cache, workers=options.workers)


if __name__ == "__main__":
    main()
