"""Draw the garments that ship: python -m training.tryon.garments [--out FOLDER]."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image

from livedraft.runtime.models.tryon.garment.catalogue import FILE

from .wardrobe import WARDROBE

SHIPPED = Path(__file__).parents[3] / "runtime" / "models" / "tryon" / "garments"
_QUALITY = 84
_MOST_BYTES = 60_000


def main() -> None:
    """Write a WebP with alpha for each garment, and the catalogue that lists them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("skus", nargs="*", default=list(WARDROBE))
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    for sku in chosen.skus:
        sew, _, _ = WARDROBE[sku]
        file = chosen.out / f"{sku}.webp"
        picture = Image.fromarray(sew().picture().astype(np.uint8))
        picture.save(file, quality=_QUALITY, method=6)
        size = file.stat().st_size
        if size > _MOST_BYTES:
            raise SystemExit(f"{file} has {size} bytes: {_MOST_BYTES} are the most")
        print(f"{file.name}: {picture.width} × {picture.height} px, {size} bytes")
    entries = [
        {"sku": sku, "image": f"{sku}.webp", "category": category, "title": title}
        for sku, (_, category, title) in WARDROBE.items()
    ]
    text = json.dumps(entries, ensure_ascii=False, indent=2)
    (chosen.out / FILE).write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
