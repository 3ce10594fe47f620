"""A page with ``<livedraft-head>``, and a server whose model is a test double of ``head``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.e2e.camera.film import FAKE_DEVICES
from tests.e2e.conftest import Site
from tests.e2e.head.stage import Visit, page_of
from tests.e2e.sheet import Open

from livedraft.runtime.config import Config

MODELS = Path(__file__).parent / "models"


@pytest.fixture(scope="module")
def chromium_args(chromium_args: list[str]) -> list[str]:
    """Add a microphone that beeps."""
    return [*chromium_args, *FAKE_DEVICES]


@pytest.fixture(scope="module")
def served() -> Iterator[Config]:
    """Give the settings of a server that has the double."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(MODELS)  # an installed package with an entry point
        yield Config(models=("puppet",), port=0)


@pytest.fixture
def visit(site: Site, open_page: Open) -> Visit:
    """Return a function that opens a page with the element; the tag has these attributes."""

    def visit(attributes: str = "", **how: object) -> Page:
        page = open_page(site.page(page_of(attributes), "/talk.html"), live=False, **how)
        page.wait_for_function("document.querySelector('livedraft-head').diagnostics.frames > 0")
        return page

    return visit
