"""The examples, built as their reader builds them: the server's npm package, Vite, no network."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page
from tests.websites import folder

from livedraft.elements.package import NAME
from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
INSTALLED = Path(__file__).parent / "node_modules"
TYPESCRIPT = ROOT / "sdk/js/node_modules/typescript"


@dataclass(frozen=True)
class Project:
    """A copy of an example, with all that its package.json names."""

    path: Path
    server: str

    def run(self, program: str, *flags: str) -> subprocess.CompletedProcess[str]:
        """Run a program of its dependencies, as `npm run` does."""
        return subprocess.run(
            ["node", self.path / "node_modules" / program, *flags],
            cwd=self.path,
            env=os.environ | {"VITE_LIVEDRAFT_URL": self.server, "CI": "1"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def build(self) -> Path:
        """Return the folder of the built page; fail with what Vite says."""
        done = self.run("vite/bin/vite.js", "build")
        assert done.returncode == 0, done.stdout + done.stderr
        return self.path / "dist"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Give a website: its folder, and its address."""
    path = tmp_path_factory.mktemp("site")
    with folder(path) as url:
        yield path, url


@pytest.fixture(scope="module")
def server(site: tuple[Path, str]) -> Iterator[str]:
    """Give the address of a server that lets the website in."""
    with Thread(Config(models=("ink",), port=0, origins=(site[1],))) as running:
        yield running.url


@pytest.fixture
def project(server: str, tmp_path: Path) -> Callable[[str], Project]:
    """Return a function that gives a copy of an example, with its dependencies."""

    def copy(name: str) -> Project:
        path = tmp_path / name
        shutil.copytree(EXAMPLES / name, path, ignore=shutil.ignore_patterns("node_modules"))
        modules = path / "node_modules"
        modules.mkdir()
        for package in INSTALLED.iterdir():
            if not package.name.startswith("."):
                (modules / package.name).symlink_to(package)
        (modules / "typescript").symlink_to(TYPESCRIPT)
        with tarfile.open(fileobj=io.BytesIO(httpx.get(f"{server}/{NAME}").content)) as tar:
            tar.extractall(tmp_path, filter="data")
        (tmp_path / "package").rename(modules / "livedraft")
        return Project(path, server)

    return copy


@pytest.fixture
def visit(browser: Browser, site: tuple[Path, str]) -> Iterator[Callable[[Path], Page]]:
    """Return a function that opens a built page; what goes wrong there fails the test."""
    contexts = []
    faults: list[str] = []

    def visit(built: Path) -> Page:
        path, url = site
        shutil.rmtree(path)
        shutil.copytree(built, path)
        contexts.append(browser.new_context())
        page = contexts[-1].new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda said: faults.append(said.text) if said.type in ("error", "warning") else None,
        )
        page.goto(url)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert faults == []
