"""A camera restyled in Chromium, idle and beside four busy loops, and a clip from the command line.

The camera is Chromium's fake device, which plays a film of a portrait and noise that moves. How old
a picture is when it is painted is told by the times of the media; their beginning, by the median
that the element itself measures from the capture on.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import av
import cv2
import numpy as np
from playwright.sync_api import Page
from skimage import data

from livedraft import restyle

from .browser import page as chromium
from .harness import Goal, Result, command, option, summary
from .server import Server, serving

FPS = 30
LOOPS = 4
_FEW = 60  # pictures, over which the element reckons its median
_WATCH = """() => {
  window.seen = [];
  const element = document.querySelector("livedraft-camera");
  element.addEventListener("frame", ({ detail }) =>
    seen.push([performance.now(), detail.pts / 1000]));
}"""
_STATS = "document.querySelector('livedraft-camera').diagnostics.stats"


@dataclass(frozen=True, slots=True)
class Options:
    """Restyle a camera for a while, idle and busy, and a clip."""

    seconds: float = option(30.0, "how long the camera runs, idle and busy each")
    warm_up: float = option(8.0, "seconds before each of them that are not counted")
    style: str = option("pastel", "one of the model's")
    clip_seconds: float = option(20.0, "how long the clip is")
    wide: int = option(512, "pixels of the camera's and the clip's pictures")
    high: int = option(288, "the same")


def measure(options: Options) -> Result:
    """Return pictures a second in the page, how old they are, and what a clip takes."""
    result = Result("restyle", asdict(options))
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "camera.mjpeg"
        _film(film, "mjpeg", "yuvj420p", round(4 * FPS), options)
        flags = [
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        ]
        with serving("restyle") as server, chromium(more_flags=flags) as page:
            _open(page, server, options.style)
            _camera(page, server, options, result, "")
            with _busy():
                _camera(page, server, options, result, ", busy")
        _clip(Path(folder), options, result)
    return result


def _open(page: Page, server: Server, style: str) -> None:
    page.goto(f"{server.url}/camera?transport=websocket")
    page.wait_for_function(
        "document.querySelector('livedraft-camera')?.diagnostics.state === 'open'"
    )
    page.evaluate(
        "(style) => (document.querySelector('livedraft-camera').params = { style })", style
    )
    page.evaluate(_WATCH)
    page.get_by_role("button", name="Start", exact=True).click()


def _camera(page: Page, server: Server, options: Options, result: Result, how: str) -> None:
    page.wait_for_function("seen.length > 30")
    time.sleep(options.warm_up)
    page.evaluate("seen.length = 0")
    worked, began = server.cpu_s(), time.perf_counter()
    time.sleep(options.seconds)
    found: dict[str, Any] = page.evaluate(f"() => ({{ seen, stats: {_STATS} }})")
    seconds = time.perf_counter() - began
    worked = server.cpu_s() - worked
    late = [now - pts for now, pts in found["seen"]]
    begins = median(late[-_FEW:]) - found["stats"]["roundTripMs"]
    ages = summary(each - begins for each in late)
    rate = len(late) / seconds
    result.ms[f"camera to picture{how}"] = ages
    result.figures[f"pictures a second{how}"] = rate
    result.figures[f"processor of the server, ms a picture{how}"] = 1e3 * worked / len(late)
    least = 15 if how else 24
    result.goals.append(Goal(f"ms a picture{how}", 1e3 / rate, 1e3 / least, "ms"))
    if not how:
        result.goals += [
            Goal("camera to picture, p95", ages["p95"], 120, "ms"),
            Goal("processor a picture", 1e3 * worked / len(late), 65, "ms"),
        ]


def _clip(folder: Path, options: Options, result: Result) -> None:
    clip = folder / "clip.mp4"
    _film(clip, "libx264", "yuv420p", round(options.clip_seconds * FPS), options)
    began = time.perf_counter()
    made = restyle(clip, folder / "out.mp4", style=options.style)
    took = time.perf_counter() - began
    result.figures["of a clip's own time"] = took / (made.duration / 1e6)
    result.goals.append(Goal("a clip, of its own time", took / (made.duration / 1e6), 1, ""))


def _film(path: Path, codec: str, form: str, frames: int, options: Options) -> None:
    """Write a portrait that sways, with a camera's noise."""
    rng = np.random.default_rng(0)
    wide, high = options.wide, options.high
    noise = rng.normal(0, 3, (8, high, wide, 3))
    scene = cv2.resize(data.astronaut(), (wide + 128, max(wide, high) + 128))
    with av.open(str(path), "w", format="mjpeg" if codec == "mjpeg" else None) as file:
        stream = file.add_stream(codec, rate=FPS)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = wide, high, form
        for number in range(frames):
            turn = 2 * np.pi * number / (4 * FPS)
            x, y = round(64 + 60 * np.sin(turn)), round(30 + 20 * np.cos(turn))
            seen = scene[y : y + high, x : x + wide] + noise[number % 8]
            pixels = np.clip(seen, 0, 255).astype(np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        file.mux(stream.encode())


@contextmanager
def _busy() -> Iterator[None]:
    """Have loops run beside, as many as a busy machine has."""
    with ExitStack() as stack:
        for _ in range(LOOPS):
            loop = stack.enter_context(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
            stack.callback(loop.kill)
        yield


if __name__ == "__main__":
    command(measure, Options)
