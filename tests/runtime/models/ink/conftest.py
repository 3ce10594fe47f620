"""The small `ink` that its tests share."""

import pytest

from livedraft.runtime.models.ink import Ink


@pytest.fixture(scope="module")
def model() -> Ink:
    return Ink.tiny()


@pytest.fixture
def fresh(model: Ink) -> Ink:
    """Return a model that other tests added nothing to."""
    return Ink(model.source, model.text)
