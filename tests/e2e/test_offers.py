"""``<livedraft-sketch>`` offers what would change something: params, and the refine itself."""

from __future__ import annotations

import io

from PIL import Image
from playwright.sync_api import FilePayload, Page, expect
from tests.e2e.sheet import EL, LINE, Open, drawn, listen, prompt, stroke


def refine(page: Page) -> None:
    page.get_by_role("button", name="Refine", exact=True).click(force=True)


def test_a_param_of_colours_is_shown_where_the_drawing_has_some(
    open_page: Open, paintbox: str
) -> None:
    page = drawn(open_page, paintbox)
    page.get_by_role("button", name="More").click()
    tint = page.get_by_label("Tint")
    expect(tint).to_be_hidden()
    page.get_by_label("Red", exact=True).click()
    stroke(page, (0.2, 0.2), (0.8, 0.2))
    expect(tint).to_be_visible()
    page.get_by_label("Undo").click()
    expect(tint).to_be_hidden()
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(file, "PNG")
    picture = FilePayload(name="green.png", mimeType="image/png", buffer=file.getvalue())
    page.locator(".rail input[type=file]").set_input_files(picture)
    expect(tint).to_be_visible()


def test_what_counts_for_refined_pictures_alone_stands_apart(
    open_page: Open, paintbox: str
) -> None:
    page = open_page(paintbox)
    page.get_by_role("button", name="More").click()
    apart = page.get_by_role("group", name="When refined")
    expect(apart.get_by_role("slider", name="Steps")).to_be_visible()
    expect(apart.get_by_role("radiogroup", name="Size")).to_be_visible()
    expect(apart.get_by_label("Final S")).to_have_count(0)


def test_a_refine_that_would_change_nothing_is_not_offered(open_page: Open, paintbox: str) -> None:
    page = open_page(paintbox)
    button = page.get_by_role("button", name="Refine", exact=True)
    prompt(page).fill("")
    expect(button).to_have_attribute("title", "Draw something first")
    listen(page, "submit")
    stroke(page, *LINE)
    page.wait_for_function(f"{EL}.diagnostics.settled")
    refine(page)
    page.wait_for_function("heard.submit.length === 1")
    expect(button).to_have_attribute("aria-disabled", "true")
    refine(page)
    page.get_by_text("Nothing has changed since the last refine").wait_for()
    stroke(page, (0.5, 0.2), (0.5, 0.8))
    expect(button).to_have_attribute("aria-disabled", "false")
    page.get_by_text("Nothing has changed since the last refine").wait_for(state="hidden")
    refine(page)
    page.wait_for_function("heard.submit.length === 2")
    page.get_by_role("button", name="More").click()
    page.get_by_role("radio", name="1024").click()
    expect(button).to_have_attribute("aria-disabled", "false")
