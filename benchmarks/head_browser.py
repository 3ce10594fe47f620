"""`<livedraft-head>` in Chromium: picture against sound as it plays them, and how it falls silent.

The element records itself, as its users may; the film is judged by ``lip_sync``. What is told of
an interruption is by the page's clock: it looks at its canvas and at what the speaker is given
before each paint; lips are found in what it saw by FaceMesh.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page
from training.head.evaluate.meter import Lips

from .browser import page as chromium
from .harness import Goal, Result, command, option, summary
from .lip_sync import PARTED, Lines, apart_ms, decoded, lines, read
from .server import Server, serving
from .speaking import made, portrait, spoken
from .talking import RATE, Sound

INJECTED_MS = 80.0
_RESTING = 10  # looks, at the end, that show the lips at rest
_QUIET = 0.02  # of how loud it was
_FLAGS = ["--autoplay-policy=no-user-gesture-required"]

_PAGE = """([portrait]) => {
  // What goes to the speaker is looked at, too: as loud as it is in the last 10 ms.
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (to, ...more) {
    if (to instanceof AudioDestinationNode) {
      window.ear ??= new AnalyserNode(this.context, { fftSize: 512, smoothingTimeConstant: 0 });
      connect.call(this, window.ear);
    }
    return connect.call(this, to, ...more);
  };
  const head = document.createElement("livedraft-head");
  head.setAttribute("portrait", portrait);
  head.setAttribute("consent", "");
  document.body.replaceChildren(head);
  window.head = head;
  window.say = async (text, rate) => {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    await head.pushAudio(new Int16Array(bytes.buffer), rate);
  };
  window.film = async () => {
    const file = await head.stop();
    const bytes = new Uint8Array(await file.arrayBuffer());
    let text = "";
    for (let at = 0; at < bytes.length; at += 32768)
      text += String.fromCharCode(...bytes.subarray(at, at + 32768));
    return btoa(text);
  };
  // How loud it is and how the face looks, from now on, before each paint.
  window.watch = () => {
    const canvas = head.shadowRoot.querySelector("canvas");
    const small = Object.assign(document.createElement("canvas"), { width: 256, height: 256 });
    const eye = small.getContext("2d", { willReadFrequently: true });
    const samples = new Float32Array(512);
    window.seen = [];
    const look = () => {
      eye.drawImage(canvas, 0, 0, 256, 256);
      window.ear?.getFloatTimeDomainData(samples);
      const loud = Math.sqrt(samples.reduce((sum, s) => sum + s * s, 0) / samples.length);
      seen.push([performance.now(), loud, small.toDataURL("image/jpeg", 0.9).split(",")[1]]);
      if (window.watching) requestAnimationFrame(look);
    };
    window.watching = true;
    requestAnimationFrame(look);
  };
}"""


# In the middle of a vowel, so that there is something to fall silent.
_INTERRUPT = """() => new Promise((done) => {
  const end = performance.now() + 10000;
  const loud = () => {
    if (seen.at(-1)[1] < 0.1 && performance.now() < end) return requestAnimationFrame(loud);
    const now = performance.now();
    head.interrupt();
    done(now);
  };
  loud();
})"""


@dataclass(frozen=True, slots=True)
class Options:
    """Have a photograph of 512 px speak in a page, and look and listen."""

    films: int = option(3, "that are recorded, one after the other; 0: none")
    interruptions: int = option(8, "of speech, each in another syllable")
    minutes: float = option(0.0, "after which it is filmed again in the same session, for drift")


def measure(options: Options) -> Result:
    """Return how far pictures are from their sound, ms, and how long an interruption takes."""
    result = Result("head_browser", asdict(options))
    sound = spoken()
    lips = Lips()
    truth = lines(made(sound), sound, lips)
    with serving("head") as server, head(server) as page:
        apart = [_filmed(page, sound, truth, lips) for _ in range(options.films)]
        told = [
            _interrupted(page, sound, lips, 0.9 + 0.07 * number)
            for number in range(options.interruptions)
        ]
        if options.minutes and apart:
            time.sleep(60 * options.minutes)
            later = [_filmed(page, sound, truth, lips) for _ in range(options.films)]
            drift = float(np.median(later) - np.median(apart))
            result.figures[f"drift in {options.minutes:g} minutes, ms"] = drift
            apart += later
    injected = apart_ms(truth.later(INJECTED_MS / 1e3), truth, len(sound) / RATE)
    if apart:
        result.figures["picture late against sound, ms: the least"] = min(apart)
        result.figures["picture late against sound, ms: the most"] = max(apart)
        furthest = max(map(abs, apart))
        result.goals.append(Goal("picture against sound in Chromium, furthest", furthest, 40, "ms"))
    result.figures[f"what the meter reads of {INJECTED_MS:g} ms"] = injected
    shut_ms = summary(shut for shut, _ in told)
    silent_ms = summary(silent for _, silent in told)
    result.ms["interrupt to closed lips, in the page"] = shut_ms
    result.ms["interrupt to silence, in the page"] = silent_ms
    result.goals += [
        Goal(f"interrupt to {what} in Chromium, p95", row["p95"], 100, "ms")
        for what, row in (("closed lips", shut_ms), ("silence", silent_ms))
    ]
    return result


@contextmanager
def head(server: Server) -> Iterator[Page]:
    """Give a page with a head that is there."""
    with chromium(more_flags=_FLAGS) as page:
        page.goto(f"{server.url}/camera")
        page.add_script_tag(url="/livedraft-head.js")
        picture = "data:image/jpeg;base64," + base64.b64encode(portrait()).decode()
        page.evaluate(_PAGE, [picture])
        page.wait_for_function("head.diagnostics.frames > 75", timeout=60_000)
        yield page


def _filmed(page: Page, sound: Sound, truth: Lines, lips: Lips) -> float:
    """Record some speech; return how much later than its sound the picture is, ms."""
    page.evaluate("() => head.record()")
    time.sleep(0.5)
    _said(page, sound)
    for state in ("speaking", "idle"):
        page.wait_for_function(f"head.diagnostics.talking === '{state}'", timeout=60_000)
    time.sleep(0.5)
    film = read(base64.b64decode(page.evaluate("film()")))
    return apart_ms(lines(film, sound, lips), truth, len(sound) / RATE)


def _interrupted(page: Page, sound: Sound, lips: Lips, after_s: float) -> tuple[float, float]:
    """Interrupt it in mid-word; return how long until its lips are closed and it is silent, ms."""
    page.evaluate("() => watch()")
    _said(page, sound)
    page.wait_for_function("head.diagnostics.talking === 'speaking'")
    time.sleep(after_s)
    at = page.evaluate(_INTERRUPT)
    time.sleep(0.8)
    seen = page.evaluate("() => { watching = false; return seen; }")
    return _closed(seen, at, lips), _silent(seen, at)


def _said(page: Page, sound: Sound) -> None:
    text = base64.b64encode(sound.tobytes()).decode()
    page.evaluate("([text, rate]) => void say(text, rate)", [text, RATE])


Seen = list[tuple[float, float, str]]  # ms of the page's clock, loudness, the face as a JPEG


def _closed(seen: Seen, told: float, lips: Lips) -> float:
    """Return after how many ms the lips are closed, and stay so."""
    gaps = lips.gaps(decoded(base64.b64decode(picture)) for _, _, picture in seen)
    times = np.array([each[0] for each in seen])
    rest = float(np.median(gaps[-_RESTING:]))
    parted = gaps > rest + PARTED * (float(gaps[times < told].max()) - rest)
    last = times[parted & (times > told)]
    return float(_next(times, float(last.max())) - told) if len(last) else 0.0


def _silent(seen: Seen, told: float) -> float:
    """Return after how many ms nothing is given to the speaker any more."""
    times = np.array([each[0] for each in seen])
    loud = np.array([each[1] for each in seen])
    heard = times[(loud > _QUIET * float(loud[times < told].max())) & (times > told)]
    return float(_next(times, float(heard.max())) - told) if len(heard) else 0.0


def _next(times: NDArray[np.float64], at: float) -> float:
    """Return the first look after one."""
    later = times[times > at]
    return float(later.min()) if len(later) else at


if __name__ == "__main__":
    command(measure, Options)
