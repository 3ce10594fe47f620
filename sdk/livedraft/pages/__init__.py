"""The documentation as text, for assistants that read it: ``llms.txt``, ``AGENTS.md``, each page.

The pages are those of ``docs/``; ``llms.txt`` (https://llmstxt.org) lists them, ``llms-full.txt``
has them in one piece.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from posixpath import dirname, join, normpath

from livedraft.errors import LivedraftError

LIST, FULL, AGENTS = "llms.txt", "llms-full.txt", "AGENTS.md"
_LINK = re.compile(r"(\]\()([^)\s]+\.md)(#[^)\s]*)?\)")
_LISTED = re.compile(r"\(/docs/([^)#\s]+\.md)\)")


@cache
def read(path: str) -> str:
    """Return one of the three, or a page by its path below ``docs``; raise LivedraftError."""
    if path == FULL:
        return "\n".join(f"<!-- /docs/{page} -->\n\n{read(page)}" for page in listed())
    if path in (LIST, AGENTS):
        return _text(path)
    if path not in listed():
        raise LivedraftError(f"no page '{path[:100]}'", fix="/llms.txt lists them")
    return _LINK.sub(lambda link: _absolute(link, dirname(path)), _text(path))


@cache
def listed() -> tuple[str, ...]:
    """Return the paths of all pages, in their order."""
    return tuple(dict.fromkeys(_LISTED.findall(_text(LIST))))


def _text(path: str) -> str:
    try:
        return files(__name__).joinpath(*path.split("/")).read_text("utf-8")
    except FileNotFoundError:
        raise LivedraftError(
            f"{path} is not part of this installation", fix="install it anew, or read it online"
        ) from None


def _absolute(link: re.Match[str], folder: str) -> str:
    """Return a link to another page as the server has it; what leads out of them stays."""
    if "://" in link[2]:
        return link[0]
    target = normpath(join(folder, link[2]))
    return link[0] if target.startswith("..") else f"{link[1]}/docs/{target}{link[3] or ''})"
