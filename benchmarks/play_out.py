"""What a page shows and plays, from outside the code that does: its screen, and what is heard.

The screen is that of Chromium's compositor: each frame with the time at which it was swapped in.
The sound is what reaches the context's destination, block by block on the context's clock; the
browser says when which part of that leaves the device (``getOutputTimestamp``). Both are laid on
that clock.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

from livedraft.runtime.models.base import Pixels

from .lip_sync import Film, decoded

EARS = """() => {
  const code = `registerProcessor("ear", class extends AudioWorkletProcessor {
    process([[samples]]) {
      if (samples) this.port.postMessage([currentFrame, samples.slice()]);
      return true;
    }
  })`;
  const script = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const connect = AudioNode.prototype.connect;
  window.heard = [];
  window.stamps = [];
  const listen = async (context, late) => {
    await context.audioWorklet.addModule(script);
    const ear = new AudioWorkletNode(context, "ear");
    ear.port.onmessage = ({ data }) => window.listening && heard.push(data);
    connect.call(late, ear);
    const stamp = () => {
      const { contextTime, performanceTime } = context.getOutputTimestamp();
      if (window.listening) stamps.push([performanceTime, contextTime]);
      requestAnimationFrame(stamp);
    };
    stamp();
    window.ears = context.sampleRate;
  };
  AudioNode.prototype.connect = function (to, ...more) {
    if (!(to instanceof AudioDestinationNode)) return connect.call(this, to, ...more);
    // A fault to be seen: the sound may be made late here, behind all of the page's own.
    const { context } = this;
    window.late ??= new DelayNode(context, { delayTime: 0, maxDelayTime: 1 });
    if (!window.listens) void listen(context, late);
    window.listens = true;
    connect.call(late, to);
    return connect.call(this, late);
  };
  const text = (samples) => {
    const bytes = new Uint8Array(samples.buffer);
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  };
  window.hear = () => Object.assign(window, { heard: [], stamps: [], listening: true });
  window.wasHeard = () => {
    window.listening = false;
    const begun = Math.max(...Array.from({ length: 200 }, () => Date.now() - performance.now()));
    return { rate: ears, begun, stamps, sound: heard.map(([at, samples]) => [at, text(samples)]) };
  };
}"""


def played(page: Page, act: Callable[[], None], delay_s: float = 0.0) -> Film:
    """Return what is seen and heard of a page meanwhile, on the clock of its sound.

    ``EARS`` ran in the page before its sound began. ``delay_s``: make the sound late by so much.
    """
    page.wait_for_function("window.ears")
    page.evaluate("(by) => { late.delayTime.value = by }", delay_s)
    line = page.context.new_cdp_session(page)
    shots: list[tuple[float, str]] = []
    over = False

    def shown(event: dict[str, Any]) -> None:
        if over:
            return
        shots.append((float(event["metadata"]["timestamp"]), str(event["data"])))
        line.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})

    line.on("Page.screencastFrame", shown)
    line.send("Page.startScreencast", {"format": "jpeg", "quality": 80, "everyNthFrame": 1})
    page.evaluate("hear()")
    act()
    heard = page.evaluate("wasHeard()")
    over = True
    line.send("Page.stopScreencast")
    page.evaluate("0")  # what was confirmed before is answered by now
    at = np.array([time for time, _ in shots]) * 1e3 - heard["begun"]  # ms, of the page's clock
    frames: list[Pixels] = [decoded(base64.b64decode(data)) for _, data in shots]
    begins, sound = _joined(heard["sound"], heard["rate"])
    return Film(list(_on_clock(at, np.array(heard["stamps"]))), frames, begins, sound)


def _on_clock(at: NDArray[np.float64], stamps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what is heard, s of the context, at times of the page, ms."""
    page, context = np.unique(stamps, axis=0).T
    return np.asarray(np.interp(at, page, context), np.float64)


def _joined(blocks: list[tuple[int, str]], rate: float) -> tuple[float, NDArray[np.float32]]:
    """Return when sound begins, s of the context, and its samples."""
    first, last = blocks[0][0], blocks[-1][0]
    parts = [(at - first, np.frombuffer(base64.b64decode(data), "<f4")) for at, data in blocks]
    sound = np.zeros(last - first + len(parts[-1][1]), np.float32)
    for start, samples in parts:
        sound[start : start + len(samples)] = samples
    return first / rate, sound
