"""The browser's built files: scripts, the same as modules, the modules' types, pages."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from livedraft.errors import LivedraftError

SCRIPT = "livedraft.js"
PAGE = "page.html"
CAMERA_PAGE = "camera.html"
HEAD_PAGE = "head.html"
# What any website may load: each element as a script and as a module, and what runs in the audio
# thread of a browser.
SCRIPTS = (
    SCRIPT,
    "livedraft.mjs",
    "livedraft-camera.js",
    "livedraft-camera.mjs",
    "livedraft-tryon.js",
    "livedraft-tryon.mjs",
    "livedraft-head.js",
    "livedraft-head.mjs",
    "livedraft-microphone.js",
)
TYPES = (
    "livedraft.d.mts",
    "livedraft-camera.d.mts",
    "livedraft-tryon.d.mts",
    "livedraft-head.d.mts",
)


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
