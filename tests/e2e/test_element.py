"""``<livedraft-sketch>`` in Chromium against a real server: drawing, losing nothing, keyboard."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from livedraft.media.images import encode, read_recipe
from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}

# The element and its result, for expressions in the page.
EL = "document.querySelector('livedraft-sketch')"
INK = f"{EL}.shadowRoot.querySelector('canvas.ink')"
PICTURE = f"{EL}.shadowRoot.querySelector('canvas.picture')"
PIXEL = """(canvas, x, y) => {
    const probe = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    probe.drawImage(canvas, -Math.round(x * canvas.width), -Math.round(y * canvas.height));
    return [...probe.getImageData(0, 0, 1, 1).data]; }"""

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Thread(Config(models=("echo",), port=0)) as server:
        yield server.url


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Return a function that opens the page of a server; console errors fail the test."""
    contexts = []
    faults: list[str] = []

    def open_page(url: str, *, live: bool = True, forgive: str = "", **context: Any) -> Page:
        contexts.append(browser.new_context(**{"color_scheme": "light", **context}))
        page: Page = contexts[-1].new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda message: (
                faults.append(message.text)
                if message.type in ("error", "warning")
                and not (forgive and forgive in message.text)
                else None
            ),
        )
        page.goto(url)
        if live:
            page.locator(".pill[data-state=open]").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def paper(page: Page) -> Locator:
    return page.locator("canvas.ink")


def prompt(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Prompt")


def stroke(page: Page, *points: tuple[float, float]) -> None:
    """Draw with the mouse through points in units of the paper's sides."""
    paper(page).scroll_into_view_if_needed()
    box = paper(page).bounding_box()
    assert box is not None
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*at[0])
    page.mouse.down()
    for x, y in at[1:]:
        page.mouse.move(x, y, steps=5)
    page.mouse.up()


def pixel(page: Page, canvas: str, x: float, y: float) -> list[int]:
    found: list[int] = page.evaluate(f"({PIXEL})({canvas}, {x}, {y})")
    return found


def wait_dark(page: Page, canvas: str, x: float, y: float) -> None:
    """Wait until a canvas is inked at a point: dark and opaque."""
    page.wait_for_function(
        f"(() => {{ const p = ({PIXEL})({canvas}, {x}, {y}); return p[3] > 200 && p[0] < 90; }})()"
    )


def wait_light(page: Page, canvas: str, x: float, y: float) -> None:
    """Wait until a canvas is blank at a point: white or transparent."""
    page.wait_for_function(
        f"(() => {{ const p = ({PIXEL})({canvas}, {x}, {y}); return p[3] < 30 || p[0] > 220; }})()"
    )


def listen(page: Page, *names: str) -> None:
    """Collect events' details in the page, as ``window.heard[name]``."""
    page.evaluate(
        f"""(names) => {{ window.heard = Object.fromEntries(names.map((name) => [name, []]));
        for (const name of names)
          {EL}.addEventListener(name, (event) => heard[name].push(event.detail)); }}""",
        list(names),
    )


LINE = ((0.2, 0.5), (0.8, 0.5))


def test_the_picture_follows_the_pen(open_page: Open, url: str) -> None:
    page = open_page(url)
    listen(page, "stroke", "change")
    stroke(page, *LINE)
    wait_dark(page, INK, 0.5, 0.5)
    wait_dark(page, PICTURE, 0.5, 0.5)
    assert page.evaluate("heard.stroke.length") == 1
    assert page.evaluate("heard.change.at(-1).stage") == "draft"
    assert page.evaluate(f"{EL}.value.frame.model") == "echo"


def test_the_readout_tells_rate_latency_and_limit(open_page: Open, url: str) -> None:
    page = open_page(url)
    stroke(page, *LINE)
    line = page.locator(".line")
    line.wait_for()
    assert "fps" in line.inner_text()
    assert "limited by" in line.inner_text()
    line.click()
    assert "Model" in page.locator(".stages").inner_text()


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


def test_undo_redo_clear_and_eraser(open_page: Open, url: str) -> None:
    page = open_page(url)
    stroke(page, *LINE)
    wait_dark(page, PICTURE, 0.5, 0.5)
    page.get_by_label("Undo").click()
    wait_light(page, INK, 0.5, 0.5)
    page.get_by_text("Draw here").wait_for()
    page.get_by_label("Redo").click()
    wait_dark(page, PICTURE, 0.5, 0.5)
    page.get_by_label("Clear the drawing").click()
    wait_light(page, INK, 0.5, 0.5)
    assert page.evaluate(f"{EL}.value.empty && {EL}.value.frame === null")
    page.keyboard.press("Control+z")
    wait_dark(page, PICTURE, 0.5, 0.5)
    page.get_by_label("Eraser").click()
    stroke(page, (0.5, 0.3), (0.5, 0.7))
    assert pixel(page, INK, 0.5, 0.5)[3] == 0
    assert pixel(page, INK, 0.3, 0.5)[3] == 255
    wait_light(page, PICTURE, 0.5, 0.5)
    wait_dark(page, PICTURE, 0.3, 0.5)


