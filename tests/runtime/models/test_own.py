"""``python:FILE.py:CLASS``: found, judged before it loads, and served beside the others."""

import json
import os
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.tables import load_models

from livedraft.cli import main
from livedraft.errors import ConfigError, InvalidParams, ModelNotFound
from livedraft.runtime.config import Config
from livedraft.runtime.judge import Judge
from livedraft.runtime.models import MODELS

GOOD = """
from __future__ import annotations

import shades
from livedraft.runtime.models.mixins import SeedParams
from livedraft.runtime.models.painter import Painter, painted
import numpy as np


class Grey(Painter[SeedParams]):
    info = painted("grey", "Grey", width=64, height=32, takes=(), max_steps=3)
    params = SeedParams

    def paint(self, params, pictures, steps):
        for step in range(steps):
            yield np.full((32, 64, 3), shades.of(params.seed + step), np.uint8)


def plain(params, pictures, steps): ...


class Half(Painter[SeedParams]):
    info = painted("half", "Half", width=64, height=32)


class Mute(Grey):
    info = None


class NotOne: ...
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a model and a module that it imports; imports and their paths go with it."""
    before, modules = list(sys.path), set(sys.modules)
    (tmp_path / "shades.py").write_text("def of(seed): return seed % 256\n")
    (tmp_path / "mine.py").write_text(GOOD)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    sys.path[:] = before
    for name in set(sys.modules) - modules:
        if name in ("shades", "mine") or name.startswith(("_own_", "bad", "pack")):
            del sys.modules[name]


def test_a_model_is_found_in_a_file_and_in_a_module(folder: Path) -> None:
    """By a path of any kind, and the same file gives the same class."""
    found = MODELS.load("python:mine.py:Grey")
    assert found.info.id == "grey"
    assert MODELS.load(f"python:{folder / 'mine.py'}:Grey") is found
    assert MODELS.load("python:mine:Grey").info.id == "grey"
    (folder / "pack").mkdir()
    (folder / "pack" / "inside.py").write_text(GOOD)
    assert MODELS.load("python:pack.inside:Grey").info.id == "grey"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('"""Grey \n\n    of all shades.\n    """', "Grey"),
        ("", ""),
        (f'"""{"x" * 999}"""', "x" * 200),
        (
            'info = painted("g", "G", width=64, height=32, description="Said.")\n    "Not this."',
            "Said.",
        ),
    ],
)
def test_it_says_what_it_is_by_its_docstring_unless_its_info_does(
    folder: Path, body: str, said: str
) -> None:
    (folder / "told.py").write_text(
        f"from mine import *\n\nclass Told(Grey):\n    {body}\n    ...\n"
    )
    assert MODELS.load("python:told.py:Told").info.description == said
    assert MODELS.load("python:mine.py:Grey").info.description == ""


def test_what_it_imports_hides_nothing_that_is_installed(folder: Path) -> None:
    (folder / "numpy.py").write_text("raise RuntimeError('not this one')")
    assert MODELS.load("python:mine.py:Grey").info.id == "grey"
    assert sys.path[-1] == str(folder)


def test_without_a_class_it_is_the_one_that_is_whole(folder: Path) -> None:
    kept = GOOD.replace("class Mute(Grey):\n    info = None\n", "")
    (folder / "mine.py").write_text(kept)
    assert MODELS.load("python:mine.py").info.id == "grey"
    (folder / "bad_two.py").write_text(kept + "\nclass Blue(Grey): ...\n")
    with pytest.raises(ModelNotFound, match="several models") as caught:
        MODELS.load("python:bad_two.py")
    assert "python:bad_two.py:Blue" in caught.value.fix


@pytest.mark.parametrize(
    ("name", "says", "fix"),
    [
        ("python:", "names no class", "python:my_model.py:MyModel"),
        ("python::Grey", "names no class", "python:my_model.py:MyModel"),
        ("python:mine.py:Gray", "mine.py has no 'Gray'", "did you mean 'Grey'"),
        ("python:mime.py:Grey", "no file mime.py", "did you mean 'mine.py'"),
        ("python:away/mine.py:Grey", "no file", "name a file that exists"),
        ("python:mine:grey", "no 'grey'", "did you mean 'Grey'"),
        ("python:no.such.module:Grey", "no module 'no.such.module'", "start where its folder is"),
        ("python:..:Grey", "no name of a module", "python:package.module:MyModel"),
        ("python:mine.py:plain", "is no Model", "derive it from Model"),
        ("python:mine.py:NotOne", "the class NotOne of mine.py is no Model", "derive it"),
        ("python:mine.py:Half", "Half of mine.py has no paint", "write it"),
        ("python:mine.py:Mute", "has no info, a ModelInfo", "write it"),
        ("python:mine.py:\x00", "has no", "known: Grey"),
    ],
)
def test_what_cannot_be_found_says_what_to_write(name: str, says: str, fix: str) -> None:
    with pytest.raises(ModelNotFound) as caught:
        MODELS.load(name)
    assert says in caught.value.message
    assert fix in caught.value.fix


