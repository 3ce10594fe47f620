"""``<livedraft-sketch>``: pointer, pen, touch and keyboard draw, and the picture follows."""

from __future__ import annotations

from tests.e2e.sheet import (
    EL,
    INK,
    LINE,
    PHONE,
    PICTURE,
    Open,
    listen,
    paper,
    pixel,
    prompt,
    stroke,
    wait_dark,
    wait_light,
)


def test_the_picture_follows_the_pen(open_page: Open, url: str) -> None:
    page = open_page(url)
    listen(page, "stroke", "frame")
    stroke(page, *LINE)
    wait_dark(page, INK, 0.5, 0.5)
    wait_dark(page, PICTURE, 0.5, 0.5)
    assert page.evaluate("heard.stroke.length") == 1
    assert page.evaluate("heard.frame.at(-1).stage") == "draft"
    assert page.evaluate(f"{EL}.value.frame.model") == "echo"


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


def test_a_slow_model_never_holds_up_the_ink(open_page: Open, url: str) -> None:
    page = open_page(url)
    page.evaluate(f"{EL}.params = {{ delay_ms: 400 }}")
    listen(page, "frame")
    stroke(page, *LINE)
    assert pixel(page, INK, 0.5, 0.5)[3] == 255
    assert page.evaluate("heard.frame.length") < 3
    wait_dark(page, PICTURE, 0.5, 0.5)


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
        return {EL}.diagnostics.sent; }}""")
    assert sent == 0
    paper(page).scroll_into_view_if_needed()
    wait_dark(page, PICTURE, 0.5, 0.5)
    assert page.evaluate(f"'style' in {EL}.params") is False, "CSS is no param"
