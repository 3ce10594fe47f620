"""Draw avatars: python -m training.head.avatars [IDS] | --seed WORD --style STYLE --out FOLDER."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from PIL import Image

from livedraft.runtime.models.head.avatar.folder import BASE, DRAWING, OVER, THUMBNAIL, read_avatar
from livedraft.runtime.models.head.avatar.gallery import LISTING, avatars, load
from livedraft.runtime.models.head.expression import Expression
from livedraft.runtime.models.head.visemes import POSES

from .cast import CAST, Person
from .seeded import somebody
from .taking import take_apart

SHIPPED = Path(__file__).parents[3] / "runtime/models/head/avatar/shipped"
_THUMBNAIL_PX = 128
_SHEET_PX = 220
_MOST_BYTES = 150_000  # of an avatar's files


def main() -> None:
    """Write a folder for each avatar that ships, and their list; or one for a seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--seed", help="draw somebody new into the folder --out: any word")
    parser.add_argument("--style", choices=("lorelei", "notionists"), default="lorelei")
    parser.add_argument("--sheet", type=Path, help="lay those that ship side by side in a picture")
    parser.add_argument("ids", nargs="*", default=list(CAST))
    chosen = parser.parse_args()
    if chosen.sheet is not None:
        side_by_side().save(chosen.sheet, quality=88)
        return
    if chosen.seed is not None:
        if chosen.out == SHIPPED:
            parser.error("name a folder for somebody new: --out FOLDER")
        draw(somebody(chosen.seed, chosen.style), chosen.out)
        return
    for name in chosen.ids:
        draw(CAST[name], chosen.out / name)
    listed = {name: person.title for name, person in CAST.items()}
    text = json.dumps(listed, ensure_ascii=False, indent=2)
    (chosen.out / LISTING).write_text(text + "\n", "utf-8")


def draw(person: Person, folder: Path) -> None:
    """Write a person's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    drawing, base, over = take_apart(person)
    text = drawing.model_dump_json(indent=2, exclude_defaults=True)
    (folder / DRAWING).write_text(text + "\n", "utf-8")
    Image.fromarray(base).save(folder / BASE, lossless=True, method=6, quality=100)
    (folder / OVER).unlink(missing_ok=True)
    if over[..., 3].any():
        Image.fromarray(over).save(folder / OVER, lossless=True, method=6, quality=100)
    portrait = Image.fromarray(read_avatar(folder).render(Expression()))
    small = portrait.resize((_THUMBNAIL_PX, _THUMBNAIL_PX), Image.Resampling.LANCZOS)
    small.save(folder / THUMBNAIL, quality=80, method=6)
    size = sum(file.stat().st_size for file in folder.iterdir())
    if size > _MOST_BYTES:
        raise SystemExit(f"{folder} has {size} bytes: {_MOST_BYTES} are the most")
    print(f"{folder.name}: {size} bytes")


def side_by_side() -> Image.Image:
    """Return those that ship in two rows, each with another mouth."""
    rows = 2
    sheet = Image.new("RGB", (len(avatars()) // rows * _SHEET_PX, rows * _SHEET_PX))
    for number, name in enumerate(avatars()):
        said = POSES[(4 * number + 10) % len(POSES)] if number % 3 else POSES[0]
        frame = load(name).render(Expression(mouth=said, gaze=(0.15 * (number % 3 - 1), 0)))
        small = Image.fromarray(frame).resize((_SHEET_PX, _SHEET_PX), Image.Resampling.LANCZOS)
        row, column = divmod(number, len(avatars()) // rows)
        sheet.paste(small, (column * _SHEET_PX, row * _SHEET_PX))
    return sheet


if __name__ == "__main__":
    main()
