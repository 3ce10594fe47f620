"""``<livedraft-sketch>``: params by hand and by the page reach the model."""

from __future__ import annotations

from tests.e2e.sheet import EL, LINE, PICTURE, Open, listen, prompt, stroke, wait_dark


def test_params_change_the_next_picture(open_page: Open, url: str) -> None:
    page = open_page(url)
    listen(page, "input", "change")
    stroke(page, *LINE)
    prompt(page).fill("an orange cat")
    page.get_by_label("Seed", exact=True).fill("7")
    page.wait_for_function("heard.change.at(-1)?.params.prompt === 'an orange cat'")
    page.wait_for_function("heard.change.at(-1)?.seed === 7")
    assert page.evaluate("heard.input.at(-1).params.seed") == 7
    page.get_by_label("Roll another seed").click()
    page.wait_for_function("heard.change.at(-1)?.seed !== 7")


def test_a_page_sets_params_without_hearing_of_it(open_page: Open, url: str) -> None:
    page = open_page(url)
    listen(page, "input", "change")
    stroke(page, *LINE)
    page.evaluate(f"{EL}.params = {{ prompt: 'from outside', seed: undefined }}")
    page.wait_for_function("heard.change.at(-1)?.params.prompt === 'from outside'")
    assert prompt(page).input_value() == "from outside"
    assert page.evaluate("heard.input.length") == 0
    page.evaluate(f"{EL}.setAttribute('prompt', 'by attribute')")
    page.wait_for_function("heard.change.at(-1)?.params.prompt === 'by attribute'")


def test_the_schema_draws_the_settings_and_a_failure_is_told(open_page: Open, url: str) -> None:
    page = open_page(url)
    listen(page, "error")
    stroke(page, *LINE)
    wait_dark(page, PICTURE, 0.5, 0.5)
    page.get_by_role("button", name="More").click()
    assert page.get_by_label("Delay Ms").is_visible()
    fail = page.get_by_role("switch", name="Fail")
    fail.check()
    note = page.get_by_role("alert")
    note.wait_for()
    assert page.evaluate("heard.error[0].code") == "model_failed"
    fail.uncheck()
    stroke(page, (0.5, 0.2), (0.5, 0.8))
    wait_dark(page, PICTURE, 0.5, 0.25)
