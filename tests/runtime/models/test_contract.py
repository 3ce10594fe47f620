"""The model contract, run over every entry of the table on its tiny instance."""

from __future__ import annotations

import pytest

from livedraft.errors import ModelNotFound
from livedraft.runtime.conformance import CHECKS, Check
from livedraft.runtime.models import DEFAULT, MODELS
from livedraft.runtime.models.base import AnyModel

NAMES = sorted(MODELS.targets())


@pytest.fixture(params=NAMES, scope="module")
def model(request: pytest.FixtureRequest) -> AnyModel:
    return MODELS.load(request.param).tiny()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_holds(check: Check, model: AnyModel) -> None:
    check(model)


def test_the_default_is_in_the_table() -> None:
    assert DEFAULT in NAMES


def test_an_unknown_name_names_the_closest() -> None:
    with pytest.raises(ModelNotFound, match="did you mean 'echo'"):
        MODELS.load("ehco")
