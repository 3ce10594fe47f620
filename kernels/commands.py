"""What the commands of this package share: they are asked for some operations, or for all."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from .ops import NAMES


def asked(
    module: str,
    about: str | None,
    unless: str = "all, unless told",
    add: Callable[[argparse.ArgumentParser], object] = lambda parser: None,
) -> argparse.Namespace:
    """Parse the arguments: ``ops`` and what ``add`` adds. End with 2 where they are wrong."""
    parser = argparse.ArgumentParser(
        prog=f"python -m livedraft.kernels.{module}",
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    known = ", ".join(NAMES)
    parser.add_argument("ops", nargs="*", metavar="OP", help=f"{unless}: {known}")
    add(parser)
    options = parser.parse_args()
    for unknown in sorted(set(options.ops) - set(NAMES)):
        parser.error(f"no operation '{unknown}'; there are {known}")
    return options
