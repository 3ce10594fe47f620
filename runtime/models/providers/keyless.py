"""What a provider says, without the key: a gateway's error may quote the header that it refuses."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

MASK = "***"
_LEAST = 8  # characters of a secret; fewer are a word, as "any" is before a double
_MOST_TOLD = 2**16  # characters of a text that may be told
_OF_A_FILE = 2**12  # of one that comes in an answer, with each frame; its begin may be quoted
_AFTER = r"[\w%.:~+/=\\-]*"  # of a key that was cut, whatever else is of it


def without(key: str) -> Callable[[Any], Any]:
    """Return what masks a key in texts, and in those of lists and objects.

    It is found whole, by its parts between colons, and by the first half of either; URL-quoted or
    escaped as in JSON, too.
    """
    whole = {each for each in (key, *key.split(":")) if len(each) >= _LEAST}
    heads = [each[: max(_LEAST, (len(each) + 1) // 2)] for each in sorted(whole, key=len)]
    found = "|".join("".join(map(_spelt, head)) for head in reversed(heads))
    pattern = re.compile(f"(?:{found}){_AFTER}", re.IGNORECASE) if heads else None

    def masked(said: Any) -> Any:
        if pattern is None:
            return said
        if isinstance(said, str):
            most = _OF_A_FILE if said.startswith("data:") else _MOST_TOLD
            return pattern.sub(MASK, said[:most]) + said[most:]
        if isinstance(said, bytes):
            begin = masked(said[:_OF_A_FILE].decode("latin-1"))
            return begin.encode("latin-1") + said[_OF_A_FILE:]
        if isinstance(said, list):
            return [masked(each) for each in said]
        if isinstance(said, dict):
            return {masked(name): masked(value) for name, value in said.items()}
        return said

    return masked


def _spelt(character: str) -> str:
    """Return a pattern of a character as it is, quoted for a URL, or escaped."""
    quoted = "".join(f"%{byte:02x}" for byte in character.encode(errors="replace"))
    return rf"(?:\\?{re.escape(character)}|{quoted})"
