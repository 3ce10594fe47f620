"""A Chromium with fake devices, and a test double of a server for ``<livedraft-camera>``."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from tests.e2e.camera.double import Double, double_server
from tests.e2e.camera.film import FAKE_DEVICES, Film
from tests.e2e.sheet import Open


@pytest.fixture(scope="module")
def chromium_args(chromium_args: list[str]) -> list[str]:
    """Add a camera that shows a clock on green, and a microphone that beeps."""
    return [*chromium_args, *FAKE_DEVICES]


@pytest.fixture
def double() -> Double:
    return Double()


@pytest.fixture
def server(double: Double) -> Iterator[str]:
    with double_server(double) as url:
        yield url


@pytest.fixture
def film(server: str, open_page: Open) -> Film:
    """Return a function that opens the page; it is closed before the server is."""
    return partial(open_page, f"{server}/camera")
