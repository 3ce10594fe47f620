"""The texts for assistants that are written by ``generate.py``: a list of pages, and AGENTS.md."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parent
_ROW = re.compile(r"^\| ([^|]+) \| \[([^\]]+)\]\(([^)]+\.md)\) \|$", re.M)
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+\.md)\)([^·\n]*)")
_FENCE = r"^```{language}[^\n]*\n(.*?)^```$"


def llms() -> str:
    """Return ``llms.txt`` as https://llmstxt.org has it, from the index."""
    index = _page("index.md")
    about = index.partition("\n\n")[2].partition("\n\n")[0].replace("\n", " ")
    guides = [f"- [{title}](/docs/{path}): {what}" for what, title, path in _ROW.findall(index)]
    parts = [
        "# livedraft\n",
        f"> {about}\n",
        "[AGENTS.md](/AGENTS.md) is the shortest way in; [llms-full.txt](/llms-full.txt) has all "
        "pages in one piece.\n",
        "## Guides\n",
        *guides,
    ]
    for name in ("Reference", "Explanation"):
        section = index.partition(f"**{name}**:")[2].partition("\n\n")[0]
        parts.append(f"\n## {name}\n")
        for title, path, more in _LINK.findall(section):
            told = more.strip().lstrip(",: ").rstrip(".")
            parts.append(f"- [{title}](/docs/{path})" + (f": {told}" if told else ""))
    return "\n".join(parts) + "\n"


def agents() -> str:
    """Return ``AGENTS.md``: how to use livedraft, and how to work on it, with snippets of pages."""
    snippets = {
        "embed": _snippet("guides/embed-in-a-page.md", "html"),
        "draw": _snippet("guides/python-client.md", "python", 2),
        "model": _snippet("guides/add-a-model.md", "python"),
        "openai": _snippet("guides/openai-clients.md", "python"),
    }
    text = _page("agents.txt")
    for word, snippet in snippets.items():
        text = text.replace(f"{{{word}}}\n", snippet)
    return text


def _page(path: str) -> str:
    return (DOCS / path).read_text(encoding="utf-8")


def _snippet(path: str, language: str, number: int = 1) -> str:
    """Return a fence of a page, which the tests of the docs run there."""
    found = re.findall(_FENCE.format(language=language), _page(path), re.M | re.S)
    return str(found[number - 1])
