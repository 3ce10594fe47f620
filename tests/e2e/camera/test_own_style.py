"""A style of one's own in the element: in the strip, shown on the user's picture, mixed live."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.camera.film import CAM, pixel, press, wait_pictures
from tests.e2e.sheet import Open

from livedraft.runtime.config import Config
from livedraft.runtime.models.restyle import own
from livedraft.runtime.models.restyle.params import STYLES
from livedraft.runtime.models.restyle.tuning import served
from livedraft.runtime.models.restyle.weights import FILE, WEIGHTS
from livedraft.runtime.running import Thread

_SIZES = f"""[...{CAM}.shadowRoot.querySelectorAll('.tile')]
  .map((tile) => tile.querySelector('img').naturalWidth)"""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve a style of ember's scales and shifts, and a damaged one."""
    monkeypatch.setenv("LIVEDRAFT_CACHE", str(tmp_path))
    own.folder().mkdir()
    weights, names = served.read((WEIGHTS / FILE).read_bytes())
    rows = served.rows(served.folded(weights))
    mine = own.folder() / "my-oils.safetensors"
    own.write(mine, rows[[names.index("ember")]], {"net": own.shipped()})
    (own.folder() / "damaged.safetensors").write_bytes(mine.read_bytes()[:2000])
    with Thread(Config(models=("restyle",), port=0)) as server:
        yield server.url


@pytest.fixture
def page(server: str, open_page: Open) -> Page:
    return open_page(f"{server}/camera")


def tint(page: Page) -> int:
    """Return how far the colours of a pixel are apart, of what nothing moves on."""
    *colours, _ = pixel(page, 0.2, 0.5)
    return max(colours) - min(colours)


def test_it_is_chosen_and_mixed_like_any_other(page: Page) -> None:
    press(page, "Start")
    wait_pictures(page, 3)
    page.wait_for_function(
        f"{_SIZES}.length === {len(STYLES) + 1} && {_SIZES}.every((width) => width > 0)"
    )
    expect(page.get_by_role("radio", name="Damaged")).to_have_count(0)
    page.get_by_role("radio", name="Pencil", exact=True).click()
    wait_pictures(page, 6)
    assert tint(page) < 25, "a pencil's picture is grey"
    page.get_by_role("radio", name="My-oils", exact=True).click()
    assert page.evaluate(f"{CAM}.params.style") == "my-oils"
    wait_pictures(page, 6)
    assert tint(page) > 30, "an ember's is red"
    page.get_by_role("switch", name="Mix two").click()
    page.get_by_role("radio", name="Pencil", exact=True).click()
    mix = page.evaluate(f"{CAM}.params")
    assert (mix["style"], mix["second"]) == ("my-oils", "pencil")
    wait_pictures(page, 3)
    expect(page.get_by_role("alert")).to_be_hidden()


def test_one_that_is_damaged_is_told_and_the_session_goes_on(page: Page) -> None:
    press(page, "Start")
    wait_pictures(page, 3)
    page.evaluate(f"{CAM}.params = {{ style: 'damaged' }}")
    expect(page.get_by_role("alert")).to_contain_text("damaged")
    page.evaluate(f"{CAM}.params = {{ style: 'night' }}")
    wait_pictures(page, 3)