@pytest.mark.parametrize(
    ("text", "says", "fix"),
    [
        ("x = 1\ndef f(:\n    pass\n", "bad.py, line 2 is not Python", "correct that line"),
        ("x = 1\n\n1 / 0\n", "bad.py, line 3 cannot be imported: ZeroDivisionError", "correct"),
        ("import sys\nsys.exit(3)\n", "line 2 cannot be imported: SystemExit: 3", "__main__"),
        ("import no_such_thing\n", "No module named", "'no_such_thing'"),
        ("import numpy\nnumpy.bad()\n", "bad.py, line 2", "correct"),
        ("x = '\0'", "not Python", "correct"),
        ("raise BaseException\n", "line 1 cannot be imported: BaseException", "correct"),
    ],
)
@pytest.mark.parametrize("name", ["python:bad.py:Model", "python:bad:Model"])
def test_what_cannot_be_imported_says_where(
    folder: Path, name: str, text: str, says: str, fix: str
) -> None:
    (folder / "bad.py").write_text(text)
    with pytest.raises(ModelNotFound) as caught:
        MODELS.load(name)
    assert says in caught.value.message
    assert fix in caught.value.fix
    with pytest.raises(ModelNotFound):  # nothing half-imported stays
        MODELS.load(name)


def test_ctrl_c_in_an_import_ends_it(folder: Path) -> None:
    (folder / "bad.py").write_text("raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        MODELS.load("python:bad.py:Model")


def test_the_command_line_tells_in_one_line_and_a_fix() -> None:
    for verb in (["serve", "--models", "python:mine.py:Gray", "--port", "0"], ["models", "check"]):
        said = CliRunner().invoke(main, [*verb, "python:mine.py:Gray"][: 5 if len(verb) > 2 else 3])
        assert said.exit_code == 1
        assert "mine.py has no 'Gray'" in said.stderr
        assert "Fix: did you mean 'Grey'?" in said.stderr


def test_two_of_one_id_are_told_and_the_first_is_served(folder: Path) -> None:
    (folder / "again.py").write_text(GOOD)
    names = ("python:mine.py:Grey", "python:again.py:Grey")
    assert set(load_models(Config(models=names))) == {"grey"}
    (folder / "inky.py").write_text(GOOD.replace('"grey"', '"echo"'))
    loaded = load_models(Config(models=("echo", "python:inky.py:Grey")))
    assert type(loaded["echo"]).__module__.endswith("models.echo")


def test_the_second_of_an_id_says_which_has_it(folder: Path) -> None:
    from livedraft.runtime.readiness import Readiness
    from livedraft.runtime.table import Table

    (folder / "again.py").write_text(GOOD)
    table = Table(Config(models=("python:mine.py:Grey", "python:again.py:Grey")), Readiness())
    for entries in table.lanes.values():
        for entry in entries:
            table.load(entry)
    error = table.failed["python:again.py:Grey"]
    assert isinstance(error, ConfigError)
    assert "'python:mine.py:Grey'" in error.message


def test_its_params_are_judged_by_its_id_before_it_is_loaded() -> None:
    judge = Judge(Config(models=("echo", "python:mine.py:Grey")))
    assert judge("grey", {"seed": 3}) == ("seed",)
    with pytest.raises(InvalidParams):
        judge("grey", {"seed": -3})
    assert judge("gray", {"seed": -3}) == ()


def test_models_check_holds_it_to_the_contract(folder: Path) -> None:
    said = CliRunner().invoke(main, ["models", "check", "python:mine.py:Grey"])
    assert said.exit_code == 0, said.output
    assert "it can be served" in said.output
    wrong = GOOD.replace("(32, 64, 3)", "(64, 32, 3)").replace("shades.of(params.seed + step)", "0")
    (folder / "bad_size.py").write_text(wrong)
    said = CliRunner().invoke(main, ["models", "check", "python:bad_size.py:Grey", "--json"])
    told = json.loads(said.output)
    assert (said.exit_code, told["fits"]) == (1, False)
    (fault,) = [each["fault"] for each in told["checks"] if each["fault"]]
    assert "(64, 32, 3)" in fault


def test_models_check_tells_the_line_that_raises(folder: Path) -> None:
    text = GOOD.replace("shades.of(params.seed + step)", "1 // 0")
    (folder / "bad_line.py").write_text(text)
    line = text.splitlines().index(next(each for each in text.splitlines() if "1 // 0" in each)) + 1
    said = CliRunner().invoke(main, ["models", "check", "python:bad_line.py:Grey"])
    assert said.exit_code == 1
    assert f"ZeroDivisionError: integer division or modulo by zero (bad_line.py, line {line})" in (
        " ".join(said.output.split())
    )


@pytest.mark.parametrize("raised", ["sys.exit(4)", "raise GeneratorExit", "raise StopIteration"])
def test_models_check_survives_what_ends_programs(folder: Path, raised: str) -> None:
    ends = GOOD.replace("import shades", "import shades, sys")
    (folder / "ends.py").write_text(
        f"{ends}\n\nclass Ends(Grey):\n    def __init__(self): {raised}\n"
    )
    said = CliRunner().invoke(main, ["models", "check", "python:ends.py:Ends"])
    assert said.exit_code == 1
    assert "(ends.py, line " in " ".join(said.output.split())


def test_where_it_lies_is_nobodys_business(folder: Path) -> None:
    """While it loads, everybody may ask what is waited for."""
    from livedraft.runtime.readiness import Readiness
    from livedraft.runtime.table import Table

    config = Config(models=(f"python:{folder / 'mine.py'}:Grey",))
    (name,) = Table(config, Readiness()).names.values()
    assert name == "mine.py:Grey"
    assert os.sep not in name


def test_the_example_in_the_guide_has_forty_lines() -> None:
    """As it is promised; ``tests/docs`` serves it."""
    page = (Path(__file__).parents[3] / "docs" / "guides" / "add-a-model.md").read_text("utf-8")
    shown = page.partition("```python dots.py\n")[2].partition("```")[0]
    assert 20 < len(textwrap.dedent(shown).splitlines()) <= 40
