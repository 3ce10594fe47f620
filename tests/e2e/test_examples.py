"""``<livedraft-sketch>``: drawings to begin with, in the empty state and by surprise."""

from __future__ import annotations

from playwright.sync_api import Page
from tests.e2e.sheet import EL, INK, PHONE, Open, listen, pixel, prompt, stroke, wait_dark

PLUS = """[{ name: "plus", prompt: "a red plus", style: "shaded", strokes: [
    { points: [[0.2, 0.5], [0.8, 0.5]], size: 0.04 },
    { points: [[0.5, 0.2], [0.5, 0.8]], size: 0.04, colour: "#202020" }] }]"""


def gallery(page: Page) -> list[str]:
    buttons = page.locator(".gallery li button:visible").all()
    return [str(each.get_attribute("aria-label")) for each in buttons]


def wait_strokes(page: Page, count: int) -> None:
    page.wait_for_function(
        f"""(n) => {{ const {{ operations, drawing }} = {EL}.diagnostics;
        return operations === n && !drawing; }}""",
        arg=count,
    )


def test_an_example_is_drawn_and_painted(open_page: Open, paintbox: str) -> None:
    page = open_page(paintbox)
    listen(page, "change", "input")
    assert len(gallery(page)) == 10
    page.evaluate(f"{EL}.examples = {PLUS}")
    assert gallery(page) == ["Draw plus"]
    page.get_by_role("button", name="Draw plus").focus()
    page.keyboard.press("Enter")
    wait_strokes(page, 2)
    wait_dark(page, INK, 0.5, 0.25)
    page.wait_for_function("heard.change.length > 0")
    assert prompt(page).input_value() == "a red plus"
    assert page.evaluate("heard.input.at(-1).params.style") == "shaded"
    assert page.evaluate(f"{EL}.params.seed") == 42
    assert gallery(page) == [], "it makes room for the picture"
    assert page.evaluate("heard.change.at(-1).params.prompt") == "a red plus"
    page.get_by_label("Clear the drawing").click()
    assert gallery(page) == ["Draw plus"]


def test_a_surprise_has_another_seed(open_page: Open, paintbox: str) -> None:
    page = open_page(paintbox)
    page.evaluate(f"{EL}.params = {{ palette: ['#e5484d'] }}")
    page.locator(".gallery").get_by_role("button", name="Surprise me").click()
    page.wait_for_function(f"!{EL}.value.empty && {EL}.params.seed !== 42")
    first = page.evaluate(f"{EL}.params.prompt")
    assert first
    assert page.evaluate(f"{EL}.params.palette") == [], "its own colours count"
    page.get_by_role("button", name="More").click()
    page.locator(".more").get_by_role("button", name="Surprise me").click()
    page.wait_for_function("(first) => " + f"{EL}.params.prompt !== first", arg=first)


def test_the_users_pen_ends_the_show(open_page: Open, paintbox: str) -> None:
    page = open_page(paintbox)
    page.get_by_role("button", name="Draw cat").click()
    count = page.evaluate(f"{EL}.examples.find((each) => each.name === 'cat').strokes.length")
    stroke(page, (0.05, 0.95), (0.3, 0.95))
    wait_strokes(page, count + 1)
    assert pixel(page, INK, 0.2, 0.95)[3] == 255


def test_who_wants_no_motion_has_it_at_once(open_page: Open, paintbox: str) -> None:
    page = open_page(paintbox, reduced_motion="reduce")
    page.evaluate(f"{EL}.examples = {PLUS}")
    drawn = page.evaluate(f"""() => {{ {EL}.surprise();
        return {EL}.diagnostics.operations; }}""")
    assert drawn == 2


def test_a_phone_has_them_at_the_foot_of_the_paper(open_page: Open, paintbox: str) -> None:
    page = open_page(paintbox, viewport=PHONE, has_touch=True)
    page.evaluate(f"{EL}.examples = {PLUS}")
    page.get_by_role("button", name="Draw plus").tap()
    wait_strokes(page, 2)


def test_examples_come_by_attribute_and_nonsense_is_told(open_page: Open, paintbox: str) -> None:
    page = open_page(paintbox)
    listen(page, "error")
    page.evaluate(f"{EL}.setAttribute('examples', JSON.stringify({PLUS}))")
    page.wait_for_function(f"{EL}.examples.length === 1")
    page.evaluate(f"{EL}.setAttribute('examples', '[{{}}]')")
    page.wait_for_function("heard.error.length === 1")
    assert page.evaluate("heard.error[0].code") == "invalid_drawing"
    assert gallery(page) == ["Draw plus"]
