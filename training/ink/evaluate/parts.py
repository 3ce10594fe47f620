"""Whether colour words reach the parts they name: `python -m training.ink.evaluate.parts`.

`part_prompts.json` holds two sets of drawings, most of them OpenMoji's lines, with prompts that
name parts and places that lie within each part, put there by one who looked at the drawing. The
rules of `ink.parts` were tuned on the first set and never on the second. A part has the colour that
most of its places are nearest to, of ten words.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from textwrap import wrap
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.ink import Ink, InkParams

from ..data.dataset import CACHE, raster
from .cases import Case, Painter
from .metrics import median_colour, nearest_word, on_white
from .montage import CREDIT, signed
from .obedience import WORDS
from .openmoji import read_lines

PROMPTS = Path(__file__).with_name("part_prompts.json")
TUNED, APART = SETS = ("tuned_on", "kept_apart")
SKIN = ("yellow", "orange", "pink", "white")  # what a skin tone may be nearest to; brown is told
AROUND = 2  # px, half the side of what is looked at around a place
CELL, FOOT = 224, 48  # px, of a picture and of the words below it


@dataclass(frozen=True)
class Asked:
    """A drawing with a prompt, and which colour words its parts may have at their places."""

    case: Case
    drawing: str
    wanted: dict[str, tuple[str, ...]]
    places: dict[str, list[tuple[int, int]]]


@dataclass(frozen=True)
class Answered:
    """What was painted, and the colour word that each part came to have."""

    asked: Asked
    picture: Pixels
    found: dict[str, str]

    @property
    def obeyed(self) -> dict[str, bool]:
        """Whether each part has a colour that was wanted."""
        return {part: self.found[part] in words for part, words in self.asked.wanted.items()}


def read_prompts(cache: Path, name: str) -> list[Asked]:
    """Return the prompts of a set with their drawings; OpenMoji's are fetched into the cache."""
    held = json.loads(PROMPTS.read_text("utf-8"))[name]
    drawings: dict[str, Any] = held["drawings"]
    codes = [drawing["openmoji"] for drawing in drawings.values() if "openmoji" in drawing]
    lines = read_lines(cache, codes)
    asked = []
    for entry in held["prompts"]:
        drawing = drawings[entry["drawing"]]
        svg = drawing.get("svg") or lines[drawing["openmoji"]]
        case = Case(entry["drawing"], "parts", "flat", entry["prompt"], inked(svg), inked(svg))
        wanted: dict[str, tuple[str, ...]] = {
            part: SKIN if word == "skin" else (word,) for part, word in entry["colours"].items()
        }
        places = {part: [(x, y) for x, y in drawing["places"][part]] for part in wanted}
        asked.append(Asked(case, entry["drawing"], wanted, places))
    return asked


def inked(svg: str) -> Pixels:
    """Render black lines as a sketch (256, 256, 4)."""
    drawn = np.asarray(raster(svg), np.uint16)
    sketch = np.zeros(drawn.shape, np.uint8)
    sketch[..., 3] = drawn[..., 3] * (255 - drawn[..., 0]) // 255
    return sketch


def answer(painter: Painter, asked: Asked) -> Answered:
    """Paint a prompt's drawing, lines left out, and look at the places."""
    picture = painter.draw(asked.case)
    found = {part: _word(picture, places) for part, places in asked.places.items()}
    return Answered(asked, picture, found)


def summary(answers: Sequence[Answered]) -> dict[str, Any]:
    """Return the share of parts, and of whole prompts, that have their colours."""
    parts = [good for one in answers for good in one.obeyed.values()]
    return {
        "prompts": len(answers),
        "drawings": len({one.asked.drawing for one in answers}),
        "parts": len(parts),
        "obeyed": round(fmean(parts), 3),
        "whole_prompts": round(fmean(all(one.obeyed.values()) for one in answers), 3),
    }


def answers(painter: Painter, cache: Path, name: str) -> list[Answered]:
    """Paint all prompts of a set."""
    return [answer(painter, asked) for asked in read_prompts(cache, name)]


def _word(picture: Pixels, places: Sequence[tuple[int, int]]) -> str:
    words = Counter(_words(picture, places))
    return words.most_common(1)[0][0]


def _words(picture: Pixels, places: Sequence[tuple[int, int]]) -> Iterator[str]:
    """Yield the colour word around each place, "" where nothing is painted."""
    for x, y in places:
        around = np.zeros(picture.shape[:2], bool)
        around[y - AROUND : y + AROUND + 1, x - AROUND : x + AROUND + 1] = True
        yield nearest_word(median_colour(picture, around), WORDS)


def part_sheet(painter: Painter, answered: Sequence[Answered], across: int = 5) -> Pixels:
    """Lay the pictures out under their lines, with their prompts and what was missed."""
    rows = -(-len(answered) // across)
    image = Image.new("RGB", (across * CELL, rows * (CELL + FOOT)), (255,) * 3)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(12)
    for index, one in enumerate(answered):
        left, top = index % across * CELL, index // across * (CELL + FOOT)
        kept = painter.draw(one.asked.case, lines=InkParams().lines)
        image.paste(Image.fromarray(on_white(kept)).resize((CELL, CELL)), (left, top))
        lines = wrap(one.asked.case.label, 36)[:2]
        draw.multiline_text((left + 6, top + CELL), "\n".join(lines), (0, 0, 0), font)
        missed = [f"{p}: {one.found[p] or 'none'}" for p, good in one.obeyed.items() if not good]
        draw.text((left + 6, top + CELL + 30), ", ".join(missed), (200, 0, 0), font)
    return signed(np.asarray(image), CREDIT)


def main() -> None:
    """Measure the shipped model and lay its pictures out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--out", type=Path, default=Path("out/ink"))
    options = parser.parse_args()
    painter = Painter(Ink.tiny())
    options.out.mkdir(parents=True, exist_ok=True)
    for name in SETS:
        answered = answers(painter, options.cache, name)
        print(name, json.dumps(summary(answered)))
        picture = Image.fromarray(part_sheet(painter, answered))
        picture.save(options.out / f"parts_{name}.jpg", quality=88)


if __name__ == "__main__":
    main()
