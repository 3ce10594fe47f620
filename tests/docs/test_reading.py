"""Pages are read from top to bottom in an empty folder, and every snippet does what it says."""

from pathlib import Path

import pytest
from tests.docs.reading import Reader
from tests.docs.snippets import PAGES, ROOT, on

# The first pages, where a reader has nothing on his path but the system's own.
FIRST = (ROOT / "README.md", ROOT / "docs/quickstart.md")
READ = [page for page in PAGES if any(s.language in ("bash", "python", "html") for s in on(page))]


@pytest.mark.parametrize("page", READ, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_can_be_followed(page: Path, tmp_path: Path) -> None:
    desk = tmp_path / "desk"
    desk.mkdir()
    own = any(snippet.name == "pyproject.toml" for snippet in on(page))
    with Reader(desk, clone=not own, activated=page not in FIRST) as reader:
        for snippet in on(page):
            reader.follow(snippet)
