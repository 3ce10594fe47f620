"""A camera by WebRTC in Chromium: glass to glass, and what goes where its network does not."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass

from playwright.sync_api import Page

from .browser import page as chromium
from .camera import DEVICES, run
from .harness import Goal, Result, command, option, summary
from .server import Server, serving

_CAMERA = "document.querySelector('livedraft-camera')"
_BLOCKED = """window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration) { super({ ...configuration, iceTransportPolicy: 'relay' }); }
};"""
_COUNT = f"""() => {{ window.shown = 0;
    {_CAMERA}.addEventListener('frame', () => shown++); }}"""


@dataclass(frozen=True, slots=True)
class Options:
    """Play a camera of 640 × 360 at 30 frames a second against the null model ``loopback``."""

    seconds: float = option(30.0, "how long the camera runs, by each way")
    warm_up: float = option(10.0, "seconds before that are not counted: browsers learn the line")


def measure(options: Options) -> Result:
    """Return glass-to-glass times by both ways, and how soon the WebSocket has what WebRTC lost."""
    result = Result("webrtc", asdict(options))
    with serving("loopback") as server:
        for transport in ("webrtc", "websocket"):
            _glass(server, transport, options, result)
        _cut_off(server, result)
        _blocked(server, result)
    p50 = result.ms["glass to glass, webrtc"]["p50"]
    p95 = result.ms["glass to glass, webrtc"]["p95"]
    result.goals += [
        Goal("glass to glass, p50", p50, 150, "ms"),
        Goal("glass to glass, p95", p95, 250, "ms"),
        Goal("UDP blocked: to the first picture", result.figures[_FIRST], 3000, "ms"),
    ]
    return result


_FIRST = "UDP blocked: to the first picture, ms"


def _glass(server: Server, transport: str, options: Options, result: Result) -> None:
    with chromium() as page:
        page.add_init_script(DEVICES)
        _open(page, server, f"transport={transport}")
        page.evaluate(f"() => watch({_CAMERA})")
        # Of sound only the pictures' times are wanted.
        page.get_by_label("Send the microphone's sound").click()
        page.get_by_role("button", name="Start", exact=True).click()
        time.sleep(options.warm_up)
        worked = server.cpu_s()
        found = run(page, 0, options.seconds, "glass.length > 0")
        result.ms[f"glass to glass, {transport}"] = summary(found["glass"])
        frames, seconds = len(found["glass"]), found["seconds"]
        result.figures[f"pictures a second, {transport}"] = frames / seconds
        result.figures[f"of a core, the server, {transport}"] = (server.cpu_s() - worked) / seconds


def _cut_off(server: Server, result: Result) -> None:
    """Have the peer end in the midst of it, and time how long no picture comes."""
    with chromium() as page:
        page.add_init_script(DEVICES)
        calls: list[str] = []
        page.on("response", lambda answer: calls.append(answer.headers.get("location", "")))
        _open(page, server, "transport=auto")
        page.wait_for_function(f"{_CAMERA}.diagnostics.transport === 'webrtc'")
        page.get_by_role("button", name="Start", exact=True).click()
        page.evaluate(_COUNT)
        page.wait_for_function("shown > 30")
        took = page.evaluate(
            f"""async (path) => {{
              const begun = performance.now();
              await fetch(path, {{ method: 'DELETE' }});
              while ({_CAMERA}.diagnostics.transport !== 'websocket') await next();
              await next();
              return performance.now() - begun;
              function next() {{
                return new Promise((done) =>
                  {_CAMERA}.addEventListener('diagnostics', done, {{ once: true }}));
              }}
            }}""",
            next(call for call in calls if "/v1/webrtc/" in call),
        )
        result.figures["WebRTC cut off: to the WebSocket, ms"] = took


def _blocked(server: Server, result: Result) -> None:
    """Let no packet through, and time the first picture from when the element connects."""
    with chromium() as page:
        page.add_init_script(f"{DEVICES};{_BLOCKED}")
        page.add_init_script(
            "addEventListener('frame', () => { window.firstAt ??= performance.now(); }, true)"
        )
        page.goto(f"{server.url}/camera?transport=auto")
        page.wait_for_selector("livedraft-camera", state="attached")
        page.evaluate(f"window.begunAt = performance.now(); {_CAMERA}.start()")
        page.wait_for_function("window.firstAt")
        result.figures[_FIRST] = page.evaluate("firstAt - begunAt")


def _open(page: Page, server: Server, query: str) -> None:
    page.goto(f"{server.url}/camera?{query}")
    page.wait_for_selector("livedraft-camera", state="attached")
    page.wait_for_function(f"{_CAMERA}?.diagnostics.state === 'open'")


if __name__ == "__main__":
    command(measure, Options)
