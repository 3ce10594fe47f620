"""What `make` prints while it sets up, and what it hands on; with a pip that installs nothing."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PYTHON = r"""#!/bin/sh
case "$*" in
  "-c "*) exit 0 ;;  # new enough
  "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && cp pip "$3/bin/pip" ;;
  *) [ ! -e taken ] || { echo "Error: the port is taken" >&2; exit 1; }
     echo "ran $*; host=$LIVEDRAFT_HOST port=$LIVEDRAFT_PORT" ;;
esac
"""
PIP = r"""#!/bin/sh
for at in $(seq 100); do
  echo "Collecting package-$at"
  echo "  Using cached package_$at-1.0-py3-none-any.whl (1.2 MB)"
done
if [ -e broken ]; then echo "ERROR: No matching distribution found" >&2; exit 3; fi
echo "Installing collected packages: many"
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The files that `make` reads, and a Python that makes a stand-in of an environment."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt", ".ci/quietly"):
        target = tmp_path / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
        target.chmod((ROOT / name).stat().st_mode)
    for name, text in (("python", PYTHON), ("pip", PIP)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return tmp_path


def make(clone: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "PYTHON=./python", *words],
        cwd=clone,
        env={"PATH": os.environ["PATH"], **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_set_up_is_a_few_lines(clone: Path) -> None:
    done = make(clone, "demo")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 4
    assert done.stdout.count(".") > 100, "a dot a package"
    assert "package_1" not in done.stdout
    again = make(clone, "demo").stdout.splitlines()
    assert len(again) == 2, "nothing is installed twice"
    assert ". .venv/bin/activate" in again[0]


def test_a_set_up_that_fails_says_all(clone: Path) -> None:
    (clone / "broken").touch()
    done = make(clone, "demo")
    assert done.returncode != 0
    assert "ERROR: No matching distribution found" in done.stderr
    assert "Using cached package_1-1.0" in done.stderr
    assert "ran demos" not in done.stdout
    (clone / "broken").unlink()
    assert make(clone, "demo").returncode == 0, "and can be gone on with"


def test_a_demo_that_cannot_start_says_how_it_may(clone: Path) -> None:
    (clone / "taken").touch()
    done = make(clone, "demo")
    assert done.returncode != 0
    first, second, _ = done.stderr.splitlines()
    assert (first, "make demo PORT=" in second) == ("Error: the port is taken", True)


@pytest.mark.parametrize(
    ("words", "env", "told"),
    [
        ([], {}, "host= port="),
        (["PORT=8000"], {}, "host= port=8000"),
        (["PORT=8000", "HOST=0.0.0.0"], {}, "host=0.0.0.0 port=8000"),
        ([], {"HOST": "my-machine", "PORT": "80"}, "host= port="),
        ([], {"LIVEDRAFT_PORT": "8001"}, "host= port=8001"),
    ],
)
def test_port_and_host_are_handed_on(
    words: list[str], env: dict[str, str], told: str, clone: Path
) -> None:
    assert make(clone, "demo", *words, **env).stdout.endswith(f"app.py; {told}\n")


FLAKY = """
from pathlib import Path
def test_that_passes(): Path("passed").open("a").write("once ")
def test_of_a_busy_machine():
    before = Path("failed").exists()
    Path("failed").touch()
    assert before
"""


def ran(folder: Path, source: str, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_one.py").write_text(source)
    return subprocess.run(
        [ROOT / ".ci/tests", *words], cwd=folder, capture_output=True, text=True, check=False
    )


def test_what_fails_runs_once_more_and_nothing_else(tmp_path: Path) -> None:
    done = ran(tmp_path, FLAKY)
    assert done.returncode == 0, done.stdout
    assert "FAILED test_one.py::test_of_a_busy_machine" in done.stdout
    assert (tmp_path / "passed").read_text() == "once "
    assert ran(tmp_path, "def test_bad(): assert 0").returncode == 1


def test_what_cannot_be_collected_fails_whatever_failed_before(tmp_path: Path) -> None:
    """As one worker of several may not collect a file, and none then runs anything."""
    ran(tmp_path, FLAKY.replace("assert before", "assert 0"))
    once = """
from pathlib import Path
if not Path("read").exists():
    Path("read").touch()
    raise ImportError
def test(): pass
"""
    plugin = "import pytest\n@pytest.hookimpl(trylast=True)\ndef pytest_sessionfinish(session):"
    (tmp_path / "conftest.py").write_text(f"{plugin} session.exitstatus = 1")
    done = ran(tmp_path, once)
    assert done.returncode == 1
    assert "once more" not in done.stdout
    assert ran(tmp_path, "def test(): assert False", "-k", "none").returncode == 1
