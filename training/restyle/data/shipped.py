"""Write what styles of one's own learn by: `python -m training.restyle.data.shipped`.

A sheet of small pictures and the weights of the judge, beside the net: where a user trains a style
there is no pack. The pictures are crops of the list's, of those that people may see again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from livedraft.runtime.models.restyle.tuning.examples import ACROSS, JUDGE, SHEET, TILE
from livedraft.runtime.models.restyle.weights import WEIGHTS

from .crops import crops, written
from .packed import Picture
from .sources import picture, sources

CACHE = Path(".cache/restyle")
_QUALITY = 82
# How many crops of each: people, animals, things, leaves, water, sky, dark, writing.
_TAKEN = {
    "rear-admiral.jpg": 3,
    "luispedro.jpg": 2,
    "friends_by_Aitzol_Berasategi.jpg": 2,
    "life_by_Aitzol_Berasategi.jpg": 1,
    "chelsea.png": 2,
    "face.dat": 2,
    "coffee.png": 1,
    "rocket.jpg": 1,
    "cincinnati-bridge.jpg": 2,
    "citrus-fruits.jpg": 2,
    "european-honey-bee.jpg": 1,
    "seeding_by_Clements_Engelhardt.jpg": 1,
    "picosdeeuropa_by_Aitzol_Berasategi.jpg": 3,
    "sunset_by_Aitzol_Berasategi.jpg": 1,
    "aitzgorri_by_Aitzol_Berasategi.jpg": 1,
    "Wine_by_Jakkub_Mede.jpg": 1,
    "Picture_1A_by_freespace.jpg": 1,
    "young-woman-in-mauve.jpg": 1,
    "Reading.jpg": 1,
}


def main() -> None:
    """Parse the command line and write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    tiles = _tiles(options.cache)
    rows = [np.hstack(tiles[start : start + ACROSS]) for start in range(0, len(tiles), ACROSS)]
    sheet = Image.fromarray(np.vstack(rows))
    sheet.save(options.out / SHEET, quality=_QUALITY, method=6)
    (options.out / JUDGE).write_bytes((options.cache / "pack" / "judge.npz").read_bytes())


def _tiles(cache: Path) -> list[Picture]:
    rng = np.random.default_rng(4)
    found: list[Picture] = []
    for source in sources():
        if source.file in _TAKEN:
            found += crops(picture(source, cache), _TAKEN[source.file], rng)
    found.append(written(np.full_like(found[0], 240), rng))
    whole = len(found) // ACROSS * ACROSS
    size = (TILE, TILE)
    small = [cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in found[-whole:]]
    return [np.asarray(one, np.uint8) for one in small]


if __name__ == "__main__":
    main()
