"""What colours words name: OKLab, CSS names and crayons, by eye."""

from __future__ import annotations

from collections.abc import Sequence

Lab = tuple[float, float, float]

COLOUR_WORDS: dict[str, Lab] = {  # those that captions of training say, jittered there
    "red": (0.60, 0.21, 0.11),
    "crimson": (0.52, 0.19, 0.08),
    "orange": (0.74, 0.09, 0.14),
    "yellow": (0.90, -0.01, 0.17),
    "gold": (0.80, 0.02, 0.15),
    "green": (0.66, -0.14, 0.11),
    "dark green": (0.45, -0.10, 0.07),
    "lime": (0.83, -0.16, 0.15),
    "mint": (0.87, -0.09, 0.04),
    "teal": (0.60, -0.10, -0.02),
    "turquoise": (0.78, -0.12, -0.03),
    "cyan": (0.82, -0.11, -0.07),
    "light blue": (0.80, -0.04, -0.09),
    "blue": (0.58, -0.04, -0.17),
    "dark blue": (0.38, -0.01, -0.14),
    "navy": (0.30, -0.01, -0.11),
    "purple": (0.54, 0.11, -0.14),
    "violet": (0.60, 0.10, -0.16),
    "magenta": (0.65, 0.23, -0.10),
    "pink": (0.78, 0.13, 0.00),
    "brown": (0.46, 0.05, 0.07),
    "beige": (0.88, 0.01, 0.05),
    "black": (0.24, 0.00, -0.01),
    "grey": (0.64, 0.00, -0.01),
    "gray": (0.64, 0.00, -0.01),
    "silver": (0.80, 0.00, -0.01),
    "white": (0.96, 0.00, 0.00),
}
SKIN: Lab = (0.83, 0.04, 0.07)
OF_HAIR: dict[str, Lab] = {  # before a person they mean the hair: "a blonde girl"
    "blonde": (0.87, 0.00, 0.12),
    "blond": (0.87, 0.00, 0.12),
    "brunette": (0.38, 0.04, 0.05),
    "ginger": (0.64, 0.10, 0.12),
}
_OTHERS: dict[str, Lab] = OF_HAIR | {
    "skin": SKIN,
    "sky blue": (0.75, -0.06, -0.11),
    "golden": COLOUR_WORDS["gold"],
    "scarlet": (0.58, 0.21, 0.12),
    "maroon": (0.38, 0.12, 0.05),
    "ivory": (0.96, 0.00, 0.03),
    "cream": (0.95, 0.00, 0.05),
    "tan": (0.76, 0.03, 0.07),
    "khaki": (0.76, 0.00, 0.08),
    "olive": (0.58, -0.04, 0.10),
    "indigo": (0.40, 0.04, -0.18),
    "lavender": (0.80, 0.05, -0.08),
    "lilac": (0.78, 0.07, -0.07),
    "aqua": COLOUR_WORDS["cyan"],
    "charcoal": (0.35, 0.00, -0.01),
    "chestnut": (0.44, 0.08, 0.07),
}
_SHADES: dict[str, tuple[float, float, float]] = {  # share of what is left of light, of chroma; dim
    "light": (0.5, 0.65, 1.0),
    "pale": (0.6, 0.5, 1.0),
    "bright": (0.1, 1.1, 1.0),
    "dark": (0.0, 0.85, 0.65),
    "deep": (0.0, 0.95, 0.75),
}


def read_colour(words: Sequence[str]) -> tuple[Lab, int] | None:
    """Return the colour that words begin with and how many of them say it; None for no colour."""
    two = " ".join(words[:2])
    if len(words) > 1 and (found := COLOUR_WORDS.get(two) or _OTHERS.get(two)):
        return found, 2
    first = words[0] if words else ""
    found = COLOUR_WORDS.get(first) or _OTHERS.get(first)
    if found:
        return found, 1
    if first in _SHADES and len(words) > 1:
        plain = COLOUR_WORDS.get(words[1]) or _OTHERS.get(words[1])
        if plain:
            return _shaded(plain, first), 2
    return None


def _shaded(colour: Lab, shade: str) -> Lab:
    lighter, chroma, dim = _SHADES[shade]
    light, a, b = colour
    return (light + lighter * (1 - light)) * dim, a * chroma, b * chroma
