"""The garments that ship with livedraft, by SKU."""

from __future__ import annotations

from collections.abc import Callable

from .canvas import Canvas
from .dresses import summer_dress, wrap_dress
from .lower_wear import chinos, jeans, pleated_skirt
from .upper_wear import blouse, breton, denim_jacket, sweatshirt, tee

# How each is drawn, its category, and its title in a catalogue.
WARDROBE: dict[str, tuple[Callable[[], Canvas], str, str]] = {
    "tee-terracotta": (tee, "upper", "T-shirt, terracotta"),
    "breton-navy": (breton, "upper", "Striped long-sleeve, navy"),
    "sweatshirt-grey": (sweatshirt, "upper", "Sweatshirt, mottled grey"),
    "blouse-ivory": (blouse, "upper", "V-neck blouse, ivory"),
    "denim-jacket": (denim_jacket, "upper", "Denim jacket, washed"),
    "jeans-blue": (jeans, "lower", "Straight jeans, blue"),
    "chinos-sand": (chinos, "lower", "Chinos, sand"),
    "skirt-green": (pleated_skirt, "lower", "Pleated skirt, forest green"),
    "dress-flowers": (summer_dress, "dress", "Sleeveless dress, flowers on navy"),
    "dress-wine": (wrap_dress, "dress", "Wrap dress, wine red"),
}
