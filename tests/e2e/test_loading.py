"""A page that is opened before the models are there shows how far they are."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.sheet import EL, LINE, PHONE, Open, listen, stroke
from tests.websites import Website

from livedraft.errors import WeightsError
from livedraft.runtime.config import Config
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.base import DEFAULT_PLAN, ModelInfo, Plan
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.plan import Part
from livedraft.runtime.running import Process


class Slow(Echo):
    """A model that is loaded as far as it is let."""

    info: ModelInfo = replace(Echo.info, id="slow", title="Slow Model")
    gates: ClassVar[list[threading.Event]] = []
    fails: ClassVar[bool] = False

    @classmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Slow:
        gates = cls.gates
        gates[0].wait()
        for done, gate in enumerate(gates[1:], 1):
            plan.report(Part("loading", done * 40, 100, missing=("unet",)))
            gate.wait()
        if cls.fails:
            raise WeightsError("half a file", fix="fetch it anew")
        return cls()


@pytest.fixture
def models() -> tuple[str, ...]:
    """Give the models of the server, the default one first."""
    return ("slow", "echo")


@pytest.fixture
def starting(
    website: Website, monkeypatch: pytest.MonkeyPatch, models: tuple[str, ...]
) -> Iterator[str]:
    """Give the address of a server that loads a slow model."""
    load = MODELS.load
    monkeypatch.setattr(MODELS, "load", lambda name: Slow if name == "slow" else load(name))
    monkeypatch.setattr(Slow, "gates", [threading.Event() for _ in range(3)])
    monkeypatch.setattr(Slow, "fails", False)
    process = Process(Config(models=models, port=0, origins=(website.url,)))
    serving = threading.Thread(target=asyncio.run, args=(process.run(),))
    serving.start()
    try:
        yield process.url
    finally:
        for gate in Slow.gates:
            gate.set()
        process.stop()
        serving.join()


def shown(page: Page, words: str, percent: str | None) -> None:
    """Expect a bar with these words, of so many percent."""
    bar = page.get_by_role("progressbar", name="Loading")
    expect(page.locator(".pill")).to_have_text(words)
    expect(bar).to_be_in_viewport()
    if percent is None:
        expect(bar).not_to_have_attribute("aria-valuenow", "0")
    else:
        expect(bar).to_have_attribute("aria-valuenow", percent)
    expect(bar).to_have_attribute("aria-valuetext", words)


@pytest.mark.parametrize("look", [{}, {"viewport": PHONE, "color_scheme": "dark"}])
def test_it_is_shown_until_the_session_is_there(
    starting: str, open_page: Open, look: dict[str, object]
) -> None:
    page = open_page(starting, live=False, **look)
    shown(page, "Loading Slow Model", None)
    Slow.gates[0].set()
    shown(page, "Loading Slow Model, 40 %", "40")
    Slow.gates[1].set()
    shown(page, "Loading Slow Model, 80 %", "80")
    listen(page, "change")
    stroke(page, *LINE)  # it is drawn on meanwhile
    Slow.gates[2].set()
    page.locator(".pill[data-state=open]").first.wait_for()
    expect(page.get_by_role("progressbar", name="Loading")).to_be_hidden()
    page.wait_for_function("heard.change.length > 0")


def test_a_model_that_fails_is_told_with_what_to_do(starting: str, open_page: Open) -> None:
    page = open_page(starting, live=False)
    shown(page, "Loading Slow Model", None)
    Slow.fails = True
    for gate in Slow.gates:
        gate.set()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("'slow' is not served: half a file")
    expect(page.get_by_role("progressbar", name="Loading")).to_be_hidden()
    assert page.evaluate(f"{EL}.diagnostics.state") == "closed"


BESIDE = pytest.mark.parametrize("models", [("echo", "slow")])


@BESIDE
@pytest.mark.parametrize("look", [{}, {"viewport": PHONE, "color_scheme": "dark"}])
def test_one_is_drawn_with_while_another_loads_and_that_takes_over_once_it_is_there(
    starting: str, open_page: Open, look: dict[str, object]
) -> None:
    page = open_page(starting, **look)
    listen(page, "ready", "change", "submit")
    stroke(page, *LINE)
    page.wait_for_function("heard.change.at(-1)?.model === 'echo'")
    Slow.gates[0].set()
    menu = page.get_by_role("group", name="Models")
    draft = menu.get_by_role("combobox", name="Model")
    expect(draft.locator("option[value=slow]")).to_have_text("Slow Model · not there yet")
    menu.get_by_role("combobox", name="Finish with").select_option("slow")
    expect(menu).to_contain_text("Loading Slow Model, 40 %")
    refine = page.get_by_role("button", name="Refine", exact=True)
    expect(refine).to_have_attribute("aria-disabled", "true")
    refine.click(force=True)  # it says why there is no use in it
    expect(page.get_by_role("alert")).to_contain_text("Loading Slow Model, 40 %: refine once")
    draft.select_option("slow")
    expect(menu).to_contain_text("it takes over once it is there")
    Slow.gates[1].set()
    expect(menu).to_contain_text("Loading Slow Model, 80 %")
    stroke(page, (0.2, 0.2), (0.8, 0.2))
    page.wait_for_function("heard.change.length > 1")
    assert page.evaluate("heard.change.at(-1).model") == "echo", "it is drawn with meanwhile"
    assert page.evaluate(f"{EL}.diagnostics.state") in ("open", "generating")
    Slow.gates[2].set()
    page.wait_for_function(f"{EL}.value.frame?.model === 'slow'")
    expect(draft).to_have_value("slow")
    refine.click()
    page.wait_for_function("heard.submit.at(-1)?.model === 'slow'")


@BESIDE
def test_one_that_fails_is_named_and_the_other_is_drawn_with(
    starting: str, open_page: Open
) -> None:
    page = open_page(starting)
    listen(page, "change")
    Slow.gates[0].set()
    draft = page.get_by_role("combobox", name="Model")
    draft.select_option("slow")
    Slow.fails = True
    for gate in Slow.gates:
        gate.set()
    expect(page.get_by_role("alert")).to_contain_text("'slow' is not served: half a file")
    expect(page.get_by_role("combobox", name="Model")).to_be_hidden()
    stroke(page, *LINE)
    page.wait_for_function("heard.change.at(-1)?.model === 'echo'")
