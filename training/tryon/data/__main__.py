"""Make people to try clothes on: `python -m training.tryon.data`.

Writes shards of records to the cache (see `records`) and finds those that are there. A record
depends on seed and index alone, so `--bodies` may grow later.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import torch
from tqdm import tqdm

from . import CACHE
from .records import write
from .scenes import Studio
from .sets import SETS, folder

SHARD = 50  # records


def main() -> None:
    """Parse the command line and make what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--set", choices=SETS, default="all", help="whom to draw (sets.py)")
    parser.add_argument("--bodies", type=int, default=3000, help="one record each; 1.5 MB")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    people = SETS[options.set]
    build(
        folder(options.cache, options.set),
        options.bodies,
        lambda: Studio(options.seed, people=people),
    )


def build(cache: Path, bodies: int, open_studio: Callable[[], Studio], shard: int = SHARD) -> None:
    """Write the shards of the first `bodies` records that are not there yet.

    A studio takes seconds to open, and is opened only if something is missing.
    """
    starts = range(0, bodies, shard)
    missing = [start for start in starts if not _path(cache, start, shard).exists()]
    if not missing:
        return
    torch.set_num_threads(1)
    studio = open_studio()
    for start in tqdm(missing, desc="shards", disable=len(missing) < 2):
        made = range(start, min(start + shard, bodies))
        write(_path(cache, start, shard), {index: studio.record(index) for index in made})


def _path(cache: Path, start: int, shard: int) -> Path:
    return cache / f"{start // shard:04d}.npz"


if __name__ == "__main__":
    main()
