"""Of what kind a garment is, by its outline: a top, trousers or a skirt, a dress."""

from __future__ import annotations

import numpy as np

from livedraft.errors import InvalidImage

from ..garment import Floats, Kind
from .outline import SIDES, Outline
from .tops import Side, armpit_notch, top_sides

_DRESS = 1.45  # torso widths from armpit to hem, at least
_NECK = 0.06  # of the width that a neck dips below its corners; a waistband dips less
_ARMHOLE = 0.012  # of the width that an armhole is hollow


def kind_of(outline: Outline, crotch: Floats | None) -> Kind:
    """Return a garment's kind, `crotch` being where its legs part if it has legs.

    Raises InvalidImage for what has a top and legs.
    """
    if crotch is not None:
        if _has_bib(outline, crotch):
            raise InvalidImage(
                "overalls and jumpsuits are not worn yet: they are a top and trousers in one",
                fix="send a top, trousers, a skirt or a dress",
            )
        return "lower"
    sleeved = all(armpit_notch(outline, side) is not None for side in SIDES)
    if not sleeved and not _has_neck(outline) and not _has_armholes(outline):
        return "lower"
    return "dress" if _torsos_long(top_sides(outline)) > _DRESS else "upper"


def _torsos_long(sides: dict[str, Side]) -> float:
    left, right = sides["l"], sides["r"]
    width = max(1.0, float(right.pit[0] - left.pit[0]))
    down = (left.hem[1] + right.hem[1] - left.pit[1] - right.pit[1]) / 2
    return float(down) / width


def _has_neck(outline: Outline) -> bool:
    """Return whether the outline dips between two corners at its top, as a neckline does."""
    columns = outline.mask.any(0)
    tops = np.where(columns, outline.mask.argmax(0), outline.mask.shape[0])
    middle = round(outline.middle)
    reach = max(2, round(0.06 * outline.width))
    dip = float(tops[max(0, middle - reach) : middle + reach].min()) - outline.top
    return dip > _NECK * outline.width


def _has_armholes(outline: Outline) -> bool:
    """Return whether both sides are hollow below the top, as between strap and armpit."""
    _, depth = outline.notches
    below = (outline.line[:, 1] - outline.top) / outline.width
    hollow = (below > 0.08) & (below < 0.45) & (depth > _ARMHOLE * outline.width)
    out = {side: outline.outward(outline.line, side) for side in SIDES}
    return all((hollow & (out[side] > 0.12 * outline.width)).any() for side in SIDES)


def _has_bib(outline: Outline, crotch: Floats) -> bool:
    """Return whether what has legs has a top, too: overalls, a jumpsuit."""
    seat = outline.row(crotch[1] - 0.02 * outline.height)
    rise = float(crotch[1]) - outline.top
    top = outline.row(outline.top + 0.06 * outline.height)
    return bool(seat.size and rise > 1.15 * seat.size and top.size < 0.8 * seat.size)
