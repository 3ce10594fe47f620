"""Draw the avatars that ship: python -m training.head.avatars [--out FOLDER] [IDS]."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from PIL import Image

from livedraft.runtime.models.head.avatar.folder import BASE, DRAWING, OVER, THUMBNAIL, read_avatar
from livedraft.runtime.models.head.avatar.gallery import LISTING
from livedraft.runtime.models.head.expression import Expression

from .cast import CAST
from .taking import take_apart

SHIPPED = Path(__file__).parents[3] / "runtime/models/head/avatar/shipped"
_THUMBNAIL_PX = 128
_MOST_BYTES = 150_000  # of an avatar's files


def main() -> None:
    """Write a folder for each avatar, and the list of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("ids", nargs="*", default=list(CAST))
    chosen = parser.parse_args()
    for name in chosen.ids:
        folder = chosen.out / name
        folder.mkdir(parents=True, exist_ok=True)
        drawing, base, over = take_apart(CAST[name])
        text = drawing.model_dump_json(indent=2, exclude_defaults=True)
        (folder / DRAWING).write_text(text + "\n", "utf-8")
        Image.fromarray(base).save(folder / BASE, lossless=True, method=6, quality=100)
        (folder / OVER).unlink(missing_ok=True)
        if over[..., 3].any():
            Image.fromarray(over).save(folder / OVER, lossless=True, method=6, quality=100)
        portrait = Image.fromarray(read_avatar(folder).render(Expression()))
        side = (_THUMBNAIL_PX, _THUMBNAIL_PX)
        portrait.resize(side, Image.Resampling.LANCZOS).save(
            folder / THUMBNAIL, quality=80, method=6
        )
        size = sum(file.stat().st_size for file in folder.iterdir())
        if size > _MOST_BYTES:
            raise SystemExit(f"{name} has {size} bytes: {_MOST_BYTES} are the most")
        print(f"{name}: {size} bytes")
    listed = {name: person.title for name, person in CAST.items()}
    text = json.dumps(listed, ensure_ascii=False, indent=2)
    (chosen.out / LISTING).write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
