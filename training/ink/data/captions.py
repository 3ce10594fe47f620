"""Captions of the training art: names and keywords of each emoji, and colour words made true."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .sources import EMOJIBASE, EMOJILIB, read_json

_EXCLUDED_GROUPS = {"component", "symbols", "flags"}
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff]")


@dataclass
class Concept:
    """What one emoji shows: its emojibase group, its label, and words that also name it."""

    group: str
    label: str
    words: list[str] = field(default_factory=list)


def concept_key(name: str) -> str:
    """Fold an icon's name so that the same concept has one key in every set."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def read_concepts(folder: Path) -> dict[str, Concept]:
    """Map a hex code without variation selectors ("1f408-200d-2b1b") to its concept.

    Skin-tone copies, flags, components and abstract symbols are left out.
    """
    groups = {
        entry["order"]: entry["key"]
        for entry in read_json(folder / EMOJIBASE.tarball, "en/messages.json")["groups"]
    }
    keywords: dict[str, list[str]] = {
        code_of(emoji): words
        for emoji, words in read_json(folder / EMOJILIB.tarball, "dist/emoji-en-US.json").items()
    }
    concepts: dict[str, Concept] = {}
    entries: list[dict[str, Any]] = read_json(folder / EMOJIBASE.tarball, "en/compact.json")
    for entry in entries:
        group = groups.get(entry.get("group", -1), "component")
        emoji: str = entry["unicode"]
        if group in _EXCLUDED_GROUPS or _SKIN.search(emoji):
            continue
        code = code_of(emoji)
        words = [*entry.get("tags", []), *keywords.get(code, [])]
        concepts[code] = Concept(group, entry["label"].lower(), _clean(words))
    return concepts


def read_kinds(folder: Path) -> dict[str, str]:
    """Map each label to the subgroup that Unicode puts it in, as "animal-bug"."""
    subgroups = {
        entry["order"]: entry["key"]
        for entry in read_json(folder / EMOJIBASE.tarball, "en/messages.json")["subgroups"]
    }
    entries: list[dict[str, Any]] = read_json(folder / EMOJIBASE.tarball, "en/data.json")
    return {
        entry["label"].lower(): subgroups[entry["subgroup"]]
        for entry in entries
        if entry.get("subgroup") in subgroups
    }


def code_of(emoji: str) -> str:
    """Spell an emoji as lower-case hex code points joined by hyphens, without U+FE0F."""
    return "-".join(f"{ord(c):04x}" for c in emoji if ord(c) != 0xFE0F)


def _clean(words: list[str]) -> list[str]:
    """Keep words of letters, without duplicates, in their order."""
    spaced = (word.replace("_", " ").lower() for word in words)
    return list(dict.fromkeys(w for w in spaced if re.fullmatch(r"[a-z][a-z' \-]{1,30}", w)))
