"""Pen-to-pixel: how old the ink in a picture is when Chromium paints the picture."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from itertools import chain, cycle
from typing import Any

from playwright.sync_api import Page

from .browser import page as chromium
from .drawing import strokes
from .harness import Goal, Result, command, option, stages, summaries, summary
from .server import serving

MOVES_A_SECOND = 60
WARM_UP = 10  # pictures

_WATCH = """
  window.samples = [];
  window.element = document.querySelector("livedraft-sketch");
  element.params = { prompt: "orange cat" };
  element.addEventListener("diagnostics", ({ detail: { picture } }) => {
    if (picture && picture.id !== samples.at(-1)?.id) samples.push(picture);
  });
"""


@dataclass(frozen=True, slots=True)
class Options:
    """Draw scripted strokes on the server's page and read the element's own measurements."""

    model: str = option("ink", "the model that draws; echo has no time of its own")
    seconds: float = option(30.0, "how long to draw")


def measure(options: Options) -> Result:
    """Return the time from pen to pixel and its stages."""
    with serving(options.model) as server, chromium() as page:
        page.goto(server.url)
        page.wait_for_function(
            "document.querySelector('livedraft-sketch').diagnostics.state === 'open'"
        )
        page.evaluate(f"() => {{{_WATCH}}}")  # a script in the page is not in its policy
        _draw(page, options.seconds)
        samples: list[dict[str, Any]] = page.evaluate("samples")
    samples = [s for s in samples[WARM_UP:] if s["penToPixelMs"] is not None]
    result = Result("pen_to_pixel", asdict(options), variant=options.model)
    total = summary(s["penToPixelMs"] for s in samples)
    rest = summary(_not_the_model(samples))
    result.ms = {
        "pen to pixel": total,
        "of which not the model": rest,
        "oldest ink of a picture": summary(s["oldestInkMs"] for s in samples),
    }
    result.stages_ms = summaries([_stages(sample) for sample in samples])
    result.figures["pictures a second"] = len(samples) / options.seconds
    if options.model == "ink":
        result.goals = [
            Goal("pen to pixel with ink, p50", total["p50"], 150, "ms"),
            Goal("of which not the model, p50", rest["p50"], 30, "ms"),
        ]
    return result


def _draw(page: Page, seconds: float) -> None:
    """Draw the cat stroke by stroke at a hand's pace, on clean paper each time."""
    box = page.locator("livedraft-sketch .sheet canvas.ink").bounding_box()
    assert box is not None, "the element is on the page"
    start = time.perf_counter()
    moves = 0
    for stroke in chain.from_iterable(cycle([[*strokes(), None]])):
        if time.perf_counter() - start > seconds:
            return
        if stroke is None:
            page.evaluate("element.clear()")
            continue
        for n, (x, y) in enumerate(stroke):
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            if n == 0:
                page.mouse.down()
            moves += 1
            time.sleep(max(0.0, start + moves / MOVES_A_SECOND - time.perf_counter()))
        page.mouse.up()


def _stages(sample: dict[str, Any]) -> dict[str, float]:
    """Return the parts of a picture's way, in their order; they add up to pen-to-pixel."""
    after = sample["at"] - sample["receivedAt"]
    before = sample["penToPixelMs"] - sample["encodeMs"] - sample["roundTripMs"] - after
    return {
        "coalesce and wait to send": before,
        "encode": sample["encodeMs"],
        "network": sample["roundTripMs"] - sample["timings"]["sent"],
        **stages(sample["timings"]),
        "decode and paint": after,
    }


def _not_the_model(samples: list[dict[str, Any]]) -> list[float]:
    """Return, for each picture, the time from pen to pixel in which the model did not work.

    The model works for this picture and, while an input waits for its turn, for the picture
    before. Times of the server are laid on the browser's clock by halving the network's time.
    """
    found = []
    busy: list[tuple[float, float]] = []
    for sample in samples:
        timings = sample["timings"]
        pen = sample["at"] - sample["penToPixelMs"]
        network = sample["roundTripMs"] - timings["sent"]
        handed_over = sample["receivedAt"] - network / 2 - timings["sent"]
        begun, done = handed_over + timings["queued"], handed_over + timings["decoded"]
        waited = sum(max(0.0, min(end, begun) - max(start, pen)) for start, end in busy[-3:])
        found.append(sample["penToPixelMs"] - timings["model"] - waited)
        busy.append((begun, done))
    return found


if __name__ == "__main__":
    command(measure, Options)
