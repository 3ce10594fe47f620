"""The small `ink` that its tests share, and the one that ships."""

import pytest

from livedraft.runtime.models.base import Plan
from livedraft.runtime.models.ink import Ink


@pytest.fixture(scope="module")
def model() -> Ink:
    return Ink.tiny()


@pytest.fixture
def fresh(model: Ink) -> Ink:
    """Return a model that other tests added nothing to."""
    return Ink(model.source, model.text)


@pytest.fixture(scope="module")
def shipped() -> Ink:
    return Ink.load(plan=Plan(threads=1))


@pytest.fixture(scope="module")
def exact() -> Ink:
    """Return it without eight bits, on any processor."""
    return Ink.load(plan=Plan(threads=1, quantise="none"))