def test_a_reload_keeps_drawing_and_params(open_page: Open, url: str) -> None:
    page = open_page(url)
    stroke(page, *LINE)
    prompt(page).fill("a kept cat")
    page.wait_for_function(f"{EL}.value.frame?.id > 0")
    page.reload()
    wait_dark(page, INK, 0.5, 0.5)
    wait_dark(page, PICTURE, 0.5, 0.5)
    page.wait_for_function(f"{EL}.params.prompt === 'a kept cat'")
    page.get_by_label("Undo").click()
    wait_light(page, INK, 0.5, 0.5)


def test_a_stroke_under_way_survives_the_page(open_page: Open, url: str) -> None:
    page = open_page(url)
    box = paper(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 50, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 50, box["y"] + box["height"] / 2, steps=5)
    page.reload()
    wait_dark(page, INK, 0.5, 0.5)


def test_a_restart_of_the_server_loses_nothing(open_page: Open) -> None:
    server = Thread(Config(models=("echo",), port=0))
    port = int(server.url.rpartition(":")[2])
    page = open_page(server.url, forgive="WebSocket")
    stroke(page, *LINE)
    wait_dark(page, PICTURE, 0.5, 0.5)
    server.close()
    page.locator(".pill[data-state=reconnecting]").wait_for()
    stroke(page, (0.5, 0.2), (0.5, 0.8))
    prompt(page).fill("drawn meanwhile")
    with Thread(Config(models=("echo",), port=port)):
        page.locator(".pill[data-state=open]").wait_for()
        wait_dark(page, PICTURE, 0.5, 0.25)
        wait_dark(page, PICTURE, 0.3, 0.5)
        page.wait_for_function(f"{EL}.shadowRoot && {EL}.params.prompt === 'drawn meanwhile'")
        page.close()


def test_a_refined_picture_carries_its_recipe(open_page: Open, url: str) -> None:
    page = open_page(url)
    listen(page, "submit")
    stroke(page, *LINE)
    prompt(page).fill("a refined cat")
    page.get_by_role("button", name="Refine").click()
    page.wait_for_function("heard.submit.length === 1")
    shot = page.evaluate("""async () => {
        const { image, sketch, ...rest } = heard.submit[0];
        const bytes = async (blob) => [...new Uint8Array(await blob.arrayBuffer())];
        return { ...rest, image: await bytes(image), sketch: await bytes(sketch) }; }""")
    image = Image.open(io.BytesIO(bytes(shot["image"])))
    image.load()
    recipe = read_recipe(image)
    assert recipe is not None
    assert recipe["stage"] == "final"
    assert recipe["model"] == "echo"
    assert recipe["params"]["prompt"] == "a refined cat" == shot["params"]["prompt"]
    assert recipe["seed"] == 42 == shot["seed"]
    assert recipe["inputs"]["sketch"].startswith("data:image/png;base64,")
    assert Image.open(io.BytesIO(bytes(shot["sketch"]))).mode == "RGBA"


def test_kept_pictures_bring_back_drawing_and_params(open_page: Open, url: str) -> None:
    page = open_page(url)
    stroke(page, *LINE)
    prompt(page).fill("the first")
    page.wait_for_function(f"{EL}.value.frame?.id && {EL}.params.prompt === 'the first'")
    page.get_by_role("button", name="Refine").click()
    kept = page.locator(".kept button")
    kept.wait_for()
    page.get_by_label("Clear the drawing").click()
    prompt(page).fill("the second")
    stroke(page, (0.5, 0.1), (0.5, 0.3))
    kept.click()
    wait_dark(page, PICTURE, 0.5, 0.5)
    wait_light(page, INK, 0.5, 0.2)
    assert prompt(page).input_value() == "the first"
    for _ in range(2):  # the kept stroke, and the clearing before it
        page.get_by_label("Undo").click()
    wait_dark(page, INK, 0.5, 0.2)


def test_a_downloaded_picture_opens_as_it_was(open_page: Open, url: str, tmp_path: Path) -> None:
    page = open_page(url)
    stroke(page, *LINE)
    listen(page, "change")
    prompt(page).fill("round trip")
    page.wait_for_function("heard.change.at(-1)?.params.prompt === 'round trip'")
    with page.expect_download() as download:
        page.get_by_label("Download").click()
    file = tmp_path / "round-trip.png"
    download.value.save_as(file)
    page.get_by_label("Clear the drawing").click()
    prompt(page).fill("")
    page.locator("input[type=file]").set_input_files(file)
    wait_dark(page, PICTURE, 0.5, 0.5)
    page.wait_for_function(f"{EL}.params.prompt === 'round trip'")
    assert pixel(page, INK, 0.5, 0.2)[3] == 0, "the drawing came back, not the opaque picture"


