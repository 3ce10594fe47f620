"""The two styles: their views, and what their parts are like."""

from __future__ import annotations

from dataclasses import dataclass

from .cast import INK, Person
from .clothes import clothes
from .sheet import Sheet

_BLACK, _WHITE = "#000000", "#ffffff"


@dataclass(frozen=True, slots=True)
class Hand:
    """How a style draws faces; lengths are px of a frame."""

    view: tuple[int, int, int, int]  # of the style's canvas, as SVG's viewBox
    some: tuple[str, ...]  # parts that not everybody has
    eyes: str  # a variant whose pupils are dots: where the eyes are
    line: float
    mouth: float  # a mouth's width
    mouth_at: tuple[float, float]  # canvas units
    slant: float
    turn: float
    eye: tuple[
        float, float, float
    ]  # width and height of the near one, and how much of it the far is
    pupil: tuple[float, float]
    head: tuple[float, float, float, float, float]  # canvas units: x, y, radius, chin, neck


HANDS = {
    "lorelei": Hand(
        view=(-40, -20, 1060, 1060),
        some=("beard", "glasses", "earrings", "freckles", "hairAccessories"),
        eyes="variant13",
        line=4.6,
        mouth=62,
        mouth_at=(562, 606),
        slant=-0.09,
        turn=0.5,
        eye=(38, 22, 0.74),
        pupil=(7.6, 9.4),
        head=(560, 480, 300, 715, 860),
    ),
    "notionists": Hand(
        view=(230, 170, 1180, 1180),
        some=("beard", "glasses", "gesture", "clothesGraphic"),
        eyes="variant05",
        line=4.6,
        mouth=56,
        mouth_at=(915, 925),
        slant=0.0,
        turn=0.4,
        eye=(32, 20, 0.85),
        pupil=(6.2, 8.2),
        head=(905, 770, 300, 1035, 1180),
    ),
}


def sheet(person: Person) -> Sheet:
    """Return a person's drawing, coloured."""
    hand = HANDS[person.style]
    chosen: dict[str, object] = {
        f"{part}Variant": variant for part, variant in person.parts.items()
    }
    chosen |= {"eyesVariant": hand.eyes}
    some = {f"{part}Probability": 100 if part in person.parts else 0 for part in hand.some}
    drawn = Sheet(person.style, chosen | some, hand.view)
    if person.style == "lorelei":
        _colour_lorelei(drawn, person)
    else:
        _colour_notionists(drawn, person)
    return drawn


def _colour_lorelei(drawn: Sheet, person: Person) -> None:
    drawn.colour("head", {_BLACK: INK, _WHITE: person.skin})
    drawn.colour("hair", {_BLACK: person.hair})
    drawn.colour("glasses", {_BLACK: person.glasses})
    for part in ("nose", "eyebrows", "earrings"):
        drawn.colour(part, {_BLACK: INK})
    neck, shoulders = clothes(person)
    drawn.add(neck, under=True)
    drawn.add(shoulders)


def _colour_notionists(drawn: Sheet, person: Person) -> None:
    # What is seen between a face and what is worn above it.
    skull = f'<ellipse cx="893" cy="620" rx="243" ry="170" fill="{person.skin}"/>'
    drawn.add(skull, under=True)
    drawn.colour("head", {_BLACK: INK, _WHITE: person.skin})
    drawn.colour("clothes", {_BLACK: INK, _WHITE: person.cloth})
    inked = INK if person.hat else person.hair
    drawn.colour("hair", {_BLACK: inked, _WHITE: person.hat or person.skin})
    drawn.colour("beard", {_BLACK: person.hair, _WHITE: person.skin})
    drawn.colour("glasses", {_BLACK: person.glasses})
    for part in ("nose", "eyebrows"):
        drawn.colour(part, {_BLACK: INK})
    if "beard" in person.parts:  # it leaves room for a mouth that another one takes the place of
        drawn.add(f'<ellipse cx="945" cy="955" rx="52" ry="27" fill="{person.hair}"/>')
