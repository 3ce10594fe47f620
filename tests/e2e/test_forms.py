"""``<livedraft-sketch>`` as a field of a form: what it sends, asks for, and leaves alone."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page
from tests.e2e.sheet import EL, INK, LINE, PICTURE, Open, prompt, stroke, wait_dark, wait_light

# What the page's own scripts hear: on the form, on its way up, and as the window's errors.
HEAR = """<script>
  window.seen = [];
  const form = document.querySelector("form");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    seen.push(`submit ${event.constructor.name}`);
  });
  for (const name of ["input", "change", "reset"])
    form.addEventListener(name, (event) => seen.push(`${name} ${event.target.localName}`));
  for (const name of ["error", "ready", "frame", "stroke", "clear"])
    addEventListener(name, (event) => seen.push(`${name} ${event.constructor.name}`));
</script>"""


def form(visit: Open, server: str, attributes: str = "", model: str = "") -> Page:
    return visit(
        f'<script src="{server}/livedraft.js"></script><form action="/never">'
        f'<input name="title" value="x"><label for="pad">Your drawing</label>'
        f'<fieldset><livedraft-sketch id="pad" url="{server}" {attributes}></livedraft-sketch>'
        f"</fieldset><button>Save</button></form>{HEAR}"
    )


def sent(page: Page) -> dict[str, Any]:
    """Return what the form would send now, files by their name, type and width."""
    found: dict[str, Any] = page.evaluate("""async () => {
        const data = new FormData(document.querySelector('form'));
        const told = async (value) => {
          if (typeof value === 'string') return value;
          const bitmap = await createImageBitmap(value);
          const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
          const context = canvas.getContext('2d');
          context.drawImage(bitmap, 0, 0);
          const at = context.getImageData(bitmap.width / 2, bitmap.height / 2, 1, 1).data;
          return { name: value.name, type: value.type, dark: at[3] > 200 && at[0] < 90,
                   recipe: (await value.text()).includes('livedraft') };
        };
        const entries = await Promise.all([...data].map(async ([key, value]) =>
          [key, await told(value)]));
        return Object.fromEntries(entries); }""")
    return found


def test_the_page_hears_of_one_change_a_stroke_and_of_no_submit(visit: Open, url: str) -> None:
    page = form(visit, url)
    stroke(page, *LINE)
    wait_dark(page, PICTURE, 0.75, 0.5)
    page.wait_for_function("seen.length > 0")
    stroke(page, (0.2, 0.2), (0.8, 0.2))
    wait_dark(page, PICTURE, 0.75, 0.2)
    page.wait_for_function("seen.length > 1")
    assert page.evaluate("seen.splice(0)") == ["change livedraft-sketch"] * 2
    page.evaluate(f"{EL}.addEventListener('submit', () => (window.refined = true))")
    prompt(page).fill("a")
    prompt(page).press("Enter")
    page.wait_for_function("window.refined")
    told = set(page.evaluate("seen.splice(0)"))
    assert told == {"input livedraft-sketch", "change livedraft-sketch"}
    page.evaluate(f"{EL}.params = {{ fail: true }}")
    page.get_by_role("alert").wait_for()
    assert page.evaluate("seen.filter((each) => each.startsWith('error'))") == []


def test_a_still_pen_that_rises_late_is_one_change(visit: Open, url: str) -> None:
    page = form(visit, url)
    box = page.locator("canvas.ink").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 30, y)
    page.mouse.down()
    page.mouse.move(x + 30, y, steps=4)
    wait_dark(page, PICTURE, 0.5, 0.5)
    page.wait_for_function(f"{EL}.diagnostics.settled")
    assert page.evaluate("seen") == [], "the stroke goes on"
    page.mouse.up()
    assert page.evaluate("seen") == ["change livedraft-sketch"]


def test_the_form_sends_what_stands_when_it_is_sent(visit: Open, url: str) -> None:
    page = form(visit, url, 'name="art"')
    assert set(sent(page)) == {"title", "art_params"}
    stroke(page, *LINE)
    at_once = sent(page)
    assert at_once["art_sketch"] == {
        "name": "sketch.png",
        "type": "image/png",
        "dark": True,
        "recipe": False,
    }
    wait_dark(page, PICTURE, 0.5, 0.5)
    prompt(page).fill("a line")
    page.wait_for_function(f"{EL}.diagnostics.settled")
    after = sent(page)
    assert after["art_image"] == {
        "name": "image.png",
        "type": "image/png",
        "dark": True,
        "recipe": True,
    }
    assert json.loads(after["art_params"])["prompt"] == "a line"
    page.evaluate("document.querySelector('fieldset').disabled = true")
    assert set(sent(page)) == {"title"}


def test_without_a_name_it_sends_nothing(visit: Open, url: str) -> None:
    page = form(visit, url)
    stroke(page, *LINE)
    assert set(sent(page)) == {"title"}


def test_a_required_drawing_is_asked_for(visit: Open, url: str) -> None:
    page = form(visit, url, 'name="art" required')
    page.get_by_role("button", name="Save").click()
    assert page.evaluate("seen") == []
    assert page.evaluate(f"{EL}.validity.valueMissing && {EL}.validationMessage")
    assert page.evaluate(f"{EL}.shadowRoot.activeElement === {INK}"), "shown where to draw"
    stroke(page, *LINE)
    page.get_by_role("button", name="Save").click()
    page.wait_for_function("seen.includes('submit SubmitEvent')")
    page.get_by_label("Undo").click()
    assert page.evaluate(f"{EL}.checkValidity()") is False
    page.evaluate(f"{EL}.required = false")
    assert page.evaluate(f"{EL}.checkValidity()") is True


def test_a_reset_empties_it_and_can_be_undone(visit: Open, url: str) -> None:
    page = form(visit, url, 'prompt="as the page says"')
    stroke(page, *LINE)
    prompt(page).fill("by hand")
    wait_dark(page, PICTURE, 0.5, 0.5)
    page.evaluate("document.querySelector('form').reset()")
    wait_light(page, INK, 0.5, 0.5)
    assert prompt(page).input_value() == "as the page says"
    page.get_by_label("Undo").click()
    wait_dark(page, PICTURE, 0.5, 0.5)
    page.wait_for_function(f"{EL}.diagnostics.settled")
    assert (
        page.evaluate(f"{EL}.snapshot().then((shot) => shot.params.prompt)") == "as the page says"
    )


def test_disabled_it_takes_no_ink_and_its_label_leads_to_the_paper(visit: Open, url: str) -> None:
    page = form(visit, url)
    page.get_by_text("Your drawing").click()
    assert page.evaluate(f"{EL}.shadowRoot.activeElement === {INK}")
    page.evaluate(f"{EL}.disabled = true")
    stroke(page, *LINE)
    assert page.evaluate(f"{EL}.value.empty")
    page.evaluate(f"{EL}.disabled = false")
    stroke(page, *LINE)
    assert not page.evaluate(f"{EL}.value.empty")


def test_enter_with_nothing_to_refine_says_so_and_sends_no_form(visit: Open, url: str) -> None:
    page = form(visit, url)
    prompt(page).press("Enter")
    page.get_by_text("Draw something first").wait_for()
    assert page.evaluate("seen") == []
    stroke(page, *LINE)
    page.get_by_text("Draw something first").wait_for(state="hidden")
