"""The pages as such: links lead somewhere, generated parts are fresh, versions agree."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import livedraft
from livedraft.runtime.metrics import Metrics
from livedraft.version import __version__

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted(DOCS.rglob("*.md")),
]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def prose(page: Path) -> str:
    """Return a page without its fences and code spans."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", "code", text)


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.M)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(prose(page)):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in anchors(target), f"{link}: no such heading"


def test_every_page_is_reached_from_the_index() -> None:
    reached, todo = {DOCS / "index.md"}, [DOCS / "index.md"]
    while todo:
        page = todo.pop()
        for link in LINK.findall(prose(page)):
            target = (page.parent / link.partition("#")[0]).resolve()
            if target.suffix == ".md" and target.is_file() and target not in reached:
                reached.add(target)
                todo.append(target)
    assert set(DOCS.rglob("*.md")) <= reached


def test_the_readme_is_read_in_a_minute() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_the_newest_release_in_the_changelog_is_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[(\d[^\]]*)\] - \d{4}-\d\d-\d\d$", text, flags=re.M)
    assert released[0] == __version__


def test_generated_pages_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, DOCS / "generate.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_public_name_is_on_a_page() -> None:
    reference = DOCS / "reference"
    told = "".join((reference / page).read_text("utf-8") for page in ("api.md", "errors.md"))
    for name in set(livedraft.__all__) - {"__version__"}:
        assert f"`livedraft.{name}" in told or f"`{name}`" in told, name


def test_the_page_of_metrics_names_them_all() -> None:
    text = (DOCS / "reference" / "metrics.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(livedraft_\w+)` \| (\w+) \|", text, flags=re.M)
    exposed = re.findall(r"^# TYPE (\w+) (\w+)$", Metrics().exposition().decode(), flags=re.M)
    created = {(name, kind) for name, kind in exposed if name.endswith("_created")}
    assert set(rows) == set(exposed) - created
