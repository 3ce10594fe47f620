"""Whether `ink` does as it is told: colour words, coloured strokes, swatches."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from livedraft.runtime.models.base import Pixels

from ..data.regions import Mask, closed_regions, depth, shrink
from .cases import Case, Painter, rgb_of
from .metrics import colour_distance, main_word, median_colour, nearest_word, on_white

WORDS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white")
INKS = (*WORDS[:8], "grey", "white")  # of strokes: a black one is a line, and says no colour
PEN = 4  # px, half a stroke's width
REACH = 14  # px, half its length
ROOM = 300  # px, the least area of a region to colour
FILLED = 15.0  # CIEDE2000 within which a pixel has the stroke's colour


@dataclass(frozen=True)
class StrokeTest:
    """A case with one coloured stroke inside one of its closed regions, and what came of it."""

    case: Case
    word: str
    sketch: Pixels
    before: Pixels
    after: Pixels
    obeyed: bool  # the region's median colour is nearest to the stroke's, of ten
    filled: float  # share of the region with the stroke's colour, the stroke itself left out
    elsewhere: float  # mean change outside the region, of 255


def colour_words(painter: Painter, cases: Sequence[Case]) -> dict[str, float]:
    """Return, for each colour word put before the label, how often the main colour has its name."""
    share: dict[str, float] = {}
    for word in WORDS:
        drafts = (painter.draw(case, prompt=f"{word} {case.thing}") for case in cases)
        named = [main_word(draft, WORDS) for draft in drafts]
        share[word] = round(fmean(name == word for name in named), 3)
    share["all"] = round(fmean(share.values()), 3)
    return share


def swatches(painter: Painter, cases: Sequence[Case]) -> float:
    """Return how often a swatch, of a colour not the thing's own, becomes the main colour."""
    obeyed = []
    for case, rng in _seeded(cases):
        word = _other(main_word(case.truth, WORDS), WORDS, rng)
        draft = painter.draw(case, palette=(hex_of_word(word),))
        obeyed.append(main_word(draft, WORDS) == word)
    return round(fmean(obeyed), 3)


def strokes(painter: Painter, cases: Sequence[Case]) -> list[StrokeTest]:
    """Draw one stroke into a region of each case that has one with room for it."""
    tests = (_tested(painter, case, rng) for case, rng in _seeded(cases))
    return [one for one in tests if one is not None]


def summary(tests: Sequence[StrokeTest]) -> dict[str, float]:
    """Average what came of strokes."""
    return {
        "pictures": len(tests),
        "obeyed": round(fmean(one.obeyed for one in tests), 3),
        "filled": round(fmean(one.filled for one in tests), 3),
        "mostly_filled": round(fmean(one.filled > 0.9 for one in tests), 3),
        "elsewhere": round(fmean(one.elsewhere for one in tests), 2),
    }


def hex_of_word(word: str) -> str:
    """Write a colour word's colour as `#rrggbb`."""
    return "#" + bytes(rgb_of(word)).hex()


def _tested(painter: Painter, case: Case, rng: random.Random) -> StrokeTest | None:
    lines = case.sketch[..., 3] > 40
    inside = case.truth[..., 3] > 127
    roomy = [r for r in closed_regions(lines) if (r & inside).sum() > max(ROOM, 0.9 * r.sum())]
    stroked = [(region, mask) for region in roomy if (mask := _stroke(region, rng)) is not None]
    if not stroked:
        return None
    region, mask = rng.choice(stroked)
    word = _other(nearest_word(median_colour(case.truth, region), INKS), INKS, rng)
    sketch = case.sketch.copy()
    sketch[mask] = (*rgb_of(word), 255)
    before, after = painter.draw(case), painter.draw(case, sketch=sketch)
    body = shrink(region, 2) & ~mask
    distance = colour_distance(on_white(after)[body], rgb_of(word))
    change = np.abs(on_white(after).astype(float) - on_white(before))[~region]
    return StrokeTest(
        case,
        word,
        sketch,
        before,
        after,
        obeyed=nearest_word(median_colour(after, body), INKS) == word,
        filled=float((distance < FILLED).mean()),
        elsewhere=float(change.mean()),
    )


def _stroke(region: Mask, rng: random.Random) -> Mask | None:
    """Return a short straight stroke through a region's deepest point; None where none fits."""
    depths = depth(region)
    if depths.max() < PEN + 3:
        return None
    middle = np.array(divmod(int(depths.argmax()), region.shape[1]))
    angle = rng.uniform(0, np.pi)
    along = np.array([np.sin(angle), np.cos(angle)])
    offset = np.moveaxis(np.indices(region.shape), 0, -1) - middle
    reached = np.clip(offset @ along, -REACH, REACH)[..., None] * along
    within = np.linalg.norm(offset - reached, axis=-1) <= PEN
    return np.asarray(within & (depths > 2), np.bool_)


def _other(own: str, words: Sequence[str], rng: random.Random) -> str:
    return rng.choice([word for word in words if word != own])


def _seeded(cases: Sequence[Case]) -> list[tuple[Case, random.Random]]:
    return [(case, random.Random(f"{case.art}/{case.key}")) for case in cases]
