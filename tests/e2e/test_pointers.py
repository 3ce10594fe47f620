"""Fingers, palms, pens and buttons: what is meant to draw draws, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from tests.e2e.sheet import EL, HAND, INK, PICTURE, Open, listen, pixel

At = tuple[float, float]

Point = Callable[..., bool]


def hand(page: Page) -> Point:
    page.evaluate(HAND)

    def point(type: str, kind: str, id: int, at: At, **more: object) -> bool:
        how = [f"pointer{type}", kind, id, *at, more]
        prevented: bool = page.evaluate("(all) => point(...all)", how)
        return prevented

    return point


def inked(page: Page, x: float, y: float) -> bool:
    return pixel(page, INK, x, y)[3] > 128


def strokes(page: Page) -> int:
    found: int = page.evaluate(f"{EL}.diagnostics.operations")
    return found


def sent(page: Page, x: float, y: float) -> bool:
    """Return whether the model, which gives its drawing back, was sent ink there."""
    page.wait_for_function(f"{EL}.diagnostics.settled")
    return pixel(page, PICTURE, x, y)[0] < 128


@pytest.mark.parametrize("after", [16, 2000])
def test_a_palm_that_lands_first_leaves_the_stroke_to_the_pen(
    open_page: Open, url: str, after: int
) -> None:
    page = open_page(url)
    point = hand(page)
    listen(page, "stroke")
    point("down", "touch", 1, (0.7, 0.8))
    point("move", "touch", 1, (0.8, 0.8))
    assert inked(page, 0.75, 0.8)
    point("down", "pen", 2, (0.2, 0.2), after=after)
    for x in (0.3, 0.4, 0.5):
        point("move", "pen", 2, (x, 0.2))
        point("move", "touch", 1, (0.6, 0.6 + x / 10))
    point("up", "touch", 1, (0.6, 0.6))
    point("move", "pen", 2, (0.8, 0.2))
    point("up", "pen", 2, (0.8, 0.2))
    assert inked(page, 0.35, 0.2)
    assert inked(page, 0.75, 0.2)
    assert not inked(page, 0.75, 0.8)
    assert (sent(page, 0.35, 0.2), sent(page, 0.75, 0.8)) == (True, False)
    assert (strokes(page), page.evaluate("heard.stroke.length")) == (1, 1)


def test_once_a_pen_was_seen_fingers_do_not_draw(open_page: Open, url: str) -> None:
    page = open_page(url)
    point = hand(page)
    action = f"getComputedStyle({INK}).touchAction"
    assert page.evaluate(action) == "pinch-zoom"
    point("move", "pen", 2, (0.5, 0.5), buttons=0)  # it only hovers
    assert page.evaluate(action) == "manipulation", "fingers pan"
    for x in (0.3, 0.6):
        point("down", "touch", 3, (x, 0.5), after=60_000)
        point("move", "touch", 3, (x + 0.1, 0.5))
        point("up", "touch", 3, (x + 0.1, 0.5))
    assert (strokes(page), inked(page, 0.35, 0.5)) == (0, False)


def test_a_pinch_leaves_no_mark_and_a_late_second_finger_no_gap(open_page: Open, url: str) -> None:
    page = open_page(url)
    point = hand(page)
    point("down", "touch", 1, (0.3, 0.3))
    point("move", "touch", 1, (0.35, 0.3))
    point("down", "touch", 2, (0.6, 0.6), isPrimary=False)
    point("move", "touch", 1, (0.5, 0.3))
    point("up", "touch", 1, (0.5, 0.3))
    point("up", "touch", 2, (0.6, 0.6), isPrimary=False)
    assert (strokes(page), inked(page, 0.32, 0.3)) == (0, False)
    point("down", "touch", 3, (0.2, 0.7))
    for x in (0.3, 0.4, 0.5):
        point("move", "touch", 3, (x, 0.7), after=300)
    point("down", "touch", 4, (0.9, 0.9), isPrimary=False)
    point("move", "touch", 3, (0.8, 0.7))
    point("up", "touch", 3, (0.8, 0.7))
    assert (strokes(page), inked(page, 0.75, 0.7)) == (1, True)


def test_a_real_pinch_zooms_the_page_and_draws_nothing(open_page: Open, url: str) -> None:
    page = open_page(url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    box = page.locator("canvas.ink").bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    cdp = page.context.new_cdp_session(page)
    for step in range(12):
        apart = 30 + 8 * step
        fingers = [
            {"x": middle[0] + side * apart, "y": middle[1], "id": i}
            for i, side in ((0, -1), (1, 1))
        ]
        kind = "touchMove" if step else "touchStart"
        if not step:
            cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers[:1]})
        cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})
    cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function("visualViewport.scale > 1.3")
    assert strokes(page) == 0


@pytest.mark.parametrize(
    ("kind", "since", "reach", "kept"),
    [
        ("touch", 16, 0.4, 0),
        ("touch", 2000, 0.005, 0),
        ("touch", 2000, 0.4, 1),
        ("pen", 16, 0.4, 1),
    ],
)
def test_a_cancelled_touch_is_no_stroke_unless_it_was_one(
    open_page: Open, url: str, kind: str, since: int, reach: float, kept: int
) -> None:
    page = open_page(url)
    point = hand(page)
    point("down", kind, 1, (0.2, 0.5))
    point("move", kind, 1, (0.2 + reach, 0.5), after=since)
    point("cancel", kind, 1, (0, 0))
    assert strokes(page) == kept
    assert page.evaluate(f"{EL}.diagnostics.drawing") is False


def test_buttons_that_are_no_pen_do_not_draw(open_page: Open, url: str) -> None:
    page = open_page(url)
    point = hand(page)
    for button, buttons in ((1, 4), (2, 2), (3, 8), (4, 16)):
        point("down", "mouse", 1, (0.3, 0.3), button=button, buttons=buttons)
        point("move", "mouse", 1, (0.5, 0.3), buttons=buttons)
        point("up", "mouse", 1, (0.5, 0.3), button=button)
    assert strokes(page) == 0
    point("down", "mouse", 1, (0.3, 0.3))
    point("move", "mouse", 1, (0.5, 0.3), buttons=3)
    point("move", "mouse", 1, (0.6, 0.3), buttons=2)  # the first goes up, the other is held
    point("move", "mouse", 1, (0.6, 0.8), buttons=2)
    assert (strokes(page), inked(page, 0.6, 0.6)) == (1, False)


def test_the_other_end_of_a_pen_erases(open_page: Open, url: str) -> None:
    page = open_page(url)
    point = hand(page)
    for kind, more in ((1, {}), (2, {"buttons": 32, "button": 5})):
        x = 0.5 if kind == 2 else 0.2
        point("down", "pen", kind, (x, 0.5 if kind == 1 else 0.2), **more)
        point(
            "move",
            "pen",
            kind,
            (0.8 if kind == 1 else x, 0.5 if kind == 1 else 0.8),
            **{**more, "button": -1},
        )
        point("up", "pen", kind, (0.8, 0.5))
    assert (strokes(page), inked(page, 0.5, 0.5), inked(page, 0.3, 0.5)) == (2, False, True)


def test_a_lost_capture_ends_the_stroke_and_keeps_it(open_page: Open, url: str) -> None:
    page = open_page(url)
    point = hand(page)
    point("down", "mouse", 1, (0.2, 0.5))
    point("move", "mouse", 1, (0.6, 0.5))
    page.evaluate(f"""() => {INK}.dispatchEvent(
        new PointerEvent('lostpointercapture', {{ pointerId: 1 }}))""")
    point("move", "mouse", 1, (0.6, 0.9))
    assert (strokes(page), inked(page, 0.4, 0.5), inked(page, 0.6, 0.8)) == (1, True, False)


def test_a_long_press_opens_no_menu_over_the_stroke(open_page: Open, url: str) -> None:
    page = open_page(url)
    point = hand(page)
    menu = f"""() => !{INK}.dispatchEvent(
        new MouseEvent('contextmenu', {{ bubbles: true, cancelable: true }}))"""
    assert page.evaluate(menu) is False, "the right button is the page's"
    point("down", "pen", 1, (0.2, 0.5))
    assert page.evaluate(menu) is True
    point("move", "pen", 1, (0.6, 0.5))
    point("up", "pen", 1, (0.6, 0.5))
    assert strokes(page) == 1
