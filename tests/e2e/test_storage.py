"""Where the browser's storage is full, closed or damaged, drawing goes on and the user is told."""

from __future__ import annotations

import pytest
from tests.e2e.conftest import Site
from tests.e2e.own import ALL, DATABASE, SCRIPT, SKETCH, counts, draw, wait_loaded
from tests.e2e.sheet import EL, INK, LINE, Open, listen, stroke, wait_dark

# Something else than the element wrote there, or a disk failed.
DAMAGE = f"""async () => {{ {DATABASE}
  await kept('readwrite', (drawing, write) => write({{ ...drawing,
    operations: [{{ kind: 'picture', blob: new Blob(['no picture']) }}] }})); }}"""
OWN = f"{SCRIPT}{SKETCH}"
DENY = """Object.defineProperty(window, '{}', {{ get() {{
  throw new DOMException('', 'SecurityError'); }} }});"""
FULL = """
const full = () => { throw new DOMException('full', 'QuotaExceededError'); };
IDBObjectStore.prototype.put = Storage.prototype.setItem = full;"""
# As a browser does that finds the disk full when it writes.
ABORTED = """
const put = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = function (value, key) {
  const request = put.call(this, value, key);
  if (value.operations) this.transaction.abort();
  return request; };"""
NEVER = """
indexedDB.open = () => { const it = {}; setTimeout(() => it.onblocked()); return it; };"""
BROKEN = {
    "no database": DENY.format("indexedDB"),
    "no texts": DENY.format("localStorage") + DENY.format("sessionStorage"),
    "nothing": "".join(map(DENY.format, ("indexedDB", "localStorage", "sessionStorage"))),
    "full": FULL,
    "aborted": ABORTED,
    "blocked": NEVER,
}


@pytest.mark.parametrize("how", BROKEN)
def test_drawing_goes_on_and_it_is_said_once(open_page: Open, site: Site, how: str) -> None:
    url = site.page(f"{SCRIPT}<script>{BROKEN[how]}</script>{SKETCH}")
    page = open_page(url)  # exceptions and rejections fail it
    wait_loaded(page)
    listen(page, "error")
    assert page.locator(".notice").is_hidden(), "nothing is lost yet"
    for _ in range(3):
        stroke(page, *LINE)
    draw(page)
    wait_dark(page, INK, 0.5, 0.5)
    codes = page.evaluate("heard.error.map(({ code }) => code)")
    assert codes == ([] if how == "no texts" else ["not_kept"])
    assert page.locator(".notice").is_visible() == bool(codes)
    page.evaluate(f"() => {{ const el = {EL}, fresh = el.cloneNode(); el.replaceWith(fresh); }}")
    wait_loaded(page)
    assert counts(page) == [4], "what is not on the disk is in the page"


def test_a_full_database_leaves_the_texts(open_page: Open, site: Site) -> None:
    page = open_page(site.page(f"{SCRIPT}<script>{ABORTED}</script>{SKETCH}"))
    wait_loaded(page)
    draw(page, strokes=2)
    for more in (0, 1, 1):
        page.reload()
        wait_loaded(page)
        draw(page, strokes=more)
    assert counts(page) == [4]
    assert page.evaluate("Object.keys(localStorage).length") <= 1


def test_in_a_sandbox_it_draws(open_page: Open, site: Site) -> None:
    html = (
        f'<iframe sandbox="allow-scripts" srcdoc="{SCRIPT}{SKETCH}" width=900 height=900></iframe>'
    )
    page = open_page(site.page(SCRIPT + html), live=False, forgive="WebSocket")
    inside = page.frame_locator("iframe")
    inside.locator("canvas.ink").click()
    inside.get_by_text("would lose this drawing").wait_for()


def test_what_earlier_versions_kept_is_found(open_page: Open, site: Site) -> None:
    page = open_page(site.page(SCRIPT), live=False)
    page.evaluate("""() => { const kept = (n) => ({ base: null, params: { prompt: `old ${n}` },
        attributes: {}, operations: Array(n).fill({ kind: 'stroke', tool: 'pen', colour: '#1a1a1a',
        size: 0.014, points: [0.2, 0.5, 0.5, 0.8, 0.5, 0.5] }) });
        localStorage.setItem('livedraft /own.html / b', JSON.stringify(kept(3)));
        return new Promise((done) => { const request = indexedDB.open('livedraft', 1);
          request.onupgradeneeded = () => request.result.createObjectStore('drawings');
          request.onsuccess = () => {
            const put = request.result.transaction('drawings', 'readwrite').objectStore('drawings');
            put.put(kept(1), '/own.html / 0'); put.put(kept(2), 'mine');
            put.transaction.oncomplete = () => { request.result.close(); done(); }; }; }); }""")
    keyed = "<livedraft-sketch {}></livedraft-sketch>".format
    site.page(f"{SCRIPT}{SKETCH}{keyed('state-key=mine')}{keyed('id=b')}")
    for _ in range(2):
        page.reload()
        wait_loaded(page, 3)
        assert counts(page) == [1, 2, 3]
        prompts = page.evaluate(f"() => ({ALL})().map((each) => each.params.prompt)")
        assert prompts == ["old 1", "old 2", "old 3"]


def test_what_cannot_be_read_is_told_and_stays_where_it_is(open_page: Open, site: Site) -> None:
    page = open_page(site.page(OWN))
    wait_loaded(page)
    draw(page)
    page.evaluate(DAMAGE)
    page.reload()
    wait_loaded(page)
    page.get_by_text("could not be read").wait_for()
    draw(page)
    page.reload()
    wait_loaded(page)
    assert counts(page) == [1]
