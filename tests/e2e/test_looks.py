"""``<livedraft-sketch>`` can be seen and used on any page: light, dark, contrast, RTL, phones."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page
from tests.e2e.sheet import EL, LINE, PICTURE, Open, faults_to_hit, listen, pixel, stroke, wait_dark

SMALL_PHONE = {"width": 360, "height": 740}
TOUCH: dict[str, Any] = {"viewport": SMALL_PHONE, "has_touch": True, "is_mobile": True}
MOBILE = '<meta name="viewport" content="width=device-width, initial-scale=1">'

# Each text that is shown, with its contrast to what is painted behind it (WCAG 2, 1.4.3). What is
# out of use need not be readable, and colours to paint with are no text.
CONTRASTS = """() => {
  const probe = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    probe.clearRect(0, 0, 1, 1); probe.fillStyle = colour; probe.fillRect(0, 0, 1, 1);
    return [...probe.getImageData(0, 0, 1, 1).data].map((each) => each / 255); };
  const up = (at) => at.parentElement ?? at.getRootNode().host;
  const over = ([r, g, b, a], [x, y, z]) =>
    [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a), 1];
  const ground = (at) => {
    if (!at || at.matches('.sheet')) return rgba('white'); // the paper may lie in another pane
    let own = rgba(getComputedStyle(at).backgroundColor);
    const drawn = at.matches('.segment') && getComputedStyle(at, '::before');
    if (drawn && drawn.content !== 'none') own = rgba(drawn.backgroundColor);
    return own[3] === 1 ? own : over(own, ground(up(at))); };
  const light = ([r, g, b]) => { const of = (c) => c <= 0.04045 ? c / 12.92 :
    ((c + 0.055) / 1.055) ** 2.4; return 0.2126 * of(r) + 0.7152 * of(g) + 0.0722 * of(b); };
  const root = ELEMENT.shadowRoot, found = [];
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const at = texts.currentNode.parentElement, text = texts.currentNode.data.trim();
    const shown = at.checkVisibility() && !at.closest('.unseen, [aria-disabled=true], option');
    if (!text || !shown) continue;
    const behind = ground(at), ink = over(rgba(getComputedStyle(at).color), behind);
    const [low, high] = [light(ink), light(behind)].sort((a, b) => a - b);
    found.push([text, Math.round((high + 0.05) / (low + 0.05) * 100) / 100]); }
  return found; }""".replace("ELEMENT", EL)


def tags(server: str, style: str = "", attributes: str = "") -> str:
    return (
        f"{MOBILE}<style>body {{ margin: 12px; {style} }}</style>"
        f'<script src="{server}/livedraft.js"></script>'
        f'<livedraft-sketch url="{server}" prompt="a fox" {attributes}></livedraft-sketch>'
    )


def theme(page: Page) -> str:
    return str(page.locator(".studio").get_attribute("data-theme"))


def look_everywhere(page: Page) -> None:
    """Open what can be opened, so that all texts are shown."""
    page.get_by_role("button", name="More").click()
    stroke(page, *LINE)
    page.locator(".line").click()
    page.evaluate(f"{EL}.params = {{ palette: ['#e5484d'] }}")


@pytest.mark.parametrize("scheme", ["light", "dark"])  # what the system wants
@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("", "light"),
        ("background: #fdfdf5", "light"),
        ("background: #14181a; color: #eee", "dark"),
        ("background: oklch(25% 0.05 260)", "dark"),
        ("} :root { color-scheme: dark", "dark"),
        ("} :root { color-scheme: light dark", "as the system"),
        ("} :root { background: #111 } body { background: rgb(255 255 255 / 90%)", "light"),
    ],
)
def test_it_follows_the_page_it_stands_on(
    visit: Open, url: str, scheme: str, style: str, expected: str
) -> None:
    page = visit(tags(url, style), color_scheme=scheme)
    assert theme(page) == (scheme if expected == "as the system" else expected)


def test_it_follows_when_the_page_changes_or_asks(visit: Open, url: str) -> None:
    page = visit(tags(url, "} body.night { background: black"))
    assert theme(page) == "light"
    page.evaluate("document.body.className = 'night'")
    page.wait_for_function(f"{EL}.shadowRoot.querySelector('.studio').dataset.theme === 'dark'")
    page.evaluate(f"{EL}.theme = 'light'")
    assert theme(page) == "light"
    page.evaluate(f"{EL}.theme = null")
    assert theme(page) == "dark"


@pytest.mark.parametrize("style", ["background: white", "background: #111517"])
@pytest.mark.parametrize("how", [{}, TOUCH], ids=["desktop", "phone"])
def test_every_text_can_be_read(
    visit: Open, paintbox: str, style: str, how: dict[str, Any]
) -> None:
    page = visit(tags(paintbox, style), **how)
    hints: list[tuple[str, float]] = page.evaluate(CONTRASTS)
    look_everywhere(page)
    texts = hints + page.evaluate(CONTRASTS)
    assert {"Draw here", "Style", "Refine", "Live"} <= {text for text, _ in texts}
    assert [each for each in texts if each[1] < 4.5] == []


def test_forced_colours_keep_paper_and_paint(visit: Open, url: str) -> None:
    page = visit(tags(url), forced_colors="active", color_scheme="dark")
    stroke(page, *LINE)
    wait_dark(page, PICTURE, 0.5, 0.5)
    red = f"{EL}.shadowRoot.querySelector('button[aria-label=Red]')"
    painted = page.evaluate(f"getComputedStyle({red}, '::before').backgroundColor")
    assert painted == "rgb(229, 72, 77)"
    sheet = f"{EL}.shadowRoot.querySelector('.sheet')"
    assert page.evaluate(f"getComputedStyle({sheet}).backgroundColor") == "rgb(255, 255, 255)"
    chosen = "[aria-pressed=true], [aria-checked=true]"
    outlines = page.evaluate(f"""[...{EL}.shadowRoot.querySelectorAll('{chosen}')]
        .filter((each) => each.checkVisibility())
        .map((each) => getComputedStyle(each).outlineStyle)""")
    assert set(outlines) == {"solid"}, "what is chosen can be told from what is not"


def test_who_wants_no_motion_gets_none(visit: Open, paintbox: str) -> None:
    page = visit(tags(paintbox), reduced_motion="reduce")
    moving = page.evaluate(f"""[...{EL}.shadowRoot.querySelectorAll('*')].filter((each) => {{
        const {{ animationName, transitionDuration }} = getComputedStyle(each);
        return animationName !== 'none' || transitionDuration !== '0s'; }}).length""")
    assert moving == 0


@pytest.mark.parametrize("where", ["page", "element"])
def test_right_to_left_mirrors_the_tools_but_not_the_drawing(
    visit: Open, paintbox: str, where: str
) -> None:
    page = visit(tags(paintbox, attributes='dir="rtl"' if where == "element" else ""))
    if where == "page":
        page.evaluate("document.documentElement.dir = 'rtl'")
    listen(page, "change", "input")
    stroke(page, (0.1, 0.5), (0.4, 0.5))
    page.wait_for_function("heard.change.length === 1")
    assert pixel(page, PICTURE, 0.25, 0.5)[3] > 200
    assert pixel(page, PICTURE, 0.75, 0.5)[3] == 0

    def left(selector: str) -> float:
        box = page.locator(selector).first.bounding_box()
        assert box is not None
        return float(box["x"])

    assert left(".result") < left(".sheet") < left(".rail")
    assert left(".primary") < left(".prompt")
    assert left(".segment >> nth=1") < left(".segment >> nth=0")
    page.get_by_role("radio", name="Flat").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("heard.input.at(-1)?.params.style === 'shaded'")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_a_small_phone_has_room_for_every_finger(
    visit: Open, paintbox: str, direction: str
) -> None:
    page = visit(tags(paintbox, attributes=f'dir="{direction}"'), **TOUCH)
    look_everywhere(page)
    assert faults_to_hit(page) == []
    slider = page.get_by_label("Brush size").bounding_box()
    assert slider is not None
    assert slider["width"] >= 88
    outside = page.evaluate(f"""[...{EL}.shadowRoot.querySelectorAll('button, input, label')]
        .filter((each) => each.checkVisibility() && !each.closest('.swatches, .kept, .unseen'))
        .filter((each) => {{ const {{ left, right }} = each.getBoundingClientRect();
          return left < -1 || right > innerWidth + 1; }}).map((each) => each.outerHTML)""")
    assert outside == []
