"""Fit what is known of parts to the training art: `python -m training.ink.train.parts`.

`parts_start.json` says by hand which things have which parts, and about where those lie and how
large they are. Flat art tells some of them by their colours: a trunk is brown, a face yellow, a
wheel black. By turns every piece of every drawing that the training saw is given to the part that
fits best, colours told, and the means and deviations are taken anew of what was given (hard EM with
the start as the prior). A part keeps the new numbers where they hold: fitted to one half of the
concepts, what is taken for it in the other half must have its colours more often, colours not told.
The result is `parts.json` of the runtime.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import cv2
import numpy as np
from tqdm import tqdm

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.ink import WEIGHTS
from livedraft.runtime.models.ink.colour import Floats
from livedraft.runtime.models.ink.drawing.parts import FAR, FEATURES, FITS, Layout
from livedraft.runtime.models.ink.drawing.segments import Labels, segments
from livedraft.runtime.models.ink.drawing.sketch import read_sketch
from livedraft.runtime.models.ink.words.vocabulary import words_of

from ..data.batches import Drawings
from ..data.dataset import CACHE
from ..evaluate.cases import straight
from ..evaluate.metrics import median_colour, nearest_word
from ..evaluate.obedience import WORDS

START = Path(__file__).with_name("parts_start.json")
SHIPPED = WEIGHTS / "parts.json"
HEADS = ("words", "anchor", "always", "main")  # of a kind, before its parts
DRAWN = ("fluent-flat", "noto", "noto-v1", "fxemoji")  # sets with line art of their own
INKS = (*WORDS, "grey", "light blue")
ROUNDS = 3
ENOUGH = 24  # pieces from which a part is fitted
AS_MANY = 200  # pieces that the start counts as: hands draw otherwise than art is drawn
OTHER_COLOUR = 1.2  # added to the misfit of a piece whose colour no such part has
NARROWEST = 0.6  # of the start's deviation, which none falls below

Table = dict[str, Any]
Key = tuple[str, str]  # a kind and one of its parts


@dataclass(frozen=True)
class Drawn:
    """A drawing of a kind of thing: what its pieces are like, and their colour words."""

    concept: str
    kind: str
    values: Floats  # (16, N), NaN for what an anchor would tell
    colours: list[str]


def read_drawings(cache: Path, table: Table) -> list[Drawn]:
    """Return the training drawings whose label names a thing that has parts."""
    drawings = Drawings(cache)
    kinds = {" ".join(words_of(word)): kind for kind in table for word in table[kind]["words"]}
    layouts = {kind: Layout.read(entry) for kind, entry in table.items()}
    found = []
    for row in tqdm(drawings.rows, desc="parts", leave=False):
        record = drawings.records[row]
        kind = next((kinds[w] for w in reversed(words_of(record["label"])) if w in kinds), None)
        if kind is None or record["art"] not in DRAWN:
            continue
        sketch = np.zeros((256, 256, 4), np.uint8)
        sketch[..., 3] = drawings.lines[record["lines"], 0]
        read = read_sketch(sketch)
        pieces = segments(read.walls, read.outside)
        if len(pieces) > 1:
            colours = _colours(straight(np.array(drawings.pictures[row])), pieces.labels)
            values = layouts[kind].values(pieces)
            found.append(Drawn(record["key"], kind, values, colours))
    return found


def fit(start: Table, drawn: Sequence[Drawn]) -> Table:
    """Return a table with the numbers that drawings show; `fitted` counts a part's pieces."""
    table: Table = json.loads(json.dumps(start))
    for _ in range(ROUNDS):
        given = _given(table, drawn)
        for (kind, part, way), rows in given.items():
            entry = table[kind]["parts"][part]
            if "tell" in entry and len(rows) >= ENOUGH:
                prior = start[kind]["parts"][part]["priors"][way]
                entry["priors"][way] = _fitted(prior, np.stack(rows))
                entry["fitted"] = sum(len(given.get((kind, part, w), ())) for w in range(9))
    return table


def right(table: Table, drawn: Sequence[Drawn]) -> dict[Key, tuple[float, float]]:
    """Return how much of what is taken for a part has its colours, and how much has not.

    A piece counts by the root of its share of the drawing.
    """
    shares: defaultdict[Key, list[float]] = defaultdict(lambda: [0.0, 0.0])
    layouts = {kind: Layout.read(entry) for kind, entry in table.items()}
    for one in drawn:
        layout = layouts[one.kind]
        rows = _compared(table[one.kind], layout)
        misfits = layout.fits(one.values)[rows]
        for piece, best in enumerate(misfits.argmin(0)):
            part = layout.parts[rows[best]]
            tell = table[one.kind]["parts"][part].get("tell")
            if tell and misfits[best, piece] < FITS:
                size = float(2.0 ** (one.values[FEATURES.index("A"), piece] / 2))
                shares[one.kind, part][one.colours[piece] not in tell] += size
    return {key: (yes, no) for key, (yes, no) in shares.items()}


