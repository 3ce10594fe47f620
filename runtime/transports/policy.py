"""Content Security Policies: which websites may frame a page, and what our own page may do."""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser

from ..addresses import is_loopback, origin_setting
from ..config import Config


def frame_ancestors(config: Config) -> str:
    """Return the policy that says which websites may show a page of the server in a frame.

    Its own, those of ``origins``, which may use it anyway, and those of ``frames``. On loopback
    also other pages of this machine: a notebook shows a Gradio app so.
    """
    named = [origin_setting(text, "frames") for text in (*config.origins, *config.frames)]
    here = ["http://localhost:*", "http://127.0.0.1:*"] if is_loopback(config.host) else []
    return " ".join(["frame-ancestors", "'self'", *here, *named])


def page_policy(html: str) -> str:
    """Return the strictest policy that a page with the element in it works under.

    Its own scripts and styles are named by their SHA-256; the element's styles are sheets that it
    adopts, which need no permission. Pictures are drawn (``blob:``, ``data:``), and clips are the
    user's own (``blob:``).
    """
    found = _Inline()
    found.feed(html)
    found.close()
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(["'self'", *map(_hashed, found.texts["script"])]),
        "style-src": " ".join(map(_hashed, found.texts["style"])) or "'none'",
        "img-src": "blob: data:",
        "media-src": "blob:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


class _Inline(HTMLParser):
    """Collects the scripts and styles that stand in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in self.texts and "src" not in named and named.get("type") in (None, "module"):
            self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.texts[self._inside].append(data)

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""


def _hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