def test_a_picture_becomes_the_sketch(open_page: Open, url: str, tmp_path: Path) -> None:
    page = open_page(url)
    file = tmp_path / "black.png"
    file.write_bytes(encode(Image.new("RGB", (40, 80), "black")))
    page.locator("input[type=file]").set_input_files(file)
    wait_dark(page, PICTURE, 0.5, 0.5)
    assert pixel(page, INK, 0.1, 0.5)[3] == 0, "fitted, not stretched"


def test_no_picture_is_refused_with_a_fix(open_page: Open, url: str, tmp_path: Path) -> None:
    page = open_page(url)
    stroke(page, *LINE)
    file = tmp_path / "broken.png"
    file.write_bytes(encode(Image.new("RGB", (64, 64)))[:60])
    page.locator("input[type=file]").set_input_files(file)
    note = page.get_by_role("alert")
    note.wait_for()
    assert "damaged" in note.inner_text()
    assert not page.evaluate(f"{EL}.value.empty")
    page.get_by_label("Dismiss").click()
    note.wait_for(state="hidden")


def test_the_keyboard_draws(open_page: Open, url: str) -> None:
    page = open_page(url)
    paper(page).focus()
    page.keyboard.press("Space")
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    wait_dark(page, PICTURE, 0.55, 0.5)
    page.keyboard.press("Control+z")
    wait_light(page, INK, 0.55, 0.5)
    page.keyboard.press("Control+Shift+Z")
    wait_dark(page, INK, 0.55, 0.5)
    page.keyboard.press("e")
    assert page.get_by_label("Eraser").get_attribute("aria-pressed") == "true"


def test_text_keeps_its_own_undo_and_letters(open_page: Open, url: str) -> None:
    page = open_page(url)
    stroke(page, *LINE)
    prompt(page).click()
    page.keyboard.type("bee")
    page.keyboard.press("Control+z")
    assert page.get_by_label("Pen (B)").get_attribute("aria-pressed") == "true"
    assert pixel(page, INK, 0.5, 0.5)[3] == 255


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


def test_a_slow_model_never_holds_up_the_ink(open_page: Open, url: str) -> None:
    page = open_page(url)
    page.evaluate(f"{EL}.params = {{ delay_ms: 400 }}")
    listen(page, "change")
    stroke(page, *LINE)
    assert pixel(page, INK, 0.5, 0.5)[3] == 255
    assert page.evaluate("heard.change.length") < 3
    wait_dark(page, PICTURE, 0.5, 0.5)


def test_it_refines_by_itself_when_the_pen_rests(open_page: Open, url: str) -> None:
    page = open_page(url)
    listen(page, "change", "submit")
    page.evaluate(f"{EL}.setAttribute('refine', 'rest')")
    stroke(page, *LINE)
    page.wait_for_function("heard.change.at(-1)?.stage === 'final'")
    assert page.evaluate("heard.submit.length") == 0


def test_a_pen_presses(open_page: Open, url: str) -> None:
    page = open_page(url)
    box = paper(page).bounding_box()
    assert box is not None
    pen = page.context.new_cdp_session(page)

    def press(kind: str, x: float, y: float, force: float) -> None:
        at = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        how = {"button": "left", "buttons": 1, "pointerType": "pen", "force": force}
        pen.send("Input.dispatchMouseEvent", {"type": kind, **at, **how})

    for y, force in ((0.3, 0.1), (0.7, 1.0)):
        press("mousePressed", 0.3, y, force)
        for x in (0.4, 0.5, 0.6):
            press("mouseMoved", x, y, force)
        press("mouseReleased", 0.6, y, 0.0)

    def width(y: float) -> int:
        return sum(pixel(page, INK, 0.45, y + d / 768)[3] > 128 for d in range(-15, 16))

    assert width(0.7) > 2 * width(0.3) > 0


def test_a_phone_draws_by_touch_with_the_result_over_the_paper(open_page: Open, url: str) -> None:
    page = open_page(url, viewport=PHONE, has_touch=True, device_scale_factor=2)
    assert page.locator(".studio").get_attribute("data-layout") == "over"
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    box = paper(page).bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < PHONE["height"] / 1.5
    touch = page.context.new_cdp_session(page)
    for kind, x in (("touchStart", 0.2), ("touchMove", 0.5), ("touchMove", 0.8), ("touchEnd", 0)):
        at = {"x": box["x"] + x * box["width"], "y": box["y"] + box["height"] / 2}
        points = [] if kind == "touchEnd" else [at]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    wait_dark(page, PICTURE, 0.5, 0.5)


