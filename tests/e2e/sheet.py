"""What the tests of ``<livedraft-sketch>`` do with a page: draw on it, look at it, listen to it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page

PHONE = {"width": 390, "height": 844}

# The element and its result, for expressions in the page.
EL = "document.querySelector('livedraft-sketch')"
INK = f"{EL}.shadowRoot.querySelector('canvas.ink')"
PICTURE = f"{EL}.shadowRoot.querySelector('canvas.picture')"
PIXEL = """(canvas, x, y) => {
    const probe = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    probe.drawImage(canvas, -Math.round(x * canvas.width), -Math.round(y * canvas.height));
    return [...probe.getImageData(0, 0, 1, 1).data]; }"""

# Sends pointer events to the paper as a browser does: with time, buttons, and a stylus's tip.
HAND = f"""() => {{
  const ink = {INK}; ink.setPointerCapture = () => undefined; let clock = 0;
  window.point = (type, pointerType, pointerId, x, y, more = {{}}) => {{
    const box = ink.getBoundingClientRect();
    const down = ['pointerdown', 'pointermove'].includes(type);
    const event = new PointerEvent(type, {{ bubbles: true, cancelable: true, pointerType, pointerId,
      isPrimary: true, pressure: 0.5,
      button: type === 'pointermove' ? -1 : 0, buttons: down ? 1 : 0,
      clientX: box.x + x * box.width, clientY: box.y + y * box.height, ...more }});
    clock += more.after ?? 16;
    Object.defineProperty(event, 'timeStamp', {{ value: 1000 + clock }});
    ink.dispatchEvent(event); return event.defaultPrevented; }}; }}"""

Open = Callable[..., Page]


def paper(page: Page) -> Locator:
    return page.locator("canvas.ink")


def prompt(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Prompt")


def stroke(page: Page, *points: tuple[float, float], up: bool = True) -> None:
    """Draw with the mouse through points in units of the paper's sides, and lift it if ``up``."""
    paper(page).scroll_into_view_if_needed()
    box = paper(page).bounding_box()
    assert box is not None
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*at[0])
    page.mouse.down()
    for x, y in at[1:]:
        page.mouse.move(x, y, steps=5)
    if up:
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


def faults_to_hit(page: Page) -> list[list[object]]:
    """Return what is shown to be pressed and has no name or is smaller than a finger."""
    faults: list[list[object]] = (
        page.evaluate(f"""() => [...{EL}.shadowRoot.querySelectorAll('button, input, select')]
        .filter((each) => each.checkVisibility())
        .map((each) => {{
          const hit = each.closest('label') ?? each, box = hit.getBoundingClientRect();
          const name = each.ariaLabel || each.getAttribute('aria-label') || hit.innerText;
          return [name, Math.round(Math.min(box.width, box.height)), each.outerHTML.slice(0, 80)];
        }})
        .filter(([name, size]) => !name || size < 44)""")
    )
    return faults


def drawn(open_page: Open, url: str, *names: str) -> Page:
    """Open a page, listen to `change` and these events, draw a line and wait for its picture."""
    page = open_page(url)
    listen(page, "change", *names)
    stroke(page, *LINE)
    page.wait_for_function("heard.change.length > 0")
    return page


LINE = ((0.2, 0.5), (0.8, 0.5))
