"""Weights served as another model of the same pipeline: they paint, or are refused in words."""

from __future__ import annotations

from functools import cache

import pytest
from tests.runtime.models.diffusion.asking import NAMES, prepared

from livedraft.errors import WeightsError
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.diffusion.catalogue import CATALOGUE
from livedraft.runtime.models.diffusion.family import Family
from livedraft.runtime.models.diffusion.model import DiffusionModel
from livedraft.runtime.models.diffusion.parts import tiny

PICTURES = [name for name in NAMES if CATALOGUE[name].task == "sketch-to-image"]
PAIRS = [
    (name, of)
    for name in PICTURES
    for of in PICTURES
    if name != of and {*CATALOGUE[name].pipelines} & {*CATALOGUE[of].pipelines}
]
REFUSED = {("flux-dev", "flux-schnell"), ("flux-schnell", "flux-dev")}  # and else one's licence


def kind(name: str) -> type[DiffusionModel]:
    found = MODELS.load(name)
    assert issubclass(found, DiffusionModel)
    return found


@cache
def weights(name: str) -> Family:
    return tiny(kind(name)._kind())


@pytest.mark.parametrize(("name", "of"), PAIRS, ids=lambda each: each)
def test_it_paints_or_says_what_they_are(name: str, of: str) -> None:
    family = kind(name)._kind()
    if (name, of) in REFUSED:
        with pytest.raises(WeightsError) as caught:
            family(weights(of).pipe, weights(of).tiny_vae)
        assert of in caught.value.fix
        return
    model = kind(name)(family(weights(of).pipe, weights(of).tiny_vae))
    job = prepared(model, None, 1, prompt="a fox")
    model.step([job])
    assert job.done
