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


# A transaction of the browser's database, in which drawings are kept.
DATABASE = """const kept = (mode, work) => new Promise((done, failed) => {
  const request = indexedDB.open('livedraft');
  request.onsuccess = () => { const tx = request.result.transaction('drawings', mode);
    const all = tx.objectStore('drawings').openCursor(); let found;
    tx.oncomplete = () => { request.result.close(); done(found); };
    tx.onerror = () => failed(tx.error);
    all.onsuccess = () => { const at = all.result; if (!at) return;
      if (at.value.operations) found = work(at.value, (value) => at.update(value));
      at.continue(); }; }; });"""


def wait_loaded(page: Page, count: int = 1) -> None:
    """Wait until so many elements have what was kept on their papers."""
    page.wait_for_function(
        f"""(n) => {{ const all = ({ALL})();
        return all.length === n && all.every(
          (each) => each.diagnostics && each.diagnostics.kept !== 'pending'); }}""",
        arg=count,
    )


def draw(page: Page, nth: int = 0, strokes: int = 1) -> None:
    """Draw so many strokes, and wait until they are kept, or cannot be."""
    points = [[[0.1, 0.1 + 0.05 * i], [0.9, 0.1]] for i in range(strokes)]
    page.evaluate(
        f"([nth, all]) => ({ALL})()[nth].draw(all.map((points) => ({{ points }})))", [nth, points]
    )
    page.wait_for_function(f"(nth) => ({ALL})()[nth].diagnostics.kept !== 'pending'", arg=nth)


def counts(page: Page) -> list[int]:
    """Return how many operations each element's drawing has."""
    found: list[int] = page.evaluate(f"() => ({ALL})().map((each) => each.diagnostics.operations)")
    return found
