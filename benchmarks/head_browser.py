"""`<livedraft-head>` in Chromium: picture against sound, seen and filmed, and how it falls silent.

What is on the screen and at the speaker is told by ``play_out``, films by the element itself, which
records as its users may; ``lip_sync`` judges both, and ``recorder`` is the control: how far a
browser's own recorder puts apart what was together. What is told of an interruption is by the
page's clock: it looks at its canvas and at what the speaker is given before each paint; lips are
found in what it saw by FaceMesh.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page
from training.head.evaluate.meter import Lips

from .browser import page as chromium
from .harness import Goal, Result, command, option, summary
from .lip_sync import PARTED, Film, apart_ms, decoded, lines, read
from .play_out import EARS, played
from .server import Server, serving
from .speaking import made, portrait, spoken
from .talking import RATE, Sound

INJECTED_MS = 80.0
FILMS, SCREEN = "in films", "on the screen"
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
    clips: int = option(3, "that are watched and listened to; 0: none")
    interruptions: int = option(8, "of speech, each in another syllable")
    minutes: float = option(0.0, "after which all is done again in the same session, for drift")


def measure(options: Options) -> Result:
    """Return how far pictures are from their sound, ms, and how long an interruption takes."""
    result = Result("head_browser", asdict(options))
    sound = spoken()
    lips = Lips()
    truth = lines(made(sound), sound, lips)
    ways: dict[str, tuple[int, Callable[[Page], Film]]] = {
        FILMS: (options.films, lambda page: _filmed(page, sound)),
        SCREEN: (options.clips, lambda page: played(page, lambda: _spoken(page, sound))),
    }
    with serving("head") as server, head(server) as page:

        def seen() -> dict[str, list[float]]:
            return {
                where: [
                    apart_ms(lines(way(page), sound, lips), truth, len(sound) / RATE)
                    for _ in range(count)
                ]
                for where, (count, way) in ways.items()
            }

        found = seen()
        told = [
            _interrupted(page, sound, lips, 0.9 + 0.07 * number)
            for number in range(options.interruptions)
        ]
        if options.minutes:
            time.sleep(60 * options.minutes)
            later = seen()
            for where, apart in later.items():
                if apart:
                    drift = float(np.median(apart) - np.median(found[where]))
                    result.figures[f"drift {where} in {options.minutes:g} minutes, ms"] = drift
                    found[where] += apart
        if options.clips:
            late = played(page, lambda: _spoken(page, sound), INJECTED_MS / 1e3)
            read_ms = apart_ms(lines(late, sound, lips), truth, len(sound) / RATE)
            result.figures[f"the meter {SCREEN}, of sound {INJECTED_MS:g} ms late"] = read_ms
    for where, apart in found.items():
        if apart:
            result.figures[f"picture late {where}, ms: the least"] = min(apart)
            result.figures[f"picture late {where}, ms: the most"] = max(apart)
            furthest = max(map(abs, apart))
            result.goals.append(
                Goal(f"picture against sound {where}, furthest", furthest, 40, "ms")
            )
    injected = apart_ms(truth.later(INJECTED_MS / 1e3), truth, len(sound) / RATE)
    result.figures[f"what the judge reads of {INJECTED_MS:g} ms"] = injected
    if not told:
        return result
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
    with chromium(width=560, more_flags=_FLAGS) as page:
        page.goto(f"{server.url}/camera")
        page.evaluate(EARS)
        page.add_script_tag(url="/livedraft-head.js")
        picture = "data:image/jpeg;base64," + base64.b64encode(portrait()).decode()
        page.evaluate(_PAGE, [picture])
        page.wait_for_function("head.diagnostics.frames > 75", timeout=60_000)
        page.evaluate("() => void head.pushAudio(new Int16Array(2400), 24000)")  # it is heard
        yield page


def _filmed(page: Page, sound: Sound) -> Film:
    """Record some speech; return the film."""
    page.evaluate("() => head.record()")
    _spoken(page, sound)
    return read(base64.b64decode(page.evaluate("film()")))


def _spoken(page: Page, sound: Sound) -> None:
    """Have it speak, with a moment of silence on either side."""
    page.wait_for_timeout(500)
    _said(page, sound)
    for state in ("speaking", "idle"):
        page.wait_for_function(f"head.diagnostics.talking === '{state}'", timeout=60_000)
    page.wait_for_timeout(500)


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
