"""Round trip of the null model: the Python client sends a JPEG and waits for its frame."""

from __future__ import annotations

import gc
import itertools
import time
from dataclasses import asdict, dataclass

from livedraft import Client

from .drawing import jpegs
from .harness import Goal, Result, command, option, stages, summaries, summary
from .server import serving

WARM_UP = 20  # pictures


@dataclass(frozen=True, slots=True)
class Options:
    """Measure from ``send`` to the decoded frame, one picture at a time, with the null model."""

    seconds: float = option(20.0, "how long to measure")
    size: int = option(512, "width and height of the picture, px")


def measure(options: Options) -> Result:
    """Return the round trip's time and the server's stages in it."""
    trips: list[float] = []
    parts: list[dict[str, float]] = []
    pictures = itertools.cycle(jpegs(options.size))
    with serving("echo") as server, Client(server.url) as client, client.session("echo") as session:
        begin = time.perf_counter()
        for n, picture in enumerate(pictures):
            start = time.perf_counter()
            session.send(picture)
            frame = session.next_frame()
            now = time.perf_counter()
            assert frame is not None, "the session is open"
            if n == WARM_UP:
                gc.collect()  # what imports left: else it stops this process once, for 20 ms
            if n >= WARM_UP:
                trip = (now - start) * 1e3
                trips.append(trip)
                rest = {"client and loopback": trip - frame.timings["sent"]}
                parts.append(stages(frame.timings) | rest)
            if n > WARM_UP and now - begin > options.seconds:
                break
    result = Result("round_trip", asdict(options))
    result.ms["round trip"] = summary(trips)
    result.stages_ms = summaries(parts)
    result.goals.append(
        Goal("null model's round trip, p50", result.ms["round trip"]["p50"], 15, "ms")
    )
    return result


if __name__ == "__main__":
    command(measure, Options)
