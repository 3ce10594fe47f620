"""The pages of a shop with try-on, used as customers do, on a double of the model."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, WebSocket, expect
from tests.e2e.tryon.shopping import EL, WARDROBE, agree, png, show_photo, wear
from tests.websites import folder

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

ROOT = Path(__file__).parents[2]
COLOURS = ("#8a2d3b", "#24447a", "#3f9f56", "#d98a1f")
# A camera in an empty room, into which a test lets somebody step.
ROOM = """
const seen = document.createElement("canvas");
Object.assign(seen, { width: 320, height: 240 });
const paint = seen.getContext("2d");
window.person = false;
const film = () => {
  paint.fillStyle = "#9a9a9a";
  paint.fillRect(0, 0, 320, 240);
  paint.fillStyle = "#222";
  if (person) paint.fillRect(100 + 8 * Math.sin(performance.now() / 300), 40, 120, 200);
  requestAnimationFrame(film);
};
film();
navigator.mediaDevices.getUserMedia = async () => seen.captureStream(10);
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the demo's folder with placeholders for garments, and a server that lets it in."""
    site = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "demos/tryon", site / "demos/tryon")
    wardrobe = site / "runtime/models/tryon/garments"
    wardrobe.mkdir(parents=True)
    entries: list[dict[str, Any]] = []
    for given, colour in zip(WARDROBE, COLOURS, strict=True):
        name = f"{given['sku']}.png"
        (wardrobe / name).write_bytes(png(colour))
        entries.append({key: given[key] for key in ("sku", "category", "title")} | {"image": name})
    (wardrobe / "catalogue.json").write_text(json.dumps(entries), "utf-8")
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.syspath_prepend(ROOT / "tests/e2e/tryon/models")
        own = stack.enter_context(folder(site))
        server = stack.enter_context(Thread(Config(models=("tailor",), port=0, origins=(own,))))
        for page in (site / "demos/tryon").glob("*.html"):
            text = page.read_text("utf-8").replace("http://127.0.0.1:7860", server.url)
            text = text.replace("<livedraft-tryon ", '<livedraft-tryon model="tailor" ')
            page.write_text(
                text.replace("{ url: SERVER", '{ model: "tailor", url: SERVER'), "utf-8"
            )
        yield f"{own}/demos/tryon"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Give a page; any error on it fails the test."""
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
    yield page
    assert said == []


def test_a_fitting_room_fills_a_cart(page: Page, shop: str) -> None:
    page.goto(f"{shop}/shop.html")
    show_photo(page)
    agree(page)
    wear(page, "Café tee")
    page.wait_for_function(f"{EL}.diagnostics.worn.includes('tee')")
    page.get_by_role("button", name="Add Café tee to the cart").click()
    expect(page.get_by_text("Cart: 1")).to_be_visible()


def test_a_dialog_opens_on_its_garment_keeps_the_focus_and_forgets_when_it_closes(
    page: Page, shop: str
) -> None:
    page.goto(f"{shop}/modal.html?sku=jeans")
    expect(page.get_by_role("heading", name="Jeans")).to_be_visible()
    assert page.locator("livedraft-tryon").count() == 0, "nobody asked for it yet"
    opens = page.get_by_role("button", name="Try it on")
    opens.click()
    expect(page.get_by_role("option", name="Jeans")).to_have_attribute("aria-selected", "true")
    for _ in range(40):
        page.keyboard.press("Tab")
        inside = "document.activeElement === document.body || room.contains(document.activeElement)"
        assert page.evaluate(inside), "the page behind it can be reached"
    show_photo(page)
    expect(page.get_by_role("alertdialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("alertdialog")).to_be_hidden()
    assert page.evaluate("room.open"), "Escape closed what was open in the dialog first"
    show_photo(page)
    agree(page)
    page.wait_for_function(f"{EL}.diagnostics.worn.includes('jeans')")
    page.get_by_role("searchbox").fill("tee")
    page.keyboard.press("Escape")
    expect(page.get_by_role("searchbox")).to_have_value("")
    page.keyboard.press("Escape")
    page.wait_for_function("!room.open")
    expect(opens).to_be_focused()
    page.wait_for_function(f"{EL}.diagnostics.photo === null")
    opens.click()
    show_photo(page)
    expect(page.get_by_role("alertdialog")).to_be_visible()


def test_a_kiosk_asks_no_server_until_somebody_is_there_and_forgets_who_left(
    page: Page, shop: str
) -> None:
    lines: list[WebSocket] = []  # that are open

    def opened(line: WebSocket) -> None:
        lines.append(line)
        line.on("close", lambda line: lines.remove(line))

    page.on("websocket", opened)
    page.add_init_script(ROOM)
    page.goto(f"{shop}/kiosk.html?away=1")
    expect(page.get_by_role("heading", name="Step closer")).to_be_visible()
    page.wait_for_function("document.querySelector('.line img')?.complete")
    assert lines == []
    page.evaluate("person = true")
    agree(page)
    page.wait_for_function(f"{EL}.diagnostics.camera === 'live'")
    wear(page, "Café tee")
    page.wait_for_function(f"{EL}.diagnostics.frames > 2")
    assert len(lines) == 1
    page.evaluate("window.left = document.querySelector('livedraft-tryon'); person = false")
    expect(page.get_by_role("heading", name="Step closer")).to_be_visible()
    page.wait_for_function("!document.querySelector('livedraft-tryon')")
    assert page.evaluate("[left.diagnostics.photo, left.diagnostics.camera]") in (
        [None, "idle"],
        [None, "stopped"],
    )
    page.evaluate("person = true")
    expect(page.get_by_role("alertdialog")).to_be_visible()  # the next visitor is told anew
    assert lines == [], "no session is open before they agree"
