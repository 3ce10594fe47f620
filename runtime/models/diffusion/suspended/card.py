"""What a folder of weights says of its licence: the head of its model card."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from ..terms import Licence

_CARD = "README.md"
_MOST_BYTES = 64 * 2**10  # of a card, that are read for its head
_FIELD = re.compile(r"^(license|license_name|license_link):[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_FREE = ("apache-2.0", "mit", "bsd", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "unlicense", "isc")
_LISTED = ("creativeml-openrail-m", "openrail", "openrail++", "bigscience-openrail-m")
_UNTOLD = "its folder says nothing of a licence: read the card of where its weights are from"


def licence_of(folder: Path, home: str) -> Licence:
    """Return what a folder's card names, as the hub's cards do; ``home`` is where to read more.

    What is not known to allow commercial use counts as forbidding it.
    """
    said = _head(folder / _CARD)
    key = said.get("license", "").lower()
    url = said.get("license_link") or home
    if not key:
        return Licence("unknown", "no", _UNTOLD, url)
    if key in _FREE or key.startswith("bsd"):
        return _told(key, "yes", "free to use, also commercially, as its card says", url)
    if key in _LISTED:
        says = "free to use, also commercially, but for the uses that it lists, as its card says"
        return _told(key, "yes", says, url)
    name = said.get("license_name") or key
    says = (
        f"its card names “{name}”, of whose terms nothing is known here: read them before any use"
    )
    return _told(name, "no", says, url)


def _told(name: str, commercial: Literal["yes", "no"], says: str, url: str) -> Licence:
    return Licence(name[:100], commercial, says[:300], url[:300])


def _head(card: Path) -> dict[str, str]:
    """Return the fields of licences of a card's front matter; none of what cannot be read."""
    try:
        with card.open(encoding="utf-8", errors="replace") as file:
            text = file.read(_MOST_BYTES)
    except OSError:
        return {}
    begin, fence, rest = text.partition("---\n")
    head, end, _ = rest.partition("\n---")
    if begin.strip() or not (fence and end):
        return {}
    found = (match for match in _FIELD.finditer(head))
    return {match[1]: match[2].strip("'\"") for match in found}
