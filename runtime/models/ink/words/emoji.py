"""Say what an emoji in a prompt shows, by its name in Unicode: "🦊" is "fox face"."""

from __future__ import annotations

import re
import unicodedata

_FIRST = 0x2300  # below lie ©, ° and arrows, which show nothing
_BASIC = 0x10000  # below lie older symbols, named for how they were printed: "HEAVY BLACK HEART"
_PRINTED = re.compile(r"\b(?:black|white|heavy)\b ?")
_JOINED = re.compile("[\u200d\ufe0f\U0001f3fb-\U0001f3ff]")  # joiner, variation, skin tones


def spell_emoji(prompt: str) -> str:
    """Put names in place of emoji; those that this Python's Unicode does not know are spaces."""
    return "".join(map(_spell, _JOINED.sub(" ", prompt)))


def _spell(character: str) -> str:
    if ord(character) < _FIRST or unicodedata.category(character) not in ("So", "Cn"):
        return character
    name = unicodedata.name(character, "").lower()
    return f" {_PRINTED.sub('', name) if ord(character) < _BASIC else name} "
