"""How far a browser's own recorder parts pictures and sound of one time: a control.

A page of no other code flashes and beeps by one clock, that of its AudioContext, and is recorded
as pages do it: a canvas and a destination of sound in one MediaRecorder. ``head_browser`` has the
films of the element, which are written otherwise.
"""

from __future__ import annotations

import base64
import io
from dataclasses import asdict, dataclass

import av
import numpy as np
from numpy.typing import NDArray

from .browser import page as chromium
from .harness import Result, command, option, summary

KINDS = ("video/mp4;codecs=avc1.42E01F,opus", "video/webm;codecs=vp8,opus")
_EVERY_S, _LONG_S = 0.5, 0.1  # marks
_FLAGS = ["--autoplay-policy=no-user-gesture-required"]
_PAGE = """async ([mimeType, count, every, long]) => {
  const context = new AudioContext({ sampleRate: 24000 });
  await context.resume();
  const canvas = Object.assign(document.createElement("canvas"), { width: 512, height: 512 });
  document.body.append(canvas);
  const paper = canvas.getContext("2d");
  const end = context.createMediaStreamDestination();
  const tracks = [...canvas.captureStream().getTracks(), ...end.stream.getTracks()];
  const recorder = new MediaRecorder(new MediaStream(tracks), { mimeType });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  recorder.start(1000);
  const begins = context.currentTime + 1;
  for (let i = 0; i < count; i++) {
    const beep = new OscillatorNode(context, { frequency: 1000 });
    beep.connect(end);
    beep.start(begins + i * every);
    beep.stop(begins + i * every + long);
  }
  const late = []; // ms, that each flash is painted after its beep is made
  await new Promise((done) => {
    const paint = () => {
      const at = (context.currentTime - begins) / every;
      const on = at >= 0 && at < count && (at % 1) * every < long;
      if (on && late.length === Math.floor(at)) late.push((at % 1) * every * 1000);
      paper.fillStyle = on ? "#fff" : "#000";
      paper.fillRect(0, 0, 512, 512);
      paper.fillStyle = `rgb(${(performance.now() % 255) | 0} 0 0)`; // each frame is another
      paper.fillRect(0, 0, 40, 40);
      if (at > count + 1) done();
      else requestAnimationFrame(paint);
    };
    paint();
  });
  recorder.stop();
  await new Promise((done) => (recorder.onstop = done));
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return [late, btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))];
}"""


@dataclass(frozen=True, slots=True)
class Options:
    """Flash and beep, and have Chromium record it."""

    marks: int = option(20, "flashes with a beep each, half a second apart")


def measure(options: Options) -> Result:
    """Return how much later than in the page pictures are in the recorder's films, ms."""
    result = Result("recorder", asdict(options))
    for kind in KINDS:
        with chromium(more_flags=_FLAGS) as page:
            page.goto("data:text/html,<body>")
            late, film = page.evaluate(_PAGE, [kind, options.marks, _EVERY_S, _LONG_S])
        flashes, beeps = marks(base64.b64decode(film))
        nearest = [beeps[np.abs(beeps - at).argmin()] for at in flashes]
        found = 1e3 * (flashes - np.array(nearest))
        if len(found) != len(late):
            raise RuntimeError(f"{len(late)} flashes, and {len(found)} in the film")
        name = kind.partition(";")[0]
        result.ms[f"picture late against sound in {name}"] = summary(found - np.array(late))
    return result


def marks(film: bytes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return when flashes and beeps begin in a film, s."""
    seen: list[tuple[float, bool]] = []
    with av.open(io.BytesIO(film), "r") as opened:
        for frame in opened.decode(video=0):
            seen.append(
                (float(frame.time or 0), frame.to_ndarray(format="gray")[256:].mean() > 128)
            )
    at, bright = np.array([time for time, _ in seen]), np.array([each for _, each in seen])
    times: list[NDArray[np.float64]] = []
    sound: list[NDArray[np.float32]] = []
    resampler = av.AudioResampler("flt", "mono")
    with av.open(io.BytesIO(film), "r") as opened:
        for piece in opened.decode(audio=0):
            begins, rate = float(piece.time or 0), piece.sample_rate
            for part in resampler.resample(piece):
                sound.append(part.to_ndarray()[0])
                times.append(begins + np.arange(part.samples) / rate)
    loud = np.concatenate(times)[np.abs(np.concatenate(sound)) > 0.3]
    starts = np.concatenate([[True], np.diff(loud) > _EVERY_S - 2 * _LONG_S])
    return at[1:][bright[1:] & ~bright[:-1]], loud[starts]


if __name__ == "__main__":
    command(measure, Options)
