"""A model whose licence forbids commercial use is loaded for those alone who say that they know."""

from __future__ import annotations

from dataclasses import replace

import pytest
from click.testing import CliRunner
from tests.tables import load_models

from livedraft.cli import main
from livedraft.errors import ConfigError, WeightsError
from livedraft.runtime.config import Config
from livedraft.runtime.loading import load
from livedraft.runtime.models.base import DEFAULT_PLAN, AnyModel, Plan
from livedraft.runtime.models.diffusion.catalogue import CATALOGUE
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.models.licences import check_licence


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have 'echo' be under such a licence, and tell what was loaded."""
    sources: list[str] = []

    def load(source: str = "", plan: Plan = DEFAULT_PLAN) -> AnyModel:
        sources.append(source)
        return Echo()

    monkeypatch.setattr(Echo, "info", replace(Echo.info, licence="Own NC", commercial="no"))
    monkeypatch.setattr(Echo, "load", load)
    return sources


def test_it_is_refused_before_it_is_loaded_and_its_name_lets_it_in(loaded: list[str]) -> None:
    with pytest.raises(ConfigError, match=r"Own NC.*forbids commercial use") as caught:
        load_models(Config(models=("echo",)))
    assert "--accept-licence echo" in caught.value.fix
    with pytest.raises(ConfigError):
        load_models(Config(models=("echo",), accept_licences=("ink",)))
    assert loaded == []
    assert list(load_models(Config(models=("echo",), accept_licences=("echo",)))) == ["echo"]


def test_it_is_made_pictures_by_in_no_other_way(loaded: list[str]) -> None:
    done = CliRunner().invoke(main, ["generate", "demos/cat.png", "--model", "echo"])
    assert done.exit_code == 1
    assert "Own NC" in done.stderr
    assert loaded == []


def test_it_is_a_setting_like_others() -> None:
    assert load(env={"LIVEDRAFT_ACCEPT_LICENCES": "a,b"}).config.accept_licences == ("a", "b")
    shown = CliRunner().invoke(
        main, ["serve", "--accept-licence", "a", "--accept-licence", "b", "--print-config"]
    )
    assert 'accept_licences = ["a", "b"]' in shown.output


def test_the_words_of_a_licence_are_told() -> None:
    with pytest.raises(ConfigError, match="no shops"):
        check_licence("x", "X", "no", (), "no shops may use it")
    check_licence("x", "X", "no", ("x",))
    check_licence("x", "X", "capped", ())


@pytest.mark.parametrize("name", [n for n, e in CATALOGUE.items() if e.licence.commercial == "no"])
def test_names_of_the_catalogue_are_refused_with_what_their_licence_says(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_models(Config(models=(f"{name}=./nowhere",)))
    assert CATALOGUE[name].licence.says in caught.value.message
    with pytest.raises(WeightsError, match="nowhere"):
        load_models(Config(models=(f"{name}=./nowhere",), accept_licences=(name,)))
