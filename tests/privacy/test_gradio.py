"""A visitor's photograph in a Gradio app: Gradio never has it, nor its cache, nor the browser's."""

from __future__ import annotations

import base64
import signal
import sys
from pathlib import Path

from playwright.sync_api import Page, Request, WebSocket, sync_playwright
from tests.offline.marks import NEEDS_SECCOMP
from tests.offline.watching import Watched, address, environment, watched
from tests.privacy.photo import CANARY, Traces, photograph

pytestmark = NEEDS_SECCOMP

HERE = Path(__file__).parent
PHOTO = photograph(900, 1200)
TRACES = Traces(PHOTO)
ELEMENT = 'document.querySelector("livedraft-tryon")'
KEPT_BY_THE_BROWSER = """async () => JSON.stringify([
  {...localStorage}, {...sessionStorage}, document.cookie,
  await caches.keys(), (await indexedDB.databases()).map(({name}) => name),
])"""


class Listened:
    """All that a page sends, and where to."""

    def __init__(self, page: Page) -> None:
        self.sent: list[bytes] = []  # by HTTP
        self.messages: list[bytes] = []  # over sockets
        self.asked: set[str] = set()
        page.on("request", self._request)
        page.on("websocket", self._socket)

    def _request(self, request: Request) -> None:
        self.asked.add(request.url)
        self.sent.append(request.post_data_buffer or b"")

    def _socket(self, socket: WebSocket) -> None:
        self.asked.add(socket.url)
        socket.on(
            "framesent",
            lambda data: self.messages.append(data if isinstance(data, bytes) else data.encode()),
        )


def told(text: str) -> str:
    """Return an expression: whether a field shows a text."""
    return f"[...document.querySelectorAll('textarea')].some(({{value}}) => value === '{text}')"


def try_on(page: Page, url: str) -> str:
    """Choose a photo and a garment, put it into the cart, be forgotten; return what is kept."""
    page.goto(url)
    page.wait_for_function(f"{ELEMENT}?.garments?.length === 2")
    encoded = base64.b64encode(PHOTO).decode()
    page.evaluate(
        f"""async (encoded) => {{
          const el = {ELEMENT};
          const bytes = Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0));
          el.wear("tee-1");
          void el.open(new Blob([bytes], {{type: "image/jpeg"}}));
        }}""",
        encoded,
    )
    page.locator("livedraft-tryon [part=notice] button.primary").click()
    page.wait_for_function(told("worn: tee-1"))
    page.get_by_role("button", name="Blue").click()
    page.wait_for_function(told("worn: tee-2"))
    page.locator("livedraft-tryon [part=cart] button.primary").click()
    page.wait_for_function(told("cart: tee-2"))
    kept: str = page.evaluate(KEPT_BY_THE_BROWSER)
    page.evaluate(f"{ELEMENT}.forget()")
    assert page.evaluate(f"{ELEMENT}.diagnostics.photo") is None
    page.reload()
    page.wait_for_function(f"{ELEMENT}?.garments?.length === 2")
    assert page.evaluate(f"{ELEMENT}.diagnostics.photo") is None, "nothing brings it back"
    return kept + str(page.evaluate(KEPT_BY_THE_BROWSER))


def test_gradio_is_told_what_is_worn_and_never_sees_who_wears_it(
    tmp_path: Path, chromium_path: str | None, chromium_args: list[str]
) -> None:
    env = environment(tmp_path, tmp_path)
    env["PYTHONPATH"] += f":{HERE / 'models'}"
    with watched([sys.executable, str(HERE / "shop.py")], tmp_path, env) as seen:
        url = address(seen)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path, args=chromium_args)
            page = browser.new_page()
            page.set_default_timeout(20_000)
            listened = Listened(page)
            kept = try_on(page, url)
            browser.close()
        said = ended(seen)
    assert "TryOnValue(skus=('tee-1',)" in said, "the function was called"
    assert TRACES.found_in(said.encode()) == set()
    assert TRACES.found_below(tmp_path) == {}
    assert TRACES.found_in(kept.encode()) == set()
    assert TRACES.found_in(b"\n".join(listened.sent)) == set(), "nothing by HTTP"
    assert any("a picture of it" in TRACES.found_in(each) for each in listened.messages)
    assert CANARY.encode() not in b"\n".join(listened.messages), "a photo's EXIF stays in the page"
    host = url.removeprefix("http://")
    assert all(host in each or each.startswith(("data:", "blob:")) for each in listened.asked)
    assert seen.reached == []


def ended(seen: Watched) -> str:
    """Stop the app; return what it said."""
    seen.process.send_signal(signal.SIGINT)
    return seen.process.communicate(timeout=60)[0]
