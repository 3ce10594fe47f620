"""`<livedraft-tryon>` before a camera, in Chromium: pictures a second, and how old each is.

The camera is a canvas on which a person sways. It paints the time into the top of its frames,
where nobody wears anything, so that it comes back untouched: it is read from what the customer
sees, by the page's clock.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import cv2
from playwright.sync_api import Page
from skimage import data

from livedraft.runtime.models.tryon.garment.catalogue import shipped

from .browser import page as chromium
from .harness import Goal, Result, command, option, summary
from .server import Server, serving

SKU = "sweatshirt-grey"  # as grey as the person's own suit is orange: whether it is worn is seen
LEAST_DRESSED = 0.5  # of the pictures; of fewer the figures would be of a mirror alone

_ELEMENT = "document.querySelector('livedraft-tryon')"
# In place of what is on a page of the server's own, which other pages' rules do not keep from it.
_SHOP = """(garments) => {
  const element = Object.assign(document.createElement("livedraft-tryon"), { garments });
  document.body.replaceChildren(element);
}"""

# As `swaying.film` moves a still, in the browser, so that each frame bears the page's time.
_CAMERA = """(picture) => {
  const SIDE = 576, BITS = 24, CELL = SIDE / BITS, STRIP = 36, EVERY_MS = 1000 / 30;
  window.seen = []; window.dressed = 0;
  const film = async () => {
    const person = new Image();
    person.src = picture;
    await person.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
    const context = canvas.getContext("2d");
    const grain = new OffscreenCanvas(SIDE + 64, SIDE + 64), dust = grain.getContext("2d");
    const noise = dust.createImageData(grain.width, grain.height);
    noise.data.forEach((_, i, all) => (all[i] = i % 4 < 3 ? Math.random() * 256 : 10));
    dust.putImageData(noise, 0, 0);
    let last = -Infinity;
    const draw = (at) => {
      requestAnimationFrame(draw);
      if (at - last < 0.9 * EVERY_MS) return;
      last = at;
      const now = Math.round(performance.now()), s = now / 1000, pi = Math.PI;
      const turn = 0.06 * Math.sin(0.7 * pi * s), grown = 1.15 * (1 + 0.05 * Math.sin(pi * s));
      const cos = Math.cos(turn) * grown, sin = Math.sin(turn) * grown;
      const x = 28 * Math.sin(0.8 * pi * s), y = 30 + 12 * Math.sin(0.6 * pi * s);
      context.setTransform(cos, sin, -sin, cos, SIDE / 2 + x, SIDE / 2 + y);
      context.drawImage(person, -SIDE / 2, -SIDE / 2, SIDE, SIDE);
      context.resetTransform();
      context.drawImage(grain, -64 * Math.random(), -64 * Math.random());
      for (let bit = 0; bit < BITS; bit++) {
        context.fillStyle = now >> bit & 1 ? "#fff" : "#000";
        context.fillRect(bit * CELL, 0, CELL, STRIP);
      }
    };
    draw(performance.now());
    return canvas.captureStream(30);
  };
  navigator.mediaDevices.getUserMedia = film;
  window.watch = (element) => {
    const canvas = element.shadowRoot.querySelector("canvas.reflection");
    const eye = new OffscreenCanvas(BITS, 2).getContext("2d", { willReadFrequently: true });
    let frames = element.diagnostics.frames;
    element.addEventListener("diagnostics", () => {
      if (element.diagnostics.frames === frames || !canvas.width) return;
      const now = performance.now(), { width, height } = canvas;
      frames = element.diagnostics.frames;
      for (let bit = 0; bit < BITS; bit++)
        eye.drawImage(canvas, (bit + 0.5) * width / BITS, 0.03 * height, 1, 1, bit, 0, 1, 1);
      eye.drawImage(canvas, 0.4 * width, 0.8 * height, 0.2 * width, 0.1 * height, 0, 1, 1, 1);
      const { data } = eye.getImageData(0, 0, BITS, 2);
      let at = 0;
      for (let bit = 0; bit < BITS; bit++) at += data[4 * bit] > 128 ? 2 ** bit : 0;
      seen.push([now, now - at]);
      const [red, , blue] = data.subarray(4 * BITS);
      if (Math.abs(red - blue) < 40) dressed++;
    });
  };
}"""


@dataclass(frozen=True, slots=True)
class Options:
    """Look into a mirror of 512 px that dresses who stands before it."""

    seconds: float = option(20.0, "that the camera is filmed")
    warm_up: float = option(5.0, "seconds before that which are not counted")
    threads: int = option(0, "that the networks may use; 0: all")


def measure(options: Options) -> Result:
    """Return the age of what the customer sees, ms, and how often it changes."""
    result = Result("tryon_camera", asdict(options))
    with serving("tryon", threads=options.threads) as server, mirror(server) as page:
        time.sleep(options.warm_up)
        worked, begun = server.cpu_s(), time.perf_counter()
        page.evaluate("() => { seen.length = 0; dressed = 0; }")
        time.sleep(options.seconds)
        page.wait_for_function("seen.length > 2")
        found = page.evaluate("() => ({ seen, dressed })")
        share = (server.cpu_s() - worked) / (time.perf_counter() - begun)
    result.figures["of a core, the server"] = share
    told(result, found)
    return result


@contextmanager
def mirror(server: Server) -> Iterator[Page]:
    """Give a page on which somebody sees herself dressed."""
    with chromium() as page:
        page.add_init_script(f"({_CAMERA})({json.dumps(_person())})")
        page.goto(f"{server.url}/camera")
        page.add_script_tag(url="/livedraft-tryon.js")
        page.evaluate(_SHOP, [_garment()])
        page.get_by_role("button", name="Use the camera as a mirror").click()
        page.get_by_role("alertdialog").locator(".primary").click()
        page.wait_for_function(f"{_ELEMENT}.diagnostics.camera === 'live'")
        page.evaluate(f"(sku) => {_ELEMENT}.wear(sku)", SKU)
        page.evaluate(f"() => watch({_ELEMENT})")
        page.wait_for_function("dressed > 2", timeout=60_000)
        yield page


def told(result: Result, found: dict[str, Any]) -> None:
    """Put into a result what was seen, [at ms, age in ms]; raise RuntimeError of nobody."""
    seen = found["seen"]
    if found["dressed"] < LEAST_DRESSED * len(seen):
        raise RuntimeError(f"{found['dressed']} of {len(seen)} pictures show somebody dressed")
    (first, _), (last, _) = seen[0], seen[-1]
    rate = 1e3 * (len(seen) - 1) / (last - first)
    ages = summary(age for _, age in seen)
    gaps = summary(later - at for (at, _), (later, _) in pairwise(seen))
    result.ms |= {"age of what is seen": ages, "from picture to picture": gaps}
    result.figures["pictures a second"] = rate
    result.figures["% of them dressed"] = 100 * found["dressed"] / len(seen)
    result.goals += [
        Goal("age of what is seen, p95", ages["p95"], 150, "ms"),
        Goal("ms a picture", 1e3 / rate, 1e3 / 15, "ms"),
    ]


def _person() -> str:
    """Return a photograph as an address of its own."""
    _, file = cv2.imencode(".jpg", data.astronaut()[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
    return "data:image/jpeg;base64," + base64.b64encode(file.tobytes()).decode()


def _garment() -> dict[str, str]:
    """Return a garment as a shop's page has it."""
    catalogue = shipped()
    entry = next(entry for entry in catalogue if entry.sku == SKU)
    picture = base64.b64encode((catalogue.folder / entry.image).read_bytes()).decode()
    told = {"sku": SKU, "title": "Sweatshirt", "category": entry.category}
    return {**told, "image": f"data:image/webp;base64,{picture}"}


if __name__ == "__main__":
    command(measure, Options)
