"""A blind look at light: `python -m training.ink.evaluate.blind`, then again with `--chosen`.

Writes sheets of pairs, lines kept: a held-out drawing unlit, as before there was light, and the
same in a lit style, in a hidden order. Who looks writes down the side that is better, one letter a
pair (`l`, `r`, or `=`); `--chosen llr=...` then says how often the lit one was.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from livedraft.runtime.models.base import Pixels, Plan
from livedraft.runtime.models.ink import Ink, InkParams
from livedraft.runtime.models.ink.finish.light import RULES

from ..data.batches import Drawings
from ..data.dataset import CACHE
from .cases import Painter, apart, cases_of
from .metrics import on_white

PAIRS, ACROSS, GAP = 40, 4, 24
KEY = "key.json"  # not to be read before it is chosen


def write(cache: Path, folder: Path) -> None:
    """Write the sheets, and the key: which side of each pair is lit, and how."""
    held = Drawings(cache, held_out=True)
    painter = Painter(Ink.load(plan=Plan(threads=1)))
    drawn = [case for case in cases_of(held, len(held.rows)) if case.art == "fluent-flat"]
    cases = apart(drawn)[:PAIRS]
    rng = random.Random()  # unseeded: nobody knows the order, nor can anybody find it again
    key, cells = [], []
    for index, case in enumerate(cases):
        style = list(RULES)[index % len(RULES)]
        pair = [
            draw(case, style=style, lines=InkParams().lines)
            for draw in (painter.unlit, painter.draw)
        ]
        side = rng.randrange(2)
        key.append({"label": case.label, "style": style, "lit": "lr"[side]})
        cells.append(_cell(pair if side else pair[::-1], index))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / KEY).write_text(json.dumps(key))
    rows = [np.concatenate(cells[at : at + ACROSS], 1) for at in range(0, len(cells), ACROSS)]
    for number, at in enumerate(range(0, len(rows), 4)):
        Image.fromarray(np.concatenate(rows[at : at + 4], 0)).save(folder / f"pairs{number}.png")


def tally(folder: Path, chosen: str) -> str:
    """Say how often the lit picture of a pair was chosen, in all and by style."""
    key = json.loads((folder / KEY).read_text())
    if len(chosen) != len(key):
        raise SystemExit(f"{len(key)} pairs, {len(chosen)} choices")
    lines = []
    for name in ("", *RULES):
        won = [c == k["lit"] for c, k in zip(chosen, key, strict=True) if name in k["style"]]
        even = [c == "=" for c, k in zip(chosen, key, strict=True) if name in k["style"]]
        lines.append(f"{name or 'all'}: lit {sum(won)}, alike {sum(even)}, of {len(won)}")
    lost = [k["label"] for c, k in zip(chosen, key, strict=True) if c not in ("=", k["lit"])]
    return "\n".join([*lines, f"unlit was better: {', '.join(lost)}"])


def _cell(pair: list[Pixels], index: int) -> Pixels:
    wide = np.concatenate([on_white(picture) for picture in pair], 1)
    framed = Image.new("RGB", (wide.shape[1] + GAP, wide.shape[0] + GAP), "white")
    framed.paste(Image.fromarray(wide), (GAP // 2, GAP))
    ImageDraw.Draw(framed).text((4, 4), str(index + 1), fill="black")
    return np.asarray(framed)


def main() -> None:
    """Write the sheets, or judge what was chosen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--out", type=Path, default=Path("out/ink/blind"))
    parser.add_argument("--chosen", help="a letter for each pair")
    options = parser.parse_args()
    if options.chosen:
        print(tally(options.out, options.chosen))
    else:
        write(options.cache, options.out)


if __name__ == "__main__":
    main()
