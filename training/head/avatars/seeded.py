"""Somebody new, as a seed has them: parts and colours that go together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Literal

from PIL import ImageColor

from .cast import INK, Person

Style = Literal["lorelei", "notionists"]

_SKIN = ("#f6d6c0", "#f0c8a6", "#e3b38a", "#d39c6c", "#b57d52", "#9c6440", "#8a5a3c", "#6f4630")
_HAIR = (INK, "#2b1a18", "#4a2d22", "#6f4528", "#a5642f", "#c2562f", "#d9ac5c", "#b9b6b2")
_CLOTH = ("#d9573f", "#3f6fb0", "#56705c", "#8d5a86", "#f2b84b", "#e8e2d6", "#2f5d62", "#7fb7d6")
_GROUND = ("#f6d5b8", "#cfe3d4", "#d5e4f3", "#e3ddd0", "#f3dfe0", "#dbe7c9", "#e2d9ee", "#fbe7b5")
_HATS = ("hat", "variant61", "variant14")
# Left out: what hides an eye or the mouth, dark glasses, and brows that are one.
_PARTS: Mapping[Style, Mapping[str, tuple[int, Sequence[int]]]] = {
    "lorelei": {
        "hair": (48, (21, 40, 41, 45)),
        "head": (4, (2,)),
        "nose": (6, ()),
        "eyebrows": (13, (4, 8, 11, 13)),
    },
    "notionists": {
        "hair": (63, (42, 50, 51)),
        "nose": (20, (4, 15, 19)),
        "eyebrows": (13, (2, 3)),
        "clothes": (25, ()),
    },
}
_SOME: Mapping[Style, Mapping[str, tuple[float, Sequence[int]]]] = {
    "lorelei": {"glasses": (0.25, (1, 3, 4)), "earrings": (0.2, (1, 2, 3))},
    "notionists": {"glasses": (0.2, (3, 8, 11)), "beard": (0.15, (2,))},
}


def somebody(seed: str, style: Style, title: str = "") -> Person:
    """Return the person of a seed; the same one each time."""
    chance = Random(f"{style} {seed}")
    parts = {
        part: _variant(chance.choice([n for n in range(1, many + 1) if n not in left_out]))
        for part, (many, left_out) in _PARTS[style].items()
    }
    if style == "notionists" and chance.random() < 0.06:
        parts["hair"] = "hat"
    for part, (share, numbers) in _SOME[style].items():
        if chance.random() < share:
            parts[part] = _variant(chance.choice(numbers))
    skin = chance.choice(_SKIN)
    painted = chance.random() < 0.5 or "beard" in parts
    return Person(
        title=title or seed,
        style=style,
        parts=parts,
        ground=chance.choice(_GROUND),
        skin=skin,
        hair=chance.choice(_HAIR),
        cloth=chance.choice(_CLOTH),
        eyes=chance.choice(("lid", "white", "dot")),
        lash=chance.choice((0.0, 0.8)),
        smile=chance.uniform(0.2, 0.4),
        lips=_lips(skin) if painted else None,
        hat=chance.choice(_CLOTH) if parts["hair"] in _HATS else None,
        neckline=chance.choice(("round", "v", "collar")),
    )


def _variant(number: int) -> str:
    return f"variant{number:02}"


def _lips(skin: str) -> str:
    """Return lips for a skin: it, redder and darker."""
    red, green, blue = ImageColor.getrgb(skin)[:3]
    return f"#{round(red * 0.82):02x}{round(green * 0.55):02x}{round(blue * 0.58):02x}"
