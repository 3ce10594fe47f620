"""What a model makes, of what, is said in one short sentence of each name."""

from __future__ import annotations

import re

import pytest

from livedraft.runtime.models import MODELS
from livedraft.runtime.models.diffusion.catalogue import CATALOGUE
from livedraft.runtime.models.info import ModelInfo

MOST = 90  # characters: a line of the menu
SENTENCE = re.compile(rf"[A-Z](?:[^.!?]|\.(?=\w)){{10,{MOST - 2}}}\.")


def shipped() -> dict[str, str]:
    infos: dict[str, ModelInfo] = {name: MODELS.load(name).info for name in MODELS.targets()}
    return {name: info.description for name, info in infos.items()}


@pytest.mark.parametrize("name", sorted(MODELS.targets()))
def test_each_name_has_a_sentence(name: str) -> None:
    said = MODELS.load(name).info.description
    assert SENTENCE.fullmatch(said), f"{len(said)}: {said}"


def test_no_two_say_the_same() -> None:
    said = shipped()
    assert len({*said.values()}) == len(said)


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_list_without_libraries_says_it_too(name: str) -> None:
    assert CATALOGUE[name].description == MODELS.load(name).info.description


@pytest.mark.parametrize(
    "said", ["", "paints.", "Paints " + "x" * MOST + ".", "One thing. Another."]
)
def test_what_is_no_short_sentence_fails(said: str) -> None:
    assert not SENTENCE.fullmatch(said)
