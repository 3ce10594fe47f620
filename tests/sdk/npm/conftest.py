"""The npm package, installed from a running server as a web developer does."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from livedraft.elements.package import NAME
from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

ROOT = Path(__file__).parents[3]
MODULES = ROOT / "sdk/js/node_modules"  # of the package's own development


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Give the address of a server."""
    with Thread(Config(models=("echo",), port=0)) as running:
        yield running.url


@pytest.fixture(scope="session")
def project(server: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a project that has the package, by its server's address, and React."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "package.json").write_text(json.dumps({"private": True, "type": "module"}))
    nowhere = "http://127.0.0.1:9"  # no registry is asked for anything
    install = ["npm", "install", "--registry", nowhere, "--fetch-retries=0", f"{server}/{NAME}"]
    subprocess.run(install, cwd=folder, check=True, capture_output=True, timeout=120)
    for name in ("react", "react-dom", "scheduler", "csstype", "@types"):
        link = folder / "node_modules" / name
        link.symlink_to(MODULES / name)
    return folder
