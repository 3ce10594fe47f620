"""The components and the hook in Chromium, in React's development build and its StrictMode."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.e2e.sheet import LINE, PICTURE, stroke, wait_dark
from tests.sdk.npm.conftest import MODULES, ROOT
from tests.websites import folder

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

HERE = Path(__file__).parent
REACTS = {"19": MODULES, "18": ROOT / "tests/peers/node_modules"}
# Counts the sockets that a page opens, and those that are open.
SOCKETS = """window.sockets = []; window.WebSocket = class extends WebSocket {
    constructor(...given) { super(...given); sockets.push(this); } };"""
SERVER = """
import { createElement, StrictMode } from "react";
import { renderToString } from "react-dom/server";
import { App } from "./app.jsx";
console.log(renderToString(createElement(StrictMode, null, createElement(App, PROPS))));
"""


class Site:
    """A website with an app on one of the two Reacts."""

    def __init__(self, project: Path, version: str, url: str, server: str) -> None:
        self.project, self.version, self.url, self.server = project, version, url, server

    def build(self, entry: str, *flags: str) -> bytes:
        """Return a bundle of a program of the app."""
        alias = [f"--alias:{name}={REACTS[self.version] / name}" for name in ("react", "react-dom")]
        alias.append(f"--alias:scheduler={REACTS[self.version] / 'scheduler'}")
        esbuild = [str(MODULES / ".bin/esbuild"), "--bundle", "--loader=jsx", "--jsx=automatic"]
        return subprocess.run(
            [*esbuild, '--define:process.env.NODE_ENV="development"', *alias, *flags],
            input=entry.encode(),
            cwd=self.project,
            check=True,
            capture_output=True,
        ).stdout

    def write(self, props: dict[str, Any], rendered: str = "") -> None:
        """Write a page that shows the app with these props, into what a server rendered."""
        entry = f'import {{ start }} from "./app.jsx"; start({json.dumps(props)})'
        (self.project / "site/app.js").write_bytes(self.build(entry))
        (self.project / "site/index.html").write_text(
            f'<!doctype html><link rel="icon" href="data:,"><div id="root">{rendered}</div>'
            '<script src="app.js"></script>'
        )

    def render(self, props: dict[str, Any]) -> str:
        """Return the HTML that a server in Node makes of the app."""
        entry = SERVER.replace("PROPS", json.dumps(props))
        built = self.build(entry, "--platform=node", "--format=cjs")
        ran = subprocess.run(["node"], input=built, capture_output=True, check=True)
        assert ran.stderr == b""
        return ran.stdout.decode().strip()


@pytest.fixture(scope="module", params=REACTS)
def site(request: pytest.FixtureRequest, project: Path) -> Iterator[Site]:
    (project / "site").mkdir(exist_ok=True)
    (project / "app.jsx").write_text((HERE / "app.jsx").read_text())
    with folder(project / "site") as url:
        config = Config(models=("echo", "ink"), port=0, origins=(url,))
        with Thread(config) as server:
            yield Site(project, request.param, url, server.url)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    faults: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.add_init_script(SOCKETS)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda said: faults.append(said.text) if said.type in ("error", "warning") else None,
    )
    yield page
    context.close()
    assert faults == []


def opened(page: Page) -> tuple[int, int]:
    """Return how many sockets there were, and how many there are."""
    all_, still = page.evaluate(
        "[sockets.length, sockets.filter((each) => each.readyState < 2).length]"
    )
    return all_, still


def test_a_sketch_in_strict_mode_has_one_session_and_draws(site: Site, page: Page) -> None:
    site.write({"url": site.server, "model": "echo", "heard": "first", "className": "wide"})
    page.goto(site.url)
    page.locator(".pill[data-state=open]").wait_for()
    assert opened(page) == (1, 1)
    assert page.evaluate("element.className") == "wide"
    assert page.evaluate("heard.map(([, name]) => name)") == ["ready"], "and each event once"
    stroke(page, *LINE)
    wait_dark(page, PICTURE, 0.5, 0.5)
    page.wait_for_function("heard.at(-1)[1] === 'change'")
    page.evaluate(f"show({{ url: '{site.server}', model: 'echo', heard: 'second' }})")
    page.wait_for_function("element.className === ''")
    page.evaluate("element.clear()")
    page.wait_for_function("heard.some(([who, name]) => who === 'second' && name === 'clear')")
    assert opened(page) == (1, 1), "another render is no other session"
    page.evaluate("mount(false)")
    page.wait_for_function("element === null && sockets.every((each) => each.readyState >= 2)")


def test_props_change_what_the_element_says(site: Site, page: Page) -> None:
    url = site.server
    first: dict[str, Any] = {
        "url": url,
        "model": "ink",
        "prompt": "a fox",
        "palette": ["#e5484d", "#3b82f6"],
    }
    first |= {"seed": 7, "locked": True, "params": {"steps": 2}, "pictureStyle": "flat"}
    hill = {"name": "hill", "prompt": "a hill", "strokes": [{"points": [[0.2, 0.5], [0.8, 0.5]]}]}
    site.write(first | {"examples": [hill], "brush": {"size": 0.1}, "heard": ""})
    page.goto(site.url)
    page.locator(".pill[data-state=open]").wait_for()
    page.get_by_role("button", name="Draw hill").wait_for()
    params = page.evaluate("element.params")
    assert (params["prompt"], params["seed"], params["steps"]) == ("a fox", 7, 2)
    assert (params["palette"], params["style"]) == (["#e5484d", "#3b82f6"], "flat")
    assert page.evaluate("element.brush.size") == 0.1
    assert page.evaluate("element.locked") is True
    changed = json.dumps({"url": url, "model": "ink", "prompt": "a hen", "params": {"steps": 3}})
    page.evaluate(f"show({changed})")
    page.wait_for_function("element.params.steps === 3 && element.params.prompt === 'a hen'")
    assert page.evaluate("[element.locked, element.getAttribute('palette')]") == [False, None]
    page.evaluate(f"show({json.dumps({'url': url, 'model': 'ink'})})")
    page.wait_for_function("!element.hasAttribute('params') && !element.hasAttribute('prompt')")
    assert page.evaluate("element.params.steps") != 3
    assert opened(page) == (1, 1)


def test_what_a_server_rendered_goes_on_in_the_page(site: Site, page: Page) -> None:
    props: dict[str, Any] = {
        "url": site.server,
        "model": "echo",
        "prompt": 'a "fox" & more',
        "params": {"a": 1},
    }
    props |= {"palette": ["#fff"], "locked": True, "required": False, "heard": ""}
    html = site.render(props)
    assert html.startswith("<livedraft-sketch ")
    assert 'prompt="a &quot;fox&quot; &amp; more"' in html
    assert 'params="{&quot;a&quot;:1}"' in html
    assert ('locked=""' in html, "required" in html) == (True, False)
    site.write(props, html)
    page.goto(site.url)
    page.locator(".pill[data-state=open]").wait_for()
    page.wait_for_function("element?.params.prompt.includes('fox')")
    assert opened(page) == (1, 1)


@pytest.mark.parametrize("what", ["camera", "head", "tryon"])
def test_the_other_elements_are_rendered_and_mounted(site: Site, page: Page, what: str) -> None:
    props = {"what": what, "url": site.server, "model": "echo", "theme": "dark"}
    html = site.render(props)
    assert html.startswith(f"<livedraft-{what} ")
    site.write(props, html)
    page.goto(site.url)
    element = page.locator(f"livedraft-{what}")
    page.wait_for_function(f"document.querySelector('livedraft-{what}').diagnostics")
    assert element.get_attribute("theme") == "dark"
    page.evaluate("mount(false)")
    page.wait_for_function("sockets.every((each) => each.readyState >= 2)")
    assert opened(page)[0] <= 1, "try-on opens its own when a customer begins"


def test_the_hook_has_one_session_and_shows_its_frames(site: Site, page: Page) -> None:
    site.write({"what": "hook", "url": site.server, "params": {"prompt": "a fox"}})
    page.goto(site.url)
    page.wait_for_function("window.session?.state === 'open'")
    assert page.locator("figcaption").text_content() == "open"
    assert opened(page) == (1, 1)
    page.evaluate("""() => {
        const drawing = new OffscreenCanvas(64, 64), pen = drawing.getContext('2d');
        pen.fillRect(0, 0, 64, 64);
        session.send({ image: drawing }); }""")
    page.wait_for_function("heard.length > 0")
    wait_dark(page, "document.getElementById('picture')", 0.5, 0.5)
    params = json.dumps({"url": site.server, "params": {"prompt": "a hen"}})
    page.evaluate(f"show({params})")
    page.wait_for_function("session.params.prompt === 'a hen'")
    assert opened(page) == (1, 1)
    page.evaluate("mount(false)")
    page.wait_for_function("sockets.every((each) => each.readyState >= 2)")


def test_the_hook_sends_canvases_of_any_kind_and_says_nothing_of_reading_them(
    site: Site, page: Page
) -> None:
    """Chromium warns where a canvas on the GPU is read from, and WebGL's has no other context."""
    site.write({"what": "hook", "url": site.server, "model": "ink", "params": {"prompt": "a fox"}})
    page.goto(site.url)
    page.wait_for_function("window.session?.state === 'open'")
    for kind in ("2d", "2d", "bitmaprenderer"):
        before = page.evaluate("heard.length")
        page.evaluate(
            """async (kind) => {
            const drawing = document.createElement('canvas'), size = { width: 256, height: 256 };
            const { width, height } = Object.assign(drawing, size);
            const bits = new OffscreenCanvas(width, height);
            bits.getContext('2d').fillRect(40, 40, 90, 20);
            const context = drawing.getContext(kind), made = bits.transferToImageBitmap();
            kind === '2d' ? context.drawImage(made, 0, 0) : context.transferFromImageBitmap(made);
            for (const _ of [1, 2, 3]) {
              session.send({ sketch: drawing });
              await new Promise((done) => requestAnimationFrame(done));
            } }""",
            kind,
        )
        page.wait_for_function(f"heard.length > {before} && session.allSent")
    assert page.locator("figcaption").text_content() in ("open", "generating")


def test_the_hook_tells_what_goes_wrong(site: Site, page: Page) -> None:
    site.write({"what": "hook", "url": site.server, "model": "nothing"})
    page.goto(site.url)
    page.get_by_text("model_not_found").wait_for()
    html = site.render({"what": "hook", "url": site.server})
    assert "<figcaption>idle</figcaption>" in html
