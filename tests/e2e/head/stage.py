"""What the tests of ``<livedraft-head>`` do with a page: type, wait for what it says, look."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

Visit = Callable[..., Page]
HEAD = "document.querySelector('livedraft-head')"
EVENTS = ("state", "viseme", "word", "utterance", "interrupted", "ready", "error")
# Each event is kept as it came; of an utterance's sound, its length.
TOLD = f"""window.told = []; const keep = (name, detail) =>
  told.push([name, detail.pcm ? {{ ...detail, pcm: detail.pcm.length }} : detail]);
for (const name of {list(EVENTS)})
  {HEAD}.addEventListener(name, ({{ detail }}) => keep(name, detail));"""


def page_of(attributes: str) -> str:
    """Return a page with the element, which keeps what it tells as ``window.told``."""
    return (
        "<!doctype html><html lang=en><title>talk</title><link rel=icon href='data:,'>"
        "<meta name=viewport content='width=device-width, initial-scale=1'>"
        "<meta name=color-scheme content='light dark'>"
        "<style>body { margin: 16px; background: Canvas }</style>"
        "<script src='/livedraft-head.js'></script>"
        f"<livedraft-head {attributes}></livedraft-head><script>{TOLD}</script></html>"
    )


def wait(page: Page, condition: str) -> None:
    """Wait until what ``diagnostics`` say (``d``) and what was told make this true."""
    page.wait_for_function(f"() => {{ const d = {HEAD}.diagnostics; return {condition}; }}")


def told(page: Page, name: str) -> list[dict[str, object]]:
    """Return the details of an event's occurrences."""
    found: list[dict[str, object]] = page.evaluate(
        "(name) => told.filter(([each]) => each === name).map(([, detail]) => detail)", name
    )
    return found


def say(page: Page, text: str) -> None:
    field = page.get_by_role("textbox", name="What is to be said")
    field.fill(text)
    field.press("Enter")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
