"""Models of other packages that do not keep the contract: refused by name, with a fix."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.tables import load_models

from livedraft.cli import main
from livedraft.errors import ModelFailed, ModelNotFound
from livedraft.runtime.config import Config
from livedraft.runtime.models import MODELS

LAZY = """
from livedraft.runtime.models.echo import Echo


class Lazy(Echo):
    @classmethod
    def load(cls, source=""):
        return cls()
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package with one model that forgets an argument, and three that cannot be imported."""
    about = tmp_path / "strangers-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Name: strangers\nVersion: 1.0\n")
    points = ("lazy = lazy_model:Lazy", "gone = gone_model:Gone", "lost = lazy_model:Lost")
    (about / "entry_points.txt").write_text(
        "\n".join(("[livedraft.models]", *points, "torn = torn_model:Torn"))
    )
    (tmp_path / "lazy_model.py").write_text(LAZY)
    (tmp_path / "torn_model.py").write_text("raise RuntimeError('no GPU here')")
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.usefixtures("installed")
def test_a_model_that_cannot_be_loaded_as_the_runtime_does_says_so() -> None:
    with pytest.raises(ModelFailed, match=r"Lazy\.load\(\) too many") as caught:
        load_models(Config(models=("lazy",)))
    assert "plan=Plan()" in caught.value.fix
    said = CliRunner().invoke(main, ["generate", "-m", "lazy"])
    assert (said.exit_code, "Fix: define it as load(cls" in said.stderr) == (1, True)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", ["gone", "lost", "torn"])
def test_a_model_that_cannot_be_imported_names_its_package(name: str) -> None:
    with pytest.raises(ModelNotFound, match=f"'{name}' cannot be imported from ") as caught:
        MODELS.load(name)
    assert "uninstall" in caught.value.fix
    for verb in (["serve", "--models", name, "--port", "0"], ["generate", "-m", name]):
        said = CliRunner().invoke(main, verb)
        assert said.exit_code == 1
        assert "extra 'server'" not in said.stderr, "which would help nobody"
        assert "cannot be imported" in said.stderr


@pytest.mark.usefixtures("installed")
def test_a_broken_package_hides_no_other_model() -> None:
    said = CliRunner().invoke(main, ["models"])
    assert said.exit_code == 0, said.output
    assert "ink  (default)" in said.output
    assert said.output.count("cannot be imported") == 3
