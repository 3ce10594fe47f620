"""Train the networks of `ink`: `python -m training.ink.train colour --minutes 90`.

Parts: `colour` (sketch and palette to coarse colours) and `decoder` (coarse colours to art along
the lines); `train.palette` does the third. The same command continues where the last one ended.
"""

from __future__ import annotations

import argparse

from .drawing import RECIPES, train
from .trainer import add_options, read_options


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=RECIPES)
    add_options(parser, minutes=90.0)
    options = parser.parse_args()
    minutes, setup = read_options(options)
    train(options.part, minutes, options.cache, options.seed, setup=setup)


if __name__ == "__main__":
    main()
