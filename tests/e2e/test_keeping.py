"""``<livedraft-sketch>`` loses nothing: reloads, restarts, and being moved about."""

from __future__ import annotations

from tests.e2e.sheet import (
    EL,
    INK,
    LINE,
    PICTURE,
    Open,
    paper,
    prompt,
    stroke,
    wait_dark,
    wait_light,
)

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread


def test_a_reload_keeps_drawing_and_params(open_page: Open, url: str) -> None:
    page = open_page(url)
    stroke(page, *LINE)
    prompt(page).fill("a kept cat")
    page.wait_for_function(f"{EL}.value.frame?.id > 0")
    page.reload()
    wait_dark(page, INK, 0.5, 0.5)
    wait_dark(page, PICTURE, 0.5, 0.5)
    page.wait_for_function(f"{EL}.params.prompt === 'a kept cat'")
    page.get_by_label("Undo").click()
    wait_light(page, INK, 0.5, 0.5)


def test_a_stroke_under_way_survives_the_page(open_page: Open, url: str) -> None:
    page = open_page(url)
    box = paper(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 50, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 50, box["y"] + box["height"] / 2, steps=5)
    page.reload()
    wait_dark(page, INK, 0.5, 0.5)


def test_a_restart_of_the_server_loses_nothing(open_page: Open) -> None:
    server = Thread(Config(models=("echo",), port=0))
    port = int(server.url.rpartition(":")[2])
    page = open_page(server.url, forgive="WebSocket")
    stroke(page, *LINE)
    wait_dark(page, PICTURE, 0.5, 0.5)
    server.close()
    page.locator(".pill[data-state=reconnecting]").wait_for()
    stroke(page, (0.5, 0.2), (0.5, 0.8))
    prompt(page).fill("drawn meanwhile")
    with Thread(Config(models=("echo",), port=port)):
        page.locator(".pill[data-state=open]").wait_for()
        wait_dark(page, PICTURE, 0.5, 0.25)
        wait_dark(page, PICTURE, 0.3, 0.5)
        page.wait_for_function(f"{EL}.shadowRoot && {EL}.params.prompt === 'drawn meanwhile'")
        page.close()


def test_taken_out_and_put_back_it_still_has_the_drawing(open_page: Open, url: str) -> None:
    page = open_page(url)
    stroke(page, *LINE)
    wait_dark(page, PICTURE, 0.5, 0.5)
    page.evaluate(
        f"""() => {{ const old = {EL}, parent = old.parentElement, fresh = old.cloneNode();
        old.remove(); parent.append(fresh); }}"""
    )
    wait_dark(page, PICTURE, 0.5, 0.5)


def test_two_on_one_page_keep_their_own_drawings(open_page: Open, url: str) -> None:
    page = open_page(url)
    stroke(page, *LINE)
    wait_dark(page, PICTURE, 0.5, 0.5)
    page.evaluate(f"""async () => {{ const second = {EL}.cloneNode(); {EL}.after(second);
        await new Promise((done) => second.addEventListener('ready', done)); }}""")
    values = page.evaluate(
        "[...document.querySelectorAll('livedraft-sketch')].map((each) => each.value.empty)"
    )
    assert values == [False, True]


def test_moved_within_the_page_it_keeps_one_drawing(open_page: Open, url: str) -> None:
    page = open_page(url)
    stroke(page, *LINE)
    wait_dark(page, PICTURE, 0.5, 0.5)
    page.evaluate(f"document.body.prepend({EL})")
    page.locator(".pill[data-state=open]").wait_for()
    page.get_by_label("Undo").click()
    page.get_by_text("Draw here").wait_for()
    page.get_by_label("Redo").click()
    wait_dark(page, PICTURE, 0.5, 0.5)
