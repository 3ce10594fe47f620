"""Each example builds, opens in Chromium against a real server, and shows a picture of a stroke."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.e2e.sheet import EL, LINE, stroke

from .conftest import EXAMPLES, ROOT, Project

Copy = Callable[[str], Project]
Visit = Callable[[Path], Page]
APPS = ("react", "vue")
INKED = """(canvas) => {
    const { width, height } = canvas;
    const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    return copy.getImageData(0, 0, width, height).data.some(Boolean); }"""
MOST_LINES = 80  # of a file that is read to learn from


def draw_and_refine(page: Page) -> None:
    """Draw a line on the element's paper, see its picture, and make the final one."""
    page.locator(".pill[data-state=open]").wait_for()
    assert page.evaluate(f"{EL}.value.frame") is None
    stroke(page, *LINE)
    page.wait_for_function(f"{EL}.value.frame")
    page.get_by_role("button", name="Refine").click()


def versions(package: Path) -> dict[str, str]:
    told = json.loads(package.read_text("utf-8"))
    return {**told.get("dependencies", {}), **told.get("devDependencies", {})}


def test_an_example_is_short() -> None:
    read = [p for kind in ("tsx", "vue", "html") for p in EXAMPLES.rglob(f"*.{kind}")]
    read = [path for path in read if "node_modules" not in path.parts]
    assert len(read) >= 8
    assert [p.name for p in read if len(p.read_text("utf-8").splitlines()) > MOST_LINES] == []


@pytest.mark.parametrize("name", APPS)
def test_an_example_names_what_it_is_tested_with(name: str) -> None:
    wanted = versions(EXAMPLES / name / "package.json")
    assert wanted.pop("livedraft") == "http://127.0.0.1:7860/livedraft.tgz"
    tried = versions(ROOT / "sdk/js/package.json") | versions(ROOT / "tests/examples/package.json")
    assert wanted == {package: tried[package] for package in wanted}


def test_react_draws_by_the_element_and_by_the_hook(project: Copy, visit: Visit) -> None:
    page = visit(project("react").build())
    draw_and_refine(page)
    page.locator(".shelf img").wait_for()
    page.get_by_role("button", name="A pen of your own").click()
    page.get_by_text("open", exact=True).wait_for()
    paper = page.get_by_label("Paper")
    box = paper.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 160, steps=8)
    page.mouse.up()
    shown = f"[...document.querySelectorAll('.pair canvas')].map({INKED})"
    page.wait_for_function(f"{shown}.every(Boolean)")
    page.get_by_role("button", name="Refine").click()
    page.locator(".shelf img").nth(1).wait_for()
    page.get_by_role("button", name="Clear").click()
    assert page.evaluate(shown) == [False, True]


def test_vue_makes_stickers(project: Copy, visit: Visit) -> None:
    page = visit(project("vue").build())
    page.get_by_role("button", name="a rocket").click()
    page.wait_for_function(f"{EL}.params.prompt === 'a rocket'")
    draw_and_refine(page)
    page.locator(".sheet img").wait_for()
    page.get_by_role("textbox", name="Prompt").fill("a blue fish")
    page.get_by_role("button", name="a blue fish", pressed=True).wait_for()
    assert page.locator("nav [aria-pressed=true]").count() == 1
    page.get_by_role("button", name="Remove").click()
    page.get_by_text("Your sheet is empty.").wait_for()


def test_html_needs_no_build(server: str, tmp_path: Path, visit: Visit) -> None:
    text = (EXAMPLES / "html/index.html").read_text("utf-8")
    assert text.count("http://127.0.0.1:7860") == 2
    (tmp_path / "html").mkdir()
    shown = text.replace("http://127.0.0.1:7860", server)
    (tmp_path / "html/index.html").write_text(shown)
    page = visit(tmp_path / "html")
    draw_and_refine(page)
    used = page.locator("#used img")
    used.wait_for()
    assert re.fullmatch(r"an orange cat, seed \d+", used.get_attribute("alt") or "")
