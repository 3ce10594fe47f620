"""Each ``<livedraft-sketch>`` has its own drawing, once, in whatever way it gets into a page."""

from __future__ import annotations

import pytest
from tests.e2e.conftest import Site
from tests.e2e.own import ALL, SCRIPT, SKETCH, counts, draw, wait_loaded
from tests.e2e.sheet import Open

MOVED = f"""{SCRIPT}<div id=a></div><div id=b></div><script>
const el = document.createElement("livedraft-sketch");
a.append(el); b.append(el);</script>"""
MOVED_LATER = f"""{SCRIPT}<div id=a></div><div id=b></div><script>
const el = document.createElement("livedraft-sketch");
a.append(el); Promise.resolve().then(() => b.append(el)).then(() => a.append(el));
setTimeout(() => b.append(el)); requestAnimationFrame(() => a.append(el));</script>"""
REMOUNTED = f"""{SCRIPT}<div id=a></div><script>
const el = document.createElement("livedraft-sketch");
a.append(el); el.remove(); a.append(el);</script>"""
RELOCATED = f"""{SCRIPT}<main>{SKETCH}</main><footer></footer><script>
onload = () => document.querySelector("footer").append(document.querySelector("livedraft-sketch"));
</script>"""
SHADOWS = f"""{SCRIPT}<my-card></my-card><my-card></my-card><script>
customElements.define("my-card", class extends HTMLElement {{ constructor() {{
super(); this.attachShadow({{ mode: "open" }}).innerHTML = "{SKETCH}"; }} }});</script>"""
NESTED = f"""{SCRIPT}<my-list></my-list><script>
const shadow = (at, html) => at.attachShadow({{ mode: "open" }}).innerHTML = html;
customElements.define("my-item", class extends HTMLElement {{
constructor() {{ super(); shadow(this, "{SKETCH}"); }} }});
customElements.define("my-list", class extends HTMLElement {{
constructor() {{ super(); shadow(this, "<my-item></my-item>".repeat(2)); }} }});</script>"""
SAME_KEY = f"""{SCRIPT}<livedraft-sketch state-key=k></livedraft-sketch>
<livedraft-sketch state-key=k></livedraft-sketch>"""
SAME_ID = (
    f"{SCRIPT}<livedraft-sketch id=s></livedraft-sketch><livedraft-sketch id=s></livedraft-sketch>"
)
FRAMES = SCRIPT + 2 * f'<iframe srcdoc="{SCRIPT}{SKETCH}"></iframe>'
INSERTED = f"""{SCRIPT}<body><script>
const add = () => document.createElement("livedraft-sketch");
document.body.append(add()); setTimeout(() => document.body.prepend(add()), 100);</script>"""


@pytest.mark.parametrize(
    "html",
    [MOVED, MOVED_LATER, REMOUNTED, RELOCATED, f"{SCRIPT}{SKETCH}"],
    ids=["moved", "moved later", "remounted", "relocated", "plain"],
)
def test_however_it_gets_there_its_strokes_stay_as_many(
    open_page: Open, site: Site, html: str
) -> None:
    page = open_page(site.page(html))
    wait_loaded(page, 1)
    draw(page, 0)
    for _ in range(3):
        page.reload()
        wait_loaded(page, 1)
        page.wait_for_function(f"() => ({ALL})()[0].diagnostics.kept === 'kept'")
        assert counts(page) == [1]


@pytest.mark.parametrize(
    ("html", "forgive"),
    [
        (SHADOWS, ""),
        (NESTED, ""),
        (SAME_KEY, "state-key"),
        (SAME_ID, ""),
        (FRAMES, ""),
        (INSERTED, ""),
        (f"{SCRIPT}{SKETCH}{SKETCH}", ""),
    ],
    ids=["shadows", "nested", "same key", "same id", "frames", "inserted", "plain"],
)
def test_two_have_two_drawings(open_page: Open, site: Site, html: str, forgive: str) -> None:
    page = open_page(site.page(html), live=False, forgive=forgive)
    wait_loaded(page, 2)
    draw(page, 0, 1)
    draw(page, 1, 2)
    for _ in range(2):
        page.reload()
        wait_loaded(page, 2)
        assert counts(page) == [1, 2]


def test_two_of_one_state_key_are_told_of(open_page: Open, site: Site) -> None:
    page = open_page(site.page(SCRIPT), live=False, forgive="state-key")
    with page.expect_console_message(lambda message: "state-key" in message.text):
        page.evaluate(f"() => {{ document.body.innerHTML = `{SAME_KEY}`; }}")


def test_pages_of_one_server_are_told_apart_and_reloads_are_not(
    open_page: Open, site: Site
) -> None:
    own = site.page(f"{SCRIPT}{SKETCH}")
    page = open_page(own, live=False)
    seen = []
    for query in ("", "?doc=1", "?doc=2", "#/route", "", "?doc=1&utm_source=x&__sign=y"):
        page.goto("about:blank")
        page.goto(f"{own}{query}")
        wait_loaded(page, 1)
        seen.append(counts(page)[0])
        draw(page, 0)
    assert seen == [0, 0, 0, 0, 1, 1]
