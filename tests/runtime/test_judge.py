"""Params are judged by the models that a server will have, before any of them is loaded."""

from __future__ import annotations

import pytest

from livedraft.errors import InvalidParams
from livedraft.runtime.config import Config
from livedraft.runtime.judge import Judge
from livedraft.runtime.models.base import Model


@pytest.fixture(autouse=True)
def unloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where a model would be loaded."""

    def load(*_: object) -> None:
        raise AssertionError("loaded")

    monkeypatch.setattr(Model, "load", load)


def test_a_model_that_is_named_judges_alone() -> None:
    judge = Judge(Config(models=("echo", "loopback")))
    assert "delay_ms" in judge("loopback", {"delay_ms": 40})
    with pytest.raises(InvalidParams) as caught:
        judge("loopback", {"delay_ms": -1})
    assert "delay_ms takes: number 0" in caught.value.fix
    with pytest.raises(InvalidParams, match="no parameter 'seed'"):
        judge("loopback", {"seed": 7})


def test_without_one_any_will_do_and_the_first_says_what_is_wrong() -> None:
    judge = Judge(Config(models=("echo", "metronome")))
    assert {"seed", "beat_ms"} <= set(judge("", {"beat_ms": 400}))
    with pytest.raises(InvalidParams) as caught:
        judge("", {"sed": 7})
    assert caught.value.fix == "did you mean 'seed'?"


def test_what_is_no_model_is_told_when_it_is_asked_for() -> None:
    judge = Judge(Config(models=("echo", "nobodys=folder")))
    assert judge("ecko", {"seed": "x"}) == ()
    assert judge("nobodys", {"seed": "x"}) == ()
