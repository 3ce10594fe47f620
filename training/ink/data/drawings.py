"""Write the line drawings that a prompt alone starts from: `python -m training.ink.data.drawings`.

They are the line art of Fluent Emoji's flat set, as the training set derives it (MIT).
"""

from __future__ import annotations

import argparse
import io
import json
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from livedraft.runtime.models.ink import WEIGHTS

from .dataset import CACHE

ART = "fluent-flat"
SHADES = 4  # grey levels of a line, edges included
DATED = (1980, 1, 1, 0, 0, 0)  # the same file from every build


def write(cache: Path, file: Path) -> int:
    """Write `LABEL.png` for every concept into a zip file; return how many."""
    lines = np.load(cache / "lines.npy", mmap_mode="r")
    records = json.loads((cache / "records.json").read_text())
    rows = {r["label"]: r["lines"] for r in records if r["art"] == ART and "/" not in r["label"]}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for label, row in sorted(rows.items()):
            archive.writestr(zipfile.ZipInfo(f"{label}.png", DATED), packed(lines[row, 0]))
    return len(rows)


def packed(ink: np.ndarray) -> bytes:
    """Return coverage (256, 256) as a PNG of few grey levels."""
    levels = np.rint(ink / 255 * (SHADES - 1)).astype(np.uint8)
    image = Image.fromarray(levels, "P")
    image.putpalette([round(255 * k / (SHADES - 1)) for k in range(SHADES) for _ in range(3)])
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True, bits=2)
    return file.getvalue()


def main() -> None:
    """Parse the command line and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--file", type=Path, default=WEIGHTS / "drawings.zip")
    options = parser.parse_args()
    print(f"{write(options.cache, options.file)} drawings")


if __name__ == "__main__":
    main()
