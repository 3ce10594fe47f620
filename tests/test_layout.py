"""The house stands as it is drawn: links, first lines, sizes, and nothing left lying about."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("sdk", "runtime", "components", "kernels", "demos", "benchmarks", "training", "docs")
MOST_LINES = 300


def sources() -> list[Path]:
    """Return our own Python files, tests aside."""
    found = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if "node_modules" not in path.parts)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("folder", ["runtime", "components", "kernels"])
def test_top_level_folders_are_parts_of_the_package(folder: str) -> None:
    link = ROOT / "sdk" / "livedraft" / folder
    assert link.is_symlink()
    assert link.resolve() == ROOT / folder
    assert not link.readlink().is_absolute()


def packaged() -> list[Path]:
    """Return the files of the package, below sdk/livedraft, through its links."""
    package = ROOT / "sdk" / "livedraft"
    tops = [path.resolve() if path.is_symlink() else path for path in package.iterdir()]
    found = [file for top in tops for file in (top, *top.rglob("*"))]
    return [path for path in found if path.is_file() and "__pycache__" not in path.parts]


def test_every_folder_of_code_is_a_package_that_is_shipped() -> None:
    folders = {path.parent for path in packaged() if path.suffix == ".py"}
    assert [name(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_what_lies_beside_the_code_is_shipped_too() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    listed = project["tool"]["setuptools"]["package-data"]
    shipped = {
        file.resolve()
        for package, patterns in listed.items()
        for pattern in patterns
        for file in (ROOT / "sdk" / Path(*package.split("."))).glob(pattern)
    }
    beside = [path for path in packaged() if path.suffix != ".py" and path.resolve() not in shipped]
    # The page on kernels is read where they are written.
    assert [name(path) for path in beside] == ["kernels/README.md"], "list it in package-data"


def test_every_file_begins_by_saying_what_it_is_for() -> None:
    silent = [name(p) for p in sources() if not ast.get_docstring(ast.parse(p.read_text("utf-8")))]
    assert silent == []


def test_no_file_is_too_long_to_read() -> None:
    found = [p for folder in (*FOLDERS, "tests") for p in (ROOT / folder).rglob("*.*")]
    written = [
        p for p in found if p.suffix in (".py", ".ts", ".css") and "node_modules" not in p.parts
    ]
    long = [name(p) for p in written if len(p.read_text("utf-8").splitlines()) > MOST_LINES]
    assert long == []


def test_tests_are_no_packages() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_importing_components_leaves_nothing_behind() -> None:
    code = "import livedraft.components"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    assert list((ROOT / "components").glob("*.pyi")) == []
