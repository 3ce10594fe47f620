"""What assistants read: fresh, complete, not too long, and every link leads somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.docs.snippets import ALL

from livedraft import pages
from livedraft.errors import LivedraftError
from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LINK = re.compile(r"\]\((/[^)#\s]+)")
FENCE = re.compile(r"^```(python|html)[^\n]*\n(.*?)^```$", re.M | re.S)
MOST_BYTES = {pages.LIST: 8_000, pages.AGENTS: 10_000, pages.FULL: 640_000}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Thread(Config(models=("echo",), port=0, token="secret")) as server:
        yield server.url


def test_the_running_server_gives_them_and_their_links_lead_somewhere(url: str) -> None:
    with httpx.Client(base_url=url) as client:
        for name, most in MOST_BYTES.items():
            answer = client.get(f"/{name}")
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/")
            assert 1_000 < len(answer.content) <= most, name
            for link in sorted(set(LINK.findall(answer.text))):
                assert client.get(link).status_code == 200, f"{name}: {link}"


def test_every_page_of_the_docs_is_listed() -> None:
    written = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")} - {"index.md"}
    assert set(pages.listed()) == written
    full = pages.read(pages.FULL)
    for page in written:
        heading = (DOCS / page).read_text("utf-8").partition("# ")[2].partition("\n")[0]
        assert heading in full


def test_the_snippets_are_those_that_the_pages_are_tested_by() -> None:
    tested = {snippet.text.strip() for snippet in ALL}
    found = FENCE.findall(pages.read(pages.AGENTS))
    assert len(found) == 4
    assert [text for _, text in found if text.strip() not in tested] == []


@pytest.mark.parametrize(
    "path", ["../errors.py", "guides/../../errors.py", "generate.py", "none.md", "/etc/passwd"]
)
def test_nothing_else_is_given(url: str, path: str) -> None:
    with pytest.raises(LivedraftError):
        pages.read(path)
    assert httpx.get(f"{url}/docs/{path}").status_code == 404
    assert httpx.get(f"{url}/docs/").status_code == 404


def test_the_repository_has_it_where_agents_look() -> None:
    assert (ROOT / "AGENTS.md").read_text("utf-8") == pages.read(pages.AGENTS)
