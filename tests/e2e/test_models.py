"""The menu of models: a live session goes on with another one, and the drawing is kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from tests.e2e.conftest import MODELS
from tests.e2e.sheet import EL, INK, LINE, PICTURE, Open, faults_to_hit, listen, stroke, wait_dark
from tests.websites import Website

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread


@pytest.fixture(scope="module")
def both(website: Website) -> Iterator[str]:
    """Give the address of a server with two models."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(MODELS)
        with Thread(Config(models=("echo", "paintbox"), port=0, origins=(website.url,))) as server:
            yield server.url


def test_another_model_goes_on_with_the_drawing_and_the_params(open_page: Open, both: str) -> None:
    page = open_page(both)
    listen(page, "ready", "change")
    page.evaluate(f"{EL}.params = {{ prompt: 'a red fox', seed: 7 }}")
    stroke(page, *LINE)
    page.wait_for_function("heard.change.length > 0")
    menu = page.get_by_role("combobox", name="Model")
    expect(menu).to_have_value("echo")
    assert faults_to_hit(page) == []
    menu.select_option("paintbox")
    page.wait_for_function("heard.ready.at(-1)?.model.id === 'paintbox'")
    page.wait_for_function(f"{EL}.value.frame?.model === 'paintbox'")
    wait_dark(page, INK, 0.5, 0.5)
    assert page.evaluate(f"[{EL}.params.prompt, {EL}.params.seed]") == ["a red fox", 7]
    expect(page.get_by_role("group", name="Palette")).to_be_visible()
    page.get_by_label("Undo").click()
    assert page.evaluate(f"{EL}.value.empty") is True
    page.get_by_label("Redo").click()
    menu.select_option("echo")
    page.wait_for_function(f"{EL}.value.frame?.model === 'echo'")
    wait_dark(page, PICTURE, 0.5, 0.5)


def test_a_page_that_names_its_model_offers_no_other_unless_it_says_so(
    visit: Open, both: str
) -> None:
    script = f'<script src="{both}/livedraft.js"></script>'
    page = visit(f'{script}<livedraft-sketch url="{both}" model="echo"></livedraft-sketch>')
    menu = page.get_by_role("combobox", name="Model")
    expect(menu).to_be_hidden()
    listen(page, "ready")
    page.evaluate(f"{EL}.models = true")
    page.evaluate(f"{EL}.model = 'paintbox'")
    page.wait_for_function("heard.ready.at(-1)?.model.id === 'paintbox'")
    expect(menu).to_have_value("paintbox")


def test_one_model_alone_has_no_menu(open_page: Open, url: str) -> None:
    page = open_page(url)
    stroke(page, *LINE)
    wait_dark(page, PICTURE, 0.5, 0.5)
    expect(page.get_by_role("combobox", name="Model")).to_be_hidden()


def test_another_model_makes_the_final_picture(visit: Open, both: str) -> None:
    script = f'<script src="{both}/livedraft.js"></script>'
    models = 'model="echo" refine-model="paintbox"'
    page = visit(f'{script}<livedraft-sketch url="{both}" {models}></livedraft-sketch>')
    listen(page, "change", "submit")
    stroke(page, *LINE)
    page.wait_for_function("heard.change.length > 0")
    assert page.evaluate(f"{EL}.value.frame.model") == "echo"
    page.get_by_role("button", name="Refine", exact=True).click()
    page.wait_for_function("heard.submit.length === 1")
    assert page.evaluate(f"{EL}.value.frame.model") == "paintbox"
    stroke(page, (0.2, 0.2), (0.8, 0.2))
    page.wait_for_function(f"{EL}.value.frame.model === 'echo'")
