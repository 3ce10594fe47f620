"""The bar while models are loaded: one line in a terminal, which a log does not run through."""

from __future__ import annotations

import io
import logging
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from livedraft.cli.progress import AboveBar, Bar
from livedraft.runtime.models.diffusion.unet_models import SDTurbo


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")


def shown(stream: io.StringIO) -> list[str]:
    """Return the lines that a terminal would show."""
    lines = []
    for line in stream.getvalue().split("\n"):
        cells = ""
        for part in line.split("\r"):
            cells = part + cells[len(part) :]
        lines.append(cells.rstrip())
    return lines


def test_it_is_one_line_that_grows_and_goes() -> None:
    bar = Bar(stream := io.StringIO())
    bar.show("Loading SD-Turbo, 0 %", 0.0)
    assert shown(stream) == [f"Loading SD-Turbo, 0 %  [{'.' * 34}]"]
    bar.show("Loading SD-Turbo, 50 %", 0.5)
    assert shown(stream) == [f"Loading SD-Turbo, 50 %  [{'#' * 16}{'.' * 17}]"]
    bar.show("Loading SD-Turbo", None)
    assert shown(stream) == ["Loading SD-Turbo"]
    bar.clear()
    assert shown(stream) == [""]


def test_a_log_stands_above_it() -> None:
    bar = Bar(stream := io.StringIO())
    handler = AboveBar(bar)
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    bar.show("Loading", None)
    handler.emit(logging.LogRecord("any", logging.INFO, "", 0, "ready", None, None))
    assert shown(stream) == ["INFO: ready", "Loading"]


def test_a_narrow_terminal_gets_words_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    bar = Bar(stream := io.StringIO())
    bar.show("Loading SD-Turbo, 50 %", 0.5)
    assert shown(stream) == ["Loading SD-Turbo, 5"]


def test_a_server_shows_it_in_a_terminal(tmp_path: Path) -> None:
    SDTurbo.tiny().save(tmp_path / "tiny")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "livedraft", "serve", "--port", "0"]
    with subprocess.Popen(
        [*command, "--models", f"sd-turbo={tmp_path / 'tiny'}"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        env={**os.environ, "COLUMNS": "100", "LIVEDRAFT_CACHE": "none"},
    ) as server:
        try:
            assert server.stdout is not None
            assert "livedraft is at" in server.stdout.readline()
        finally:
            server.terminate()
            server.wait()
            os.close(theirs)
        said = ""
        while True:
            try:
                read = os.read(ours, 65536)
            except OSError:  # all is read
                break
            said += read.decode()
            if not read:
                break
        os.close(ours)
    assert "Loading SD-Turbo, 0 %  [..." in said
    assert "Warming up SD-Turbo, 1 of 2 shapes  [####" in said
    assert "Loading weights" not in said, "others' bars would run through it"
    assert "pipeline components" not in said
