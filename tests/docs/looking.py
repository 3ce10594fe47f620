"""A page that a reader pasted into a file, opened from there and from a website of his own."""

from pathlib import Path

from benchmarks.browser import page as chromium
from playwright.sync_api import Page
from tests.docs.snippets import Snippet
from tests.docs.talking import talk
from tests.docs.wearing import wear
from tests.e2e.camera.film import FAKE_DEVICES, press, wait_pictures
from tests.websites import folder

INKED = """canvas => {
  const { width, height } = canvas;
  return canvas.getContext("2d").getImageData(0, 0, width, height).data.some(value => value > 0);
}"""


def look(snippet: Snippet, file: Path, server: str) -> None:
    """Open a page in both ways, use it, and see that it does what it is for.

    From a file browsers let no page read the pictures of garments.
    """
    text = file.read_text("utf-8")  # with its server's address
    look_at(file, text, from_file="tryon" not in text)


def look_at(file: Path, text: str, *, from_file: bool) -> None:
    """Open a page that says this; use it."""
    with folder(file.parent) as site:
        for address in (file.as_uri(), f"{site}/{file.name}")[not from_file :]:
            _use(address, text)


def _use(address: str, text: str) -> None:
    with chromium(more_flags=FAKE_DEVICES) as page:
        complaints: list[str] = []
        page.on(
            "console",
            lambda said: (
                complaints.append(said.text)
                if said.type == "error" and "favicon.ico" not in str(said.location)
                else None
            ),
        )
        publisher = _publish(page, text) if "/v1/whep/" in text else None
        page.goto(address)
        if "<livedraft-sketch" in text or "<LivedraftSketch" in text:
            page.wait_for_function("document.querySelector('livedraft-sketch').params.steps")
            _stroke(page, "livedraft-sketch canvas")
            page.wait_for_function("document.querySelector('livedraft-sketch').value.frame")
            if '"submit"' in text and "document.body.append" in text:
                page.get_by_role("button", name="Refine").click()
                page.locator("body > img").wait_for()
        elif "tryon" in text:
            wear(page, text)
        elif "<livedraft-head" in text:
            talk(page, text)
        elif "<livedraft-camera" in text:
            press(page, "Start")
            wait_pictures(page)
        elif "<video" in text:
            if "Start" in text:
                press(page, "Start")
            page.wait_for_function("document.querySelector('video').videoWidth > 2")
        else:
            _stroke(page, "#drawing")
            page.wait_for_function(f"({INKED})(document.getElementById('picture'))")
        if publisher is not None:
            publisher.evaluate("peer.close()")
        assert complaints == [], f"{address}: {complaints}"


PUBLISH = """async (url) => {
  const stream = await navigator.mediaDevices.getUserMedia({ video: true });
  const peer = window.peer = new RTCPeerConnection();
  for (const track of stream.getTracks()) peer.addTransceiver(track, { direction: "sendonly" });
  await peer.setLocalDescription();
  const headers = { "Content-Type": "application/sdp" };
  let answer;
  do {  // until the page that was opened before has left the name
    answer = await fetch(url, { method: "POST", headers, body: peer.localDescription.sdp });
  } while (answer.status === 409);
  await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
}"""


def _publish(page: Page, text: str) -> Page:
    """Publish, from a page beside, the stream that a page views."""
    server = text.partition('server = "')[2].partition('"')[0]
    assert page.context.browser is not None, "it was launched here"
    beside = page.context.browser.new_page()
    beside.goto(f"{server}/camera")  # getUserMedia wants a page with an address
    beside.evaluate(PUBLISH, f"{server}/v1/whip/stage?model=loopback")
    return beside


def _stroke(page: Page, canvas: str) -> None:
    box = page.locator(canvas).first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.6 * box["height"], steps=8)
    page.mouse.up()
