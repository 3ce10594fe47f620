"""Tables of names: ours and those of other packages, imported when they are asked for."""

from collections.abc import Sequence
from importlib.metadata import EntryPoint

import pytest

from livedraft.errors import ModelNotFound
from livedraft.registry import Registry

TABLE = {"ours": "livedraft.version:__version__", "broken": "livedraft.none:Nothing"}


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry[object]:
    points = [
        EntryPoint("theirs", "math:pi", "tests"),
        EntryPoint("ours", "math:e", "tests"),
        EntryPoint("lost", "no_such_package:Model", "tests"),
        EntryPoint("odd", "math:tau_of_tomorrow", "tests"),
    ]

    def entry_points(group: str) -> Sequence[EntryPoint]:
        assert group == "tests"
        return points

    monkeypatch.setattr("livedraft.registry.entry_points", entry_points)
    return Registry("tests", TABLE, ModelNotFound)


def test_names_are_listed_and_none_is_imported(registry: Registry[object]) -> None:
    assert set(registry.targets()) == {"ours", "theirs", "broken", "lost", "odd"}


def test_ours_and_theirs_are_loaded_and_ours_goes_first(registry: Registry[object]) -> None:
    import livedraft

    assert registry.load("ours") == livedraft.__version__
    assert registry.load("theirs") == pytest.approx(3.14159, abs=1e-4)


def test_an_unknown_name_is_told_the_closest(registry: Registry[object]) -> None:
    with pytest.raises(ModelNotFound) as error:
        registry.load("theirz")
    assert "'theirs'" in error.value.fix


@pytest.mark.parametrize("name", ["lost", "odd"])
def test_what_another_package_breaks_is_an_error_of_ours(
    registry: Registry[object], name: str
) -> None:
    with pytest.raises(ModelNotFound, match="cannot be imported from") as error:
        registry.load(name)
    assert "uninstall it" in error.value.fix


def test_what_we_break_fails_as_imports_do(registry: Registry[object]) -> None:
    with pytest.raises(ModuleNotFoundError):
        registry.load("broken")
