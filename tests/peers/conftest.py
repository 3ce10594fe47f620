"""Other people's clients as npm installs them, unchanged: bundled for pages, or run in Node."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.websites import folder

HERE = Path(__file__).parent
ESBUILD = HERE.parents[1] / "sdk/js/node_modules/.bin/esbuild"
Node = Callable[..., Any]
Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def node() -> Node:
    """Return a function that runs a module beside the clients; it gives what that printed."""

    def run(program: str, *flags: str, **environment: str) -> Any:
        done = subprocess.run(
            ["node", *flags, "--input-type=module", "--eval", program],
            cwd=HERE,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Give a website: its folder, and its address."""
    path = tmp_path_factory.mktemp("site")
    with folder(path) as url:
        yield path, url


@pytest.fixture
def visit(browser: Browser, site: tuple[Path, str]) -> Iterator[Visit]:
    """Return a function that opens a page with a module; what goes wrong there fails the test."""
    path, url = site
    contexts = []
    faults: list[str] = []

    def open_page(program: str, forgive: str = "\0") -> Page:
        bundled = subprocess.run(
            [ESBUILD, "--bundle", "--format=iife", "--log-level=error"],
            input=program.encode(),
            cwd=HERE,
            check=True,
            capture_output=True,
        )
        (path / "page.js").write_bytes(bundled.stdout)
        (path / "index.html").write_text(
            '<!doctype html><link rel="icon" href="data:,"><video autoplay muted></video>'
            '<script src="page.js"></script>'
        )
        contexts.append(browser.new_context())
        page = contexts[-1].new_page()
        page.set_default_timeout(30_000)
        page.on(
            "pageerror",
            lambda error: faults.append(str(error)) if forgive not in str(error) else None,
        )
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []
