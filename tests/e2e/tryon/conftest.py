"""A page of a shop, and a server whose model is a test double of ``tryon``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.e2e.camera.film import FAKE_DEVICES
from tests.e2e.conftest import Site
from tests.e2e.sheet import Open
from tests.e2e.tryon.shop import Visit, page_of

from livedraft.runtime.config import Config

MODELS = Path(__file__).parent / "models"


@pytest.fixture(scope="module")
def chromium_args(chromium_args: list[str]) -> list[str]:
    """Add a camera that shows a clock on green."""
    return [*chromium_args, *FAKE_DEVICES]


@pytest.fixture(scope="module")
def served() -> Iterator[Config]:
    """Give the settings of a server that has the double."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(MODELS)  # an installed package with an entry point
        yield Config(models=("tailor",), port=0)


@pytest.fixture
def visit(site: Site, open_page: Open) -> Visit:
    """Return a function that opens the shop's page; the tag has these attributes beside its own."""

    def visit(attributes: str = "", **how: object) -> Page:
        return open_page(site.page(page_of(attributes), "/shop.html"), live=False, **how)

    return visit
