"""The demos that a browser shows, opened and used in Chromium."""

import runpy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright
from tests.components.pages import SKETCH

from livedraft.runtime.launch import launch

pytestmark = [
    pytest.mark.anyio,
    # Gradio's queue counts its calls with pandas.
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting'"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]

TRY_ON = 'document.querySelector("livedraft-tryon")'
DEMOS = Path(__file__).parents[2] / "demos"


@pytest.fixture
async def browser(chromium_path: str | None, chromium_args: list[str]) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = playwright.chromium
        browser = await chromium.launch(executable_path=chromium_path, args=chromium_args)
        yield browser
        await browser.close()


@asynccontextmanager
async def opened(
    browser: Browser, url: str, element: str = "livedraft-sketch"
) -> AsyncIterator[Page]:
    """Give a page that closes before its server does; any error on it fails the test."""
    said: list[str] = []
    page = await browser.new_page(viewport={"width": 1200, "height": 1000})
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
    await page.goto(url, wait_until="domcontentloaded")
    await page.locator(element).wait_for()
    yield page
    await page.close()
    assert said == []


async def test_live_drawing_keeps_what_is_refined_with_its_recipe(browser: Browser) -> None:
    demo = runpy.run_path(str(DEMOS / "live_drawing/app.py"))["build"]()
    with launch(demo, models=["echo"], port=0, prevent_thread_lock=True) as server:
        async with opened(browser, server.url) as page:
            await page.get_by_role("button", name="Draw fish").click()
            await page.wait_for_function(f'{SKETCH}?.params.prompt === "a blue fish"')
            await page.wait_for_function(f"{SKETCH}.value.frame !== null")
            await page.get_by_role("button", name="Refine").click()
            await page.get_by_role("button", name="Thumbnail 1 of 1").click()
            await page.get_by_text('"final"').wait_for()


async def test_try_on_dresses_one_of_the_people(browser: Browser) -> None:
    demo = runpy.run_path(str(DEMOS / "live_drawing/app.py"))["build"]()
    with launch(demo, models=["tryon"], port=0, prevent_thread_lock=True) as server:
        async with opened(browser, f"{server.url}/tryon", "livedraft-tryon") as page:
            await page.get_by_role("button", name="Thumbnail 2 of 3").click()
            await page.locator("livedraft-tryon [part=notice] button.primary").click()
            await page.get_by_role("option", name="Striped").click()
            await page.wait_for_function(f"{TRY_ON}.diagnostics.worn[0] === 'breton-navy'")
            assert await page.evaluate(f"{TRY_ON}.diagnostics.photo") == [892, 1103]
            assert await page.get_by_role("link", name="draw").get_attribute("href") == "./"


def test_garments_of_openvto_are_offered_where_it_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("jackets/1_front", "jackets/2_front", "jackets/2_back", "pants/1_front"):
        path = tmp_path / "openvto" / "assets" / "clothes" / f"{name}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8)).save(path)
    page = runpy.run_path(str(DEMOS / "tryon/page.py"))
    assert list(page["of_openvto"]()) == []
    (tmp_path / "openvto" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    offered = {each["sku"]: each["category"] for each in page["of_openvto"]()}
    assert offered == {"jackets/2_front.jpg": "upper", "pants/1_front.jpg": "lower"}
