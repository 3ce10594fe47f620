"""The demos that need no browser, run against a real server as a reader would."""

import json
import os
import runpy
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from livedraft.media.recipes import with_recipe
from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

DEMOS = Path(__file__).parents[2] / "demos"
MOST_LINES = 80


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Thread(Config(port=0, models=("echo",))) as server:
        yield server.url


def cells() -> list[str]:
    """Return the notebook's code, cell by cell."""
    notebook = json.loads((DEMOS / "notebook/live_session.ipynb").read_text("utf-8"))
    return ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]


def test_the_python_client_draws_a_cat(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = runpy.run_path(str(DEMOS / "python_client/draw.py"))
    demo["main"](url, str(tmp_path))
    with Image.open(tmp_path / "cat.gif") as film:
        assert getattr(film, "n_frames", 1) > 1
        assert film.size == (512, 256)
    with Image.open(tmp_path / "cat.png") as cat:
        recipe = with_recipe(cat).info["livedraft"]
    assert recipe["params"]["prompt"] == "orange cat"
    assert "draft" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["live_drawing/app.py", "python_client/draw.py"])
def test_what_keeps_a_script_from_running_is_one_line(name: str, tmp_path: Path) -> None:
    """A port that is taken, a server that is not there."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        if "client" in name:
            taken.close()
        done = subprocess.run(
            [sys.executable, DEMOS / name, *([f"http://127.0.0.1:{port}"] * ("client" in name))],
            cwd=tmp_path,
            env=os.environ | {"LIVEDRAFT_PORT": port},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("Error: ")
    assert line.endswith(")"), "with its fix"


def test_the_notebook_runs_from_top_to_bottom(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []

    class Shown:
        def update(self, thing: Any) -> None:
            shown.append(thing)

    def display(thing: Any, display_id: bool = False) -> Shown:
        shown.append(thing)
        return Shown()

    monkeypatch.setenv("LIVEDRAFT_URL", url)
    space: dict[str, Any] = {"display": display}
    for cell in cells():
        exec(cell.replace("from IPython.display import display\n", ""), space)
    assert len(shown) == 5
    assert space["final"].params["prompt"] == "red fish"
    assert space["session"].state == "closed"


def test_the_notebook_is_kept_without_results() -> None:
    notebook = json.loads((DEMOS / "notebook/live_session.ipynb").read_text("utf-8"))
    for cell in notebook["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("name", ["live_drawing/app.py", "python_client/draw.py"])
def test_a_script_is_short(name: str) -> None:
    assert len((DEMOS / name).read_text("utf-8").splitlines()) <= MOST_LINES


def test_the_notebook_is_short() -> None:
    assert sum(len(cell.splitlines()) for cell in cells()) <= MOST_LINES


@pytest.mark.parametrize(
    "folder", [path for path in sorted(DEMOS.iterdir()) if path.is_dir()], ids=lambda p: p.name
)
def test_every_demo_says_how_to_run_it(folder: Path) -> None:
    assert (folder / "README.md").read_text("utf-8").count("\n") <= 10
