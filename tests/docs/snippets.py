"""The fences of the README, CONTRIBUTING, docs/, of demos and examples, and of models' cards."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ("examples/*.md", "examples/html/*.md")  # others may hold what npm installed
CARDS = ("runtime/models/ink/**/*.md", "runtime/models/head/photograph/*.md")
ADDRESS = "http://127.0.0.1:7860"  # as the pages write it
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
    *(
        page
        for pattern in ("docs/**/*.md", "demos/*/README.md", *EXAMPLES, *CARDS)
        for page in sorted(ROOT.glob(pattern))
    ),
]


@dataclass(frozen=True)
class Snippet:
    """A fence of a page; ``name`` is the file that it shows, if any."""

    page: Path
    line: int
    language: str
    name: str
    text: str
    before: str  # all of the page above it

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def snippets() -> Iterator[Snippet]:
    """Yield every fence, page by page."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for fence in re.finditer(r"^```(\w*) ?(\S*)\n(.*?)^```$", text, flags=re.M | re.S):
            language, name, shown = fence.groups()
            before = text[: fence.start()]
            yield Snippet(page, before.count("\n") + 1, language, name, shown, before)


ALL = list(snippets())


def of(language: str) -> list[Snippet]:
    """Return the fences of a language."""
    return [snippet for snippet in ALL if snippet.language == language]


def on(page: Path) -> list[Snippet]:
    """Return a page's fences, from top to bottom."""
    return [snippet for snippet in ALL if snippet.page == page]


def named(name: str) -> Snippet:
    """Return the fence that shows a file."""
    [found] = [snippet for snippet in ALL if snippet.name == name]
    return found
