"""Pages of the tests' own with elements in them, and what is kept of each."""

from __future__ import annotations

from playwright.sync_api import Page

SCRIPT = (
    "<!doctype html><title>own</title><link rel=icon href='data:,'>"
    "<script src='/livedraft.js'></script>"
)
SKETCH = "<livedraft-sketch></livedraft-sketch>"

# All elements in the page, in its shadow trees and in its frames, in the order of the page.
ALL = """() => {
  const found = [], look = (root) => { for (const each of root.querySelectorAll('*')) {
    if (each.localName === 'livedraft-sketch') found.push(each);
    else if (each.shadowRoot) look(each.shadowRoot);
    else if (each.localName === 'iframe') look(each.contentDocument); } };
  look(document); return found; }"""


def wait_loaded(page: Page, count: int = 1) -> None:
    """Wait until so many elements have what was kept on their papers."""
    page.wait_for_function(
        f"""(n) => {{ const all = ({ALL})();
        return all.length === n && all.every((each) => each.studio?.keeping.loaded); }}""",
        arg=count,
    )


def draw(page: Page, nth: int = 0, strokes: int = 1) -> None:
    """Draw with the element's own hand, as the keyboard does, and wait until it is kept."""
    page.evaluate(
        f"""async ([nth, strokes]) => {{ const {{ canvas, keeping }} = ({ALL})()[nth].studio;
        const {{ paper }} = canvas;
        for (let i = 0; i < strokes; i++) {{
          paper.draw(0.1, 0.1 + 0.05 * i, 0.5, null); paper.draw(0.9, 0.1, 0.5, null);
          paper.finish(); }}
        await keeping.writing; }}""",
        [nth, strokes],
    )


def counts(page: Page) -> list[int]:
    """Return how many operations each element's drawing has."""
    found: list[int] = page.evaluate(
        f"() => ({ALL})().map((each) => each.studio.canvas.paper.drawing.operations.length)"
    )
    return found