@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 900}])
def test_everything_has_a_name_and_can_be_hit(
    open_page: Open, url: str, viewport: dict[str, int]
) -> None:
    page = open_page(url, viewport=viewport)
    page.get_by_role("button", name="More").click()
    faults = page.evaluate(f"""() => [...{EL}.shadowRoot.querySelectorAll('button, input, select')]
        .filter((each) => each.checkVisibility())
        .map((each) => {{
          const hit = each.closest('label') ?? each, box = hit.getBoundingClientRect();
          const name = each.ariaLabel || each.getAttribute('aria-label') || hit.innerText;
          return [name, Math.round(Math.min(box.width, box.height)), each.outerHTML.slice(0, 80)];
        }})
        .filter(([name, size]) => !name || size < 38)""")
    assert faults == []


def test_the_secret_opens_the_door(open_page: Open) -> None:
    with Thread(Config(models=("echo",), port=0, token="s3cret")) as server:
        page = open_page(server.url, live=False)
        note = page.get_by_role("alert")
        note.wait_for()
        assert page.locator(".pill").get_attribute("data-state") == "closed"
        stroke(page, *LINE)
        page.evaluate(f"{EL}.setAttribute('token', 's3cret')")
        wait_dark(page, PICTURE, 0.5, 0.5)
        assert not note.is_visible()
        page.close()


def test_who_has_to_wait_sees_the_place_in_the_queue(open_page: Open) -> None:
    with Thread(Config(models=("echo",), port=0, max_sessions=1)) as server:
        first = open_page(server.url)
        second = open_page(server.url, live=False)
        second.get_by_text("Place 1 in the queue").first.wait_for()
        first.close()
        second.locator(".pill[data-state=open]").wait_for()
        second.close()


def test_taken_out_and_put_back_it_still_has_the_drawing(open_page: Open, url: str) -> None:
    page = open_page(url)
    stroke(page, *LINE)
    wait_dark(page, PICTURE, 0.5, 0.5)
    page.evaluate(
        f"""() => {{ const old = {EL}, parent = old.parentElement, fresh = old.cloneNode();
        old.remove(); parent.append(fresh); }}"""
    )
    wait_dark(page, PICTURE, 0.5, 0.5)


def test_out_of_sight_it_rests(open_page: Open, url: str) -> None:
    page = open_page(url)
    page.evaluate(f"{EL}.style.marginTop = '3000px'")
    page.wait_for_function("document.documentElement.scrollHeight > 3000")
    # Two frames: the observer tells at the end of the one that laid the page out.
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.evaluate(f"""() => {{ const ink = {INK}, at = ink.getBoundingClientRect();
        const where = {{ clientX: at.x + at.width / 2, clientY: at.y + at.height / 2 }};
        const how = {{ ...where, pointerId: 1, isPrimary: true, pointerType: 'mouse' }};
        ink.setPointerCapture = () => undefined;
        ink.dispatchEvent(new PointerEvent('pointerdown', {{ ...how, button: 0 }}));
        ink.dispatchEvent(new PointerEvent('pointerup', how)); }}""")
    assert pixel(page, INK, 0.5, 0.5)[3] > 200
    sent = page.evaluate(f"""async () => {{
        for (let i = 0; i < 20; i++) await new Promise(requestAnimationFrame);
        return {EL}.studio.live.session.lastId; }}""")
    assert sent == 0
    paper(page).scroll_into_view_if_needed()
    wait_dark(page, PICTURE, 0.5, 0.5)
    assert page.evaluate(f"'style' in {EL}.params") is False, "CSS is no param"


def test_two_on_one_page_keep_their_own_drawings(open_page: Open, url: str) -> None:
    page = open_page(url)
    stroke(page, *LINE)
    wait_dark(page, PICTURE, 0.5, 0.5)
    page.evaluate(f"""async () => {{ const second = {EL}.cloneNode(); {EL}.after(second);
        await new Promise((done) => second.addEventListener('ready', done)); }}""")
    values = page.evaluate(
        "[...document.querySelectorAll('livedraft-sketch')].map((each) => each.value.empty)"
    )
    assert values == [False, True]


def test_moved_within_the_page_it_keeps_one_drawing(open_page: Open, url: str) -> None:
    page = open_page(url)
    stroke(page, *LINE)
    wait_dark(page, PICTURE, 0.5, 0.5)
    page.evaluate(f"document.body.prepend({EL})")
    page.locator(".pill[data-state=open]").wait_for()
    page.get_by_label("Undo").click()
    page.get_by_text("Draw here").wait_for()
    page.get_by_label("Redo").click()
    wait_dark(page, PICTURE, 0.5, 0.5)
