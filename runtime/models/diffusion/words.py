"""Pictures of words alone, as a family is asked for them where nobody has drawn anything."""

from __future__ import annotations

from dataclasses import replace

from .asked import Asked
from .family import Family
from .inpainting import masked


def of_words(family: Family, prompt: str, size: tuple[int, int], steps: int) -> Asked:
    """Return what is asked for, of a size in px; what is told of a mask hears that all is new."""
    asked = Asked(family.read(prompt), None, None, *size, 0, steps, 1.0)
    if not family.told_mask:
        return asked
    hole, rest = masked(None, None, size, family.device)
    return replace(asked, masked=hole, rest=family.see_frame(rest, False))
