"""``<livedraft-sketch>`` tells beside the prompt what was not understood, and what may be meant."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.e2e.sheet import LINE, PHONE, Open, faults_to_hit, listen, prompt, stroke

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

NOTES = ".notes"


@pytest.fixture(scope="module")
def ink() -> Iterator[str]:
    with Thread(Config(models=("ink",), port=0)) as server:
        yield server.url


def test_words_that_are_not_known_are_told_beside_the_prompt(open_page: Open, ink: str) -> None:
    page = open_page(ink)
    listen(page, "change")
    stroke(page, *LINE)
    prompt(page).fill("김치")
    page.locator(NOTES, has_text="No word of “김치” is known").wait_for()
    assert page.evaluate("heard.change.at(-1).notes[0].code") == "unknown_words"
    prompt(page).fill("a red fox")
    page.locator(NOTES).wait_for(state="hidden")


def test_a_mistyped_word_is_corrected_by_one_tap(open_page: Open, ink: str) -> None:
    page = open_page(ink)
    listen(page, "input")
    stroke(page, *LINE)
    prompt(page).fill("a pink elefant")
    page.get_by_role("button", name="a pink elephant").click()
    assert prompt(page).input_value() == "a pink elephant"
    assert page.evaluate("heard.input.at(-1).params.prompt") == "a pink elephant"
    page.locator(NOTES).wait_for(state="hidden")


def test_words_alone_say_what_was_drawn_and_draw_another(open_page: Open, ink: str) -> None:
    page = open_page(ink, viewport=PHONE)
    listen(page, "change")
    prompt(page).fill("a red knight")
    page.get_by_role("button", name="Refine").click()
    note = page.locator(NOTES, has_text="Nearest drawing: ")
    note.wait_for()
    assert not faults_to_hit(page)
    offered = note.get_by_role("button")
    taken = offered.first.inner_text()
    seen = page.evaluate("heard.change.length")
    offered.first.click()
    page.wait_for_function(f"heard.change.length > {seen}")
    assert page.evaluate("heard.change.at(-1).params.prompt") == taken
    assert page.evaluate("heard.change.at(-1).stage") == "final"


def test_why_a_refine_failed_is_told_until_something_newer_is_done(
    open_page: Open, ink: str
) -> None:
    page = open_page(ink)
    refine = page.get_by_role("button", name="Refine", exact=True)
    notice = page.get_by_text("No line drawing to start from is near the prompt")
    prompt(page).fill("a 狐")
    refine.click()
    notice.wait_for()
    prompt(page).fill("a fox")
    notice.wait_for(state="hidden")
    prompt(page).fill("a 狐")
    refine.click()
    notice.wait_for()
    stroke(page, *LINE)
    notice.wait_for(state="hidden")
    page.locator(NOTES, has_text="No word of “狐” is known").wait_for()


# Holds the server's errors back, as a slow line would, until ``handOn`` is called.
LATE_ERRORS = """(() => {
  const late = (window.late = []);
  window.handOn = () => late.splice(0).forEach((tell) => tell());
  window.WebSocket = class extends WebSocket {
    set onmessage(listener) {
      super.onmessage = (event) => {
        const error = new TextDecoder("latin1").decode(event.data).includes("type\\xa5error");
        if (error) late.push(() => listener.call(this, event));
        else listener.call(this, event);
      };
    }
  };
})()"""


def test_an_answer_to_older_words_is_not_told(open_page: Open, ink: str) -> None:
    page = open_page(ink)
    page.add_init_script(LATE_ERRORS)
    page.reload()
    listen(page, "change", "error")
    prompt(page).fill("a 狐")
    page.get_by_role("button", name="Refine", exact=True).click()
    page.wait_for_function("late.length > 0")
    prompt(page).fill("a fox")
    page.evaluate("handOn()")
    page.get_by_role("button", name="Refine", exact=True).click()
    page.wait_for_function("handOn() ?? heard.change.at(-1)?.stage === 'final'")
    assert page.evaluate("heard.change.at(-1).params.prompt") == "a fox"
    assert page.evaluate("heard.error") == []


def test_a_picture_from_words_alone_has_no_hint_over_it(open_page: Open, ink: str) -> None:
    page = open_page(ink, viewport=PHONE)
    hint = page.get_by_text("Draw here")
    hint.wait_for()
    prompt(page).fill("a red fox")
    page.get_by_role("button", name="Refine", exact=True).click()
    hint.wait_for(state="hidden")
    page.get_by_label("Result beside the drawing").click()
    hint.wait_for()
