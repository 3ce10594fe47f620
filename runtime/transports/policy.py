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

    Its scripts and styles are those that stand in it, by their SHA-256, and the server's own.
    Pictures are drawn (``blob:``, ``data:``), and encoded by a worker of the element's own code.
    """
    found = _Inline()
    found.feed(html)
    found.close()
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(["'self'", *map(_hashed, found.texts["script"])]),
        "style-src": "'self' 'unsafe-inline'",  # the element's own, in its shadow root
        "img-src": "'self' blob: data:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


class _Inline(HTMLParser):
    """Collects the scripts and styles that stand in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in self.texts and "src" not in given and given.get("type") in (None, "module"):
            self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.texts[self._inside].append(data)

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""


def _hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
