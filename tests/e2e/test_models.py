"""The menu of models: a live session goes on with another one, and the drawing is kept."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import pytest
from PIL import Image
from playwright.sync_api import Route, expect
from tests.e2e.conftest import MODELS
from tests.e2e.sheet import EL, INK, LINE, PICTURE, Open, faults_to_hit, listen, stroke, wait_dark
from tests.e2e.talk import overhear
from tests.websites import Website

from livedraft.client import Client
from livedraft.protocol import messages as wire
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


@pytest.fixture
def full(website: Website) -> Iterator[str]:
    """Give the address of a server with two models and one place."""
    config = Config(
        models=("paintbox", "echo"), port=0, origins=(website.url,), max_sessions=1, max_queue=4
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(MODELS)
        with Thread(config) as server:
            yield server.url


def test_another_model_keeps_the_place_that_others_wait_for(open_page: Open, full: str) -> None:
    page = open_page(full)
    sent, came = overhear(page)
    page.reload()
    listen(page, "ready", "change")
    page.evaluate(f"{EL}.params = {{ prompt: 'a red fox', seed: 7, style: 'line' }}")
    stroke(page, *LINE)
    page.wait_for_function("heard.change.length > 0")
    places: SimpleQueue[int] = SimpleQueue()
    with ThreadPoolExecutor(1) as pool, Client(full) as client:
        other = client.session("echo", on_queued=places.put)
        opening = pool.submit(other.open)
        assert places.get(timeout=30) == 1
        page.get_by_role("combobox", name="Model").select_option("echo")
        page.wait_for_function("heard.ready.at(-1)?.model.id === 'echo'")
        page.wait_for_function(f"{EL}.value.frame?.model === 'echo' && {EL}.diagnostics.settled")
        wait_dark(page, PICTURE, 0.5, 0.5)
        assert not opening.done()
        assert places.empty(), "nobody moved up"
        page.goto("about:blank")
        opening.result(timeout=30)
        other.close()
    assert sum(isinstance(each, wire.Open) for each in sent) == 1
    [change] = [each for each in sent if isinstance(each, wire.Switch)]
    [switched] = [each for each in came if isinstance(each, wire.Switched)]
    side = switched.model["inputs"][0]["width"]
    assert Image.open(io.BytesIO(change.inputs["sketch"])).size == (side, side)
    assert side != 256, "as small as the model before reads it"
    since = [each for each in came[came.index(switched) :] if isinstance(each, wire.Frame)]
    assert {(each.model, each.width) for each in since} == {("echo", side)}
    params = since[0].params
    assert (params["prompt"], params["seed"]) == ("a red fox", 7)


def test_a_model_that_is_refused_leaves_the_picture_and_the_menu(
    open_page: Open, both: str
) -> None:
    page = open_page(both)

    def with_one_that_went(route: Route) -> None:
        models = route.fetch().json()["models"]
        route.fulfill(json={"models": [*models, models[0] | {"id": "gone", "title": "Gone"}]})

    page.route("**/v1/models", with_one_that_went)
    page.reload()
    listen(page, "ready", "change", "error")
    stroke(page, *LINE)
    page.wait_for_function("heard.change.length > 0")
    menu = page.get_by_role("combobox", name="Model")
    menu.select_option("gone")
    page.wait_for_function("heard.error.length > 0")
    assert page.evaluate("heard.error.map(({ code }) => code)") == ["model_not_found"]
    expect(menu).to_have_value("echo")
    expect(page.get_by_role("alert")).to_contain_text("gone")
    wait_dark(page, PICTURE, 0.5, 0.5)
    assert page.evaluate(f"{EL}.diagnostics.settled") is True
    menu.select_option("paintbox")
    page.wait_for_function(f"{EL}.value.frame?.model === 'paintbox'")
    expect(page.get_by_role("alert")).to_be_hidden()


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


def test_what_finishes_changes_while_it_is_drawn_on(visit: Open, both: str) -> None:
    script = f'<script src="{both}/livedraft.js"></script>'
    page = visit(f'{script}<livedraft-sketch url="{both}" model="echo"></livedraft-sketch>')
    listen(page, "ready", "change", "submit")
    stroke(page, *LINE)
    page.wait_for_function("heard.change.length > 0")
    refine = page.get_by_role("button", name="Refine", exact=True)
    refine.click()
    page.wait_for_function("heard.submit.at(-1)?.model === 'echo'")
    expect(refine).to_have_attribute("aria-disabled", "true")
    page.evaluate(f"{EL}.refineModel = 'paintbox'")
    expect(refine).to_have_attribute("aria-disabled", "false")
    refine.click()
    page.wait_for_function("heard.submit.at(-1)?.model === 'paintbox'")
    labels = page.locator(".kept button").evaluate_all("all => all.map(e => e.ariaLabel)")
    assert [label.rpartition(" ")[2] for label in labels] == ["paintbox", "echo"]
    page.evaluate(f"{EL}.refineModel = null")
    refine.click()
    page.wait_for_function("heard.submit.at(-1)?.model === 'echo'")
    assert page.evaluate("heard.ready.length") == 0, "the session is the same"


def test_what_drafts_and_what_finishes_are_chosen_in_one_menu(open_page: Open, both: str) -> None:
    page = open_page(both)
    listen(page, "ready", "change", "submit")
    menu = page.get_by_role("group", name="Models")
    finish = menu.get_by_role("combobox", name="Finish with")
    expect(finish).to_have_value("")
    expect(menu).to_contain_text("Apache-2.0")
    assert faults_to_hit(page) == []
    finish.focus()
    page.keyboard.type("Paintbox")
    expect(finish).to_have_value("paintbox")
    expect(menu).to_contain_text("Paintbox: Paints what is inked in the main colour, on a clear")
    expect(menu).to_contain_text("Apache-2.0, commercial use allowed, up to 4 steps")
    expect(menu.get_by_role("option", name="Paintbox").first).to_have_attribute(
        "title", "Paints what is inked in the main colour, on a clear ground."
    )
    stroke(page, *LINE)
    page.wait_for_function("heard.change.at(-1)?.model === 'echo'")
    page.get_by_role("button", name="Refine", exact=True).click()
    page.wait_for_function("heard.submit.at(-1)?.model === 'paintbox'")
    menu.get_by_role("combobox", name="Model").select_option("paintbox")
    page.wait_for_function("heard.change.at(-1)?.model === 'paintbox'")
    finish.select_option("echo")
    page.get_by_role("button", name="Refine", exact=True).click()
    page.wait_for_function("heard.submit.at(-1)?.model === 'echo'")
