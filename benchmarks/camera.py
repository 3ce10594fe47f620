"""Camera, microphone and metronome in Chromium: rate, glass to glass, and sound beside pictures.

The camera is a canvas that paints the time into its frames, the microphone a click a second: what
comes back is read from the result's canvas and from what goes to the speakers, by the page's clock.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

from playwright.sync_api import Page

from .browser import page as chromium
from .harness import Goal, Result, command, option, summary
from .server import Server, serving

NEAR_MS = 500  # between a flash and the click of the same beat
LATEST_MS = 950  # between a click and its return, before the next could be taken for it

DEVICES = """(() => {
  const W = 640, H = 360, BITS = 20, CELL = W / BITS;
  window.made = []; window.heard = []; window.glass = []; window.flashes = []; window.painted = 0;
  window.up = []; window.down = [];  // bytes of each message
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => down.push(data.byteLength));
    }
    send(data) {
      up.push(data.byteLength);
      super.send(data);
    }
  };
  // What a camera sees: soft shapes that drift, and its grain.
  const scene = (w, h, scale, alpha) => {
    const small = new OffscreenCanvas(w, h), eye = small.getContext("2d");
    const noise = eye.createImageData(w, h);
    noise.data.forEach((_, i, all) => (all[i] = i % 4 < 3 ? Math.random() * 256 : 255 * alpha));
    eye.putImageData(noise, 0, 0);
    const large = new OffscreenCanvas(w * scale, h * scale), brush = large.getContext("2d");
    brush.imageSmoothingQuality = "high";
    brush.drawImage(small, 0, 0, w * scale, h * scale);
    return large;
  };
  const shapes = scene(30, 12, 36, 1), grain = scene(W + 64, H + 64, 1, 0.04);
  // Stands in for a camera: each frame carries the ms at which it was painted, in black and white.
  const film = () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: W, height: H });
    const context = canvas.getContext("2d");
    const draw = () => {
      const now = Math.round(performance.now());
      context.drawImage(shapes, -(now / 20 % 400), 0);
      context.drawImage(grain, -64 * Math.random(), -64 * Math.random());
      for (let bit = 0; bit < BITS; bit++) {
        context.fillStyle = now >> bit & 1 ? "#fff" : "#000";
        context.fillRect(bit * CELL, 0, CELL, CELL);
      }
      requestAnimationFrame(draw);
    };
    draw();
    return canvas.captureStream(30);
  };
  const onPage = (context, at) => {
    const { contextTime, performanceTime } = context.getOutputTimestamp();
    return performanceTime + (at - contextTime) * 1000;
  };
  // Stands in for a microphone: a click a second, at a time that is known.
  const speak = async () => {
    const context = new AudioContext(), out = context.createMediaStreamDestination();
    await context.resume();
    const second = context.createBuffer(1, context.sampleRate, context.sampleRate);
    second.getChannelData(0).forEach((_, i, all) => (all[i] = i < 240 ? Math.sin(i / 4) : 0));
    const source = new AudioBufferSourceNode(context, { buffer: second, loop: true });
    source.connect(out);
    const start = context.currentTime + 0.1;
    source.start(start);
    let beats = 0;
    setInterval(() => {
      for (; start + beats < context.currentTime; beats++) {
        // When it is rendered into the stream, not when this context's own output would be heard.
        made.push(performance.now() - (context.currentTime - start - beats) * 1000);
      }
    }, 100);
    return out.stream;
  };
  navigator.mediaDevices.getUserMedia = async ({ video }) => (video ? film() : speak());
  // Listens to what goes to the speakers.
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (to, ...more) {
    if (to instanceof AudioDestinationNode) listen(this);
    return connect.call(this, to, ...more);
  };
  const listen = (node) => {
    const { context } = node, ear = context.createAnalyser();
    ear.fftSize = 8192;
    window.output = context;
    connect.call(node, ear);
    const samples = new Float32Array(ear.fftSize);
    let last = -1;
    const look = () => {
      ear.getFloatTimeDomainData(samples);
      const end = context.currentTime;
      let quiet = 0;
      for (let i = 0; i < samples.length; i++) {
        if (Math.abs(samples[i]) < 0.05) quiet++;
        else {
          const at = end - (samples.length - i) / context.sampleRate;
          if (quiet > 0.02 * context.sampleRate && at > last + 0.15) {
            last = at;
            heard.push(onPage(context, at));
          }
          quiet = 0;
        }
      }
      setTimeout(look, 50);
    };
    look();
  };
  window.watch = (element) => {
    const canvas = element.shadowRoot.querySelector("canvas.picture");
    const eye = new OffscreenCanvas(W, 1).getContext("2d", { willReadFrequently: true });
    let bright = false;
    element.addEventListener("frame", () => {
      const now = performance.now();
      painted++;
      eye.drawImage(canvas, 0, canvas.height * 0.04, canvas.width, 1, 0, 0, W, 1);
      const { data } = eye.getImageData(0, 0, W, 1);
      const lit = (x) => data[4 * Math.round(x)] > 128;
      let at = 0;
      for (let bit = 0; bit < BITS; bit++) at += lit((bit + 0.5) * CELL) ? 2 ** bit : 0;
      glass.push(now - at);
      if (lit(W / 2) && !bright) flashes.push(now);
      bright = lit(W / 2);
    });
  };
})()"""


@dataclass(frozen=True, slots=True)
class Options:
    """Play camera, microphone and metronome against the null models, in turn."""

    seconds: float = option(30.0, "how long the camera runs, alone and with the microphone")
    metronome_seconds: float = option(120.0, "how long the metronome runs")
    codec: str = option("jpeg", "of the pictures, both ways: jpeg, webp, vp8 or h264")
    warm_up: float = option(5.0, "seconds before each of them that are not counted")
    soak_minutes: float = option(0.0, "how long the camera runs on, to see what grows; 0: not")


def measure(options: Options) -> Result:
    """Return rate, glass-to-glass time, the sound's round trip, and offsets from the sound."""
    result = Result("camera", asdict(options))
    with serving("loopback") as server, chromium() as page:
        _open(page, server, options.codec)
        _camera(page, server, options, result)
        _sound(page, options, result)
        if options.soak_minutes:
            _soak(page, server, options, result)
    with serving("metronome") as server, chromium() as page:
        _open(page, server, options.codec)
        _metronome(page, options, result)
    return result


