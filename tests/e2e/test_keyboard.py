"""Shortcuts act by what a key is in its layout, and leave to the page what is the page's."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page
from tests.e2e.conftest import Site
from tests.e2e.own import SCRIPT, SKETCH, draw, wait_loaded
from tests.e2e.sheet import EL, INK, Open, paper, pixel, prompt

PRESS = f"""({{ on, ...key }}) => {{ const at = on ? document.querySelector(on) : {INK};
  const how = {{ bubbles: true, composed: true, cancelable: true, ...key }};
  const event = new KeyboardEvent('keydown', how);
  at.dispatchEvent(event); return event.defaultPrevented; }}"""

UNDO: dict[str, dict[str, Any]] = {
    "english": {"key": "z", "code": "KeyZ"},
    "caps lock": {"key": "Z", "code": "KeyZ"},
    "german": {"key": "z", "code": "KeyY"},
    "french": {"key": "z", "code": "KeyW"},
    "dvorak": {"key": "z", "code": "Slash"},
    "russian": {"key": "\u044f", "code": "KeyZ"},
    "russian, caps lock": {"key": "\u042f", "code": "KeyZ"},
    "greek": {"key": "\u03b6", "code": "KeyZ"},
    "hebrew": {"key": "\u05d6", "code": "KeyZ"},
    "korean": {"key": "\u314b", "code": "KeyZ"},
    "a dead key": {"key": "Dead", "code": "KeyZ"},
    "mac": {"key": "z", "code": "KeyZ", "ctrlKey": False, "metaKey": True},
}
NOT_UNDO: dict[str, dict[str, Any]] = {
    "french w": {"key": "w", "code": "KeyZ"},
    "german y": {"key": "x", "code": "KeyZ"},
    "alt gr": {"key": "z", "code": "KeyZ", "altKey": True},
    "composing": {"key": "z", "code": "KeyZ", "isComposing": True},
    "no ctrl": {"key": "z", "code": "KeyZ", "ctrlKey": False},
}


def strokes(page: Page) -> int:
    found: int = page.evaluate(f"{EL}.diagnostics.operations")
    return found


@pytest.fixture(scope="module")
def own(site: Site) -> str:
    fields = "<input id=field><textarea id=area></textarea><p id=rich contenteditable>x</p>"
    inside = SKETCH.replace("></", "><div slot=examples><input id=slotted></div></")
    return site.page(f"{SCRIPT}{fields}{inside}")


def test_undo_and_redo_in_every_layout(open_page: Open, own: str) -> None:
    page = open_page(own)
    wait_loaded(page)
    draw(page)
    for name, key in UNDO.items():
        press = {"ctrlKey": True, **key}
        assert page.evaluate(PRESS, press), name
        assert strokes(page) == 0, name
        shifted = key["key"].upper() if len(key["key"]) == 1 else key["key"]
        assert page.evaluate(PRESS, {**press, "key": shifted, "shiftKey": True}), name
        assert strokes(page) == 1, name
    for name, key in NOT_UNDO.items():
        page.evaluate(PRESS, {"ctrlKey": True, **key})
        assert strokes(page) == 1, name
    for letter, code in (("y", "KeyZ"), ("y", "KeyY"), ("\u043d", "KeyY")):
        page.evaluate(f"{EL}.undo()")
        assert page.evaluate(PRESS, {"ctrlKey": True, "key": letter, "code": code}), letter
        assert strokes(page) == 1


def test_tools_in_every_layout(open_page: Open, own: str) -> None:
    page = open_page(own)
    for key, code, tool in (
        ("e", "KeyE", "eraser"), ("B", "KeyB", "pen"), ("\u0443", "KeyE", "eraser"),
        ("\u0438", "KeyB", "pen"), ("e", "KeyD", "eraser"),
    ):  # fmt: skip
        page.evaluate(PRESS, {"key": key, "code": code})
        assert page.evaluate(f"{EL}.brush.tool") == tool, key
    size = f"{EL}.brush.size"
    for key in ("]", "\u044a", "+"):
        before = page.evaluate(size)
        page.evaluate(PRESS, {"key": key, "code": "BracketRight"})
        assert page.evaluate(size) > before, key


@pytest.mark.parametrize("field", ["#field", "#area", "#rich", "#slotted"])
def test_fields_of_the_page_keep_their_keys(open_page: Open, own: str, field: str) -> None:
    page = open_page(own)
    wait_loaded(page)
    draw(page)
    for key in ("z", "y", "Enter"):
        press = {"on": field, "key": key, "code": f"Key{key.upper()}", "ctrlKey": True}
        assert page.evaluate(PRESS, press) is False
    for key in ("b", "e", " ", "Escape"):
        assert page.evaluate(PRESS, {"on": field, "key": key, "code": ""}) is False
    assert strokes(page) == 1


def test_a_page_that_took_a_key_has_it(open_page: Open, own: str) -> None:
    page = open_page(own)
    wait_loaded(page)
    draw(page)
    page.evaluate("addEventListener('keydown', (event) => event.preventDefault(), true)")
    page.evaluate(PRESS, {"key": "z", "code": "KeyZ", "ctrlKey": True})
    assert strokes(page) == 1


def test_escape_closes_a_dialog_but_for_a_stroke_under_way(open_page: Open, site: Site) -> None:
    html = f"{SCRIPT}<dialog id=d>{SKETCH}</dialog><script>d.showModal()</script>"
    page = open_page(site.page(html))
    wait_loaded(page)
    is_open = "document.querySelector('dialog').open"
    box = paper(page).bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 60, y)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, y, steps=4)
    page.keyboard.press("Escape")
    page.mouse.move(box["x"] + 200, y + 60)
    page.mouse.up()
    assert page.evaluate(is_open)
    assert strokes(page) == 0
    assert pixel(page, INK, 110 / box["width"], 0.5)[3] == 0
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    assert (page.evaluate(is_open), strokes(page)) == (True, 0)
    page.keyboard.press("Escape")
    page.wait_for_function(f"!{is_open}")


def test_a_held_space_draws_on(open_page: Open, own: str) -> None:
    page = open_page(own)
    paper(page).focus()
    page.keyboard.down("Space")
    page.keyboard.down("Space")  # repeated
    assert page.evaluate(f"{EL}.diagnostics.drawing")
    prompt(page).focus()
    assert strokes(page) == 1
