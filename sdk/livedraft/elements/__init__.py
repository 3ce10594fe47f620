"""The browser's built files: a script, the same as a module, the module's types, a page."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from livedraft.errors import LivedraftError

SCRIPT = "livedraft.js"
MODULE = "livedraft.mjs"
TYPES = "livedraft.d.mts"
PAGE = "page.html"


@cache
def read(name: str) -> str:
    """Return the text of one of the built files; raise LivedraftError if it was never built."""
    try:
        return files(__name__).joinpath(name).read_text("utf-8")
    except FileNotFoundError:
        raise LivedraftError(
            f"{name} is not part of this installation", fix="build it: make js"
        ) from None


@cache
def digest(name: str) -> str:
    """Return a short name for the content of a file, for caches."""
    return hashlib.sha256(read(name).encode()).hexdigest()[:16]