def kept(start: Table, drawn: Sequence[Drawn]) -> Table:
    """Return a table with the fitted numbers of those parts that they tell better."""
    table, fitted = json.loads(json.dumps(start)), fit(start, drawn)
    halves = [[one for one in drawn if crc32(one.concept.encode()) % 2 == h] for h in (0, 1)]
    gain: defaultdict[Key, float] = defaultdict(float)
    for half, other in (halves, halves[::-1]):
        for numbers, sign in ((fit(start, half), 1), (start, -1)):
            for key, (yes, no) in right(numbers, other).items():
                gain[key] += sign * (yes - no)
    for (kind, part), more in gain.items():
        if more > 0 and "fitted" in fitted[kind]["parts"][part]:
            table[kind]["parts"][part] = fitted[kind]["parts"][part]
    return dict(table)


def _given(table: Table, drawn: Sequence[Drawn]) -> dict[tuple[str, str, int], list[Floats]]:
    """Give every piece to the part, and the way of it, that fits best with its colour."""
    given: defaultdict[tuple[str, str, int], list[Floats]] = defaultdict(list)
    layouts = {kind: Layout.read(entry) for kind, entry in table.items()}
    for one in drawn:
        layout, entry = layouts[one.kind], table[one.kind]
        rows = _compared(entry, layout)
        ways = layout.ways(one.values)
        for piece, colour in enumerate(one.colours):
            misfit = np.full(len(ways), FAR)
            for way, part in enumerate(layout.of):
                if part in rows:
                    tell = entry["parts"][layout.parts[part]].get("tell", [colour])
                    misfit[way] = ways[way, piece] + OTHER_COLOUR * (colour not in tell)
            best = int(misfit.argmin())
            if misfit[best] < FITS:
                part = layout.of[best]
                way = best - int(np.argmax(layout.of == part))
                given[one.kind, layout.parts[part], way].append(one.values[:, piece])
    return given


def _compared(entry: Mapping[str, Any], layout: Layout) -> list[int]:
    """Return the parts that most things of a kind have."""
    common = {*entry["always"], *entry["main"], entry["anchor"]}
    common |= {part for part, one in entry["parts"].items() if "tell" in one}
    return [row for row, part in enumerate(layout.parts) if part in common]


def _fitted(prior: Mapping[str, Sequence[float]], rows: Floats) -> dict[str, list[float]]:
    way = {}
    for name, (mean, dev) in prior.items():
        seen = rows[:, FEATURES.index(name)]
        seen = seen[~np.isnan(seen)]
        share = len(seen) / (len(seen) + AS_MANY)
        middle = mean + share * (float(seen.mean()) - mean) if len(seen) else mean
        spread = float(((seen - middle) ** 2).mean()) if len(seen) else dev**2
        spread = float(np.sqrt((1 - share) * dev**2 + share * spread))
        way[name] = [round(middle, 2), round(max(spread, NARROWEST * dev), 2)]
    return way


def _colours(picture: Pixels, labels: Labels) -> list[str]:
    """Name the colours that pieces have in a picture (256, 256, 4)."""
    small = cv2.resize(picture, labels.shape, interpolation=cv2.INTER_NEAREST).astype(np.uint8)
    pieces = range(1, int(labels.max()) + 1)
    return [nearest_word(median_colour(small, labels == piece), INKS) for piece in pieces]


def written(table: Table) -> str:
    """Return a table as JSON, a line for each part."""
    kinds = []
    for kind, entry in table.items():
        heads = [f"  {json.dumps(key)}: {json.dumps(entry[key])}," for key in HEADS]
        parts = [f"   {json.dumps(p)}: {json.dumps(t)}" for p, t in entry["parts"].items()]
        lines = [f" {json.dumps(kind)}: {{", *heads, '  "parts": {', ",\n".join(parts), "  }", " }"]
        kinds.append("\n".join(lines))
    return "{\n" + ",\n".join(kinds) + "\n}\n"


def main() -> None:
    """Fit the table, and say how often pieces have the colours of what they are taken for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    options = parser.parse_args()
    start: Table = json.loads(START.read_text("utf-8"))
    drawn = read_drawings(options.cache, start)
    table = kept(start, drawn)
    for name, numbers in (("start", start), ("kept", table)):
        shares = right(numbers, drawn)
        print(name, len(drawn), "drawings")
        for (kind, part), (yes, no) in sorted(shares.items()):
            print(f"  {kind} {part}: {yes / (yes + no):.2f} of {yes + no:.1f}")
        yes, no = np.array(list(shares.values())).sum(0)
        print(f"  all: {yes / (yes + no):.3f} of {yes + no:.1f}")
    SHIPPED.write_text(written(table), "utf-8")


if __name__ == "__main__":
    main()