def _open(page: Page, server: Server, codec: str) -> None:
    page.add_init_script(DEVICES)
    page.goto(f"{server.url}/camera?transport=websocket")
    page.wait_for_selector("livedraft-camera", state="attached")
    page.evaluate("(codec) => document.querySelector('livedraft-camera').codec = codec", codec)
    page.wait_for_function(
        "document.querySelector('livedraft-camera')?.diagnostics.state === 'open'"
    )
    page.evaluate("() => watch(document.querySelector('livedraft-camera'))")


def _camera(page: Page, server: Server, options: Options, result: Result) -> None:
    """Measure the pictures without any sound that they would wait for."""
    page.get_by_label("Send the microphone's sound").click()
    page.get_by_role("button", name="Start", exact=True).click()
    time.sleep(options.warm_up)
    worked = server.cpu_s()
    found = run(page, 0, options.seconds, "glass.length > 0")
    glass, seconds = found["glass"], found["seconds"]
    result.figures["of a core, the server"] = (server.cpu_s() - worked) / seconds
    result.figures["kB a second, up"] = sum(found["up"]) / seconds / 1e3
    result.figures["kB a second, down"] = sum(found["down"]) / seconds / 1e3
    result.ms["glass to glass"] = summary(glass)
    result.figures["pictures a second"] = len(glass) / seconds
    result.goals += [
        Goal("glass to glass, p50", result.ms["glass to glass"]["p50"], 150, "ms"),
        Goal("ms a picture", 1000 * seconds / len(glass), 40, "ms"),  # 25 a second
    ]


def _sound(page: Page, options: Options, result: Result) -> None:
    """Measure both, the pictures in step with the sound."""
    page.get_by_label("Send the microphone's sound").click()
    found = run(page, options.warm_up, options.seconds, "made.length > 2 && heard.length > 2")
    trips = _pairs(found["made"], found["heard"])
    result.ms["microphone to speaker"] = summary(trips)
    latency = "() => 1000 * (output.currentTime - output.getOutputTimestamp().contextTime)"
    result.figures["of the browser's own output, ms"] = page.evaluate(latency)
    result.ms["glass to glass, beside sound"] = summary(found["glass"])
    result.figures["pictures a second, beside sound"] = len(found["glass"]) / found["seconds"]
    goal = Goal("microphone to speaker, p50", summary(trips)["p50"], 200, "ms")
    result.goals.append(goal)


def _metronome(page: Page, options: Options, result: Result) -> None:
    """Measure how far a flash is from its click, as they are shown and heard."""
    page.get_by_role("button", name="Start", exact=True).click()
    wanted = "flashes.length > 2 && heard.length > 2"
    found = run(page, options.warm_up, options.metronome_seconds, wanted)
    offsets = [
        min((flash - click for flash in found["flashes"]), key=abs)
        for click in found["heard"]
        if any(abs(flash - click) < NEAR_MS for flash in found["flashes"])
    ]
    result.ms["flash and click apart"] = summary(map(abs, offsets))
    third = max(1, len(offsets) // 3)
    first, last = (summary(part)["p50"] for part in (offsets[:third], offsets[-third:]))
    result.figures["flash after click, first third, ms"] = first
    result.figures["flash after click, last third, ms"] = last
    worst = summary(map(abs, offsets))["p95"]
    result.goals.append(Goal("flash and click apart, p95", worst, 40, "ms"))


def _soak(page: Page, server: Server, options: Options, result: Result) -> None:
    """Let it run, and see what the page and the server hold once a minute."""
    held: list[tuple[float, float]] = []
    browser = page.context.new_cdp_session(page)
    looks = max(3, round(options.soak_minutes))
    for _ in range(looks):
        run(page, 0, options.soak_minutes * 60 / looks, "glass.length > 0")
        browser.send("HeapProfiler.collectGarbage")
        used = browser.send("Runtime.getHeapUsage")["usedSize"]
        held.append((used / 2**20, server.rss_mib()))
    for name, at in (("page", 0), ("server", 1)):
        settled = held[len(held) // 3]
        result.figures[f"{name} MiB, after a third"] = settled[at]
        result.figures[f"{name} MiB, at the end"] = held[-1][at]


def run(page: Page, warm_up: float, seconds: float, enough: str) -> dict[str, Any]:
    """Let it settle; return what was seen and heard in so many seconds, or until it is enough."""
    time.sleep(warm_up)
    names = "{ made, heard, glass, flashes, up, down }"
    page.evaluate(f"() => {{ for (const all of Object.values({names})) all.length = 0; }}")
    start = time.perf_counter()
    time.sleep(seconds)
    page.wait_for_function(f"() => {enough}")
    found: dict[str, Any] = page.evaluate(f"() => ({names})")
    return found | {"seconds": time.perf_counter() - start}


def _pairs(made: list[float], heard: list[float]) -> list[float]:
    """Return how long each click took to be heard, ms."""
    later = ([at - click for at in heard if 0 <= at - click < LATEST_MS] for click in made)
    return [min(each) for each in later if each]


if __name__ == "__main__":
    command(measure, Options)
