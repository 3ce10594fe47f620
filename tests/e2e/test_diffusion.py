"""A folder of a diffusion model's weights, tiny ones, drawn with in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect
from tests.e2e.pictures import give, shot
from tests.e2e.sheet import EL, LINE, Open, listen, stroke
from tests.websites import Website

from livedraft.runtime.config import Config
from livedraft.runtime.models.diffusion.unet_models import SDTurbo
from livedraft.runtime.running import Thread


@pytest.fixture(scope="module")
def served(website: Website, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a server with `ink` and a folder of `sd-turbo`."""
    folder: Path = tmp_path_factory.mktemp("weights") / "sd-turbo"
    SDTurbo.tiny().save(folder)
    models = (f"sd-turbo={folder}", "ink")
    with Thread(Config(models=models, port=0, origins=(website.url,))) as server:
        yield server.url


def test_a_drawing_is_followed_and_refined(open_page: Open, served: str) -> None:
    page = open_page(served)
    listen(page, "change", "submit", "error")
    page.evaluate(f"{EL}.params = {{ prompt: 'a red fox', steps: 3 }}")
    stroke(page, *LINE)
    page.wait_for_function("heard.change.length > 0")
    frame = page.evaluate(f"{EL}.value.frame")
    assert (frame["model"], frame["stage"]) == ("sd-turbo", "draft")
    page.get_by_role("button", name="Refine", exact=True).click()
    page.wait_for_function("heard.submit.length === 1")
    frame = page.evaluate(f"{EL}.value.frame")
    assert (frame["model"], frame["stage"]) == ("sd-turbo", "final")
    assert page.evaluate("heard.error.length") == 0


def test_a_prompt_that_is_too_long_says_what_is_not_read(open_page: Open, served: str) -> None:
    page = open_page(served)
    page.evaluate(f"{EL}.params = {{ prompt: {'x' * 75 + ' beyond the end'!r} }}")
    stroke(page, *LINE)
    expect(page.get_by_text("beyond the end", exact=False).last).to_be_visible()


def test_one_model_drafts_and_another_finishes(visit: Open, served: str) -> None:
    script = f'<script src="{served}/livedraft.js"></script>'
    models = 'model="ink" refine-model="sd-turbo"'
    page = visit(f'{script}<livedraft-sketch url="{served}" {models}></livedraft-sketch>')
    listen(page, "change", "submit", "error")
    stroke(page, *LINE)
    page.wait_for_function("heard.change.length > 0")
    assert page.evaluate(f"{EL}.value.frame.model") == "ink"
    page.get_by_role("button", name="Refine", exact=True).click()
    page.wait_for_function("heard.submit.length === 1")
    frame = page.evaluate(f"{EL}.value.frame")
    assert (frame["model"], frame["stage"]) == ("sd-turbo", "final")
    assert page.evaluate("heard.error.length") == 0


def test_what_a_mask_leaves_of_a_picture_is_the_sources_to_the_byte(
    open_page: Open, served: str
) -> None:
    page = open_page(served)
    listen(page, "change", "submit", "error")
    models = page.request.get(f"{served}/v1/models").json()["models"]
    (side,) = (each["width"] for each in models if each["id"] == "sd-turbo")
    source = np.random.default_rng(7).integers(0, 256, (side, side, 3), np.uint8)
    give(page, "load", source)
    page.wait_for_function("heard.change.length > 0")
    page.get_by_role("button", name="Mask what is to change").click()
    stroke(page, *LINE)
    page.wait_for_function(f"{EL}.diagnostics.masked && {EL}.diagnostics.settled")
    page.get_by_role("button", name="Refine", exact=True).click()
    page.wait_for_function("heard.submit.length === 1")
    made = shot(page)["image"]
    changed = (made != source).any(axis=(1, 2))
    assert changed[side // 2]
    assert not changed[: side // 3].any()
    assert not changed[-(side // 3) :].any()
    assert page.evaluate("heard.error.length") == 0
