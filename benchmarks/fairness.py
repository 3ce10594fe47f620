"""One who draws beside a crowd that refines large pictures, or draws: what the crowd costs."""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import asdict, dataclass

from livedraft import AsyncClient

from .crowd import crowd
from .drawing import jpegs
from .harness import Goal, Result, command, option, summary
from .server import serving

PAUSE_S = 0.05  # between a frame and the next input, so that each input finds the server as it is


@dataclass(frozen=True, slots=True)
class Options:
    """Time the drafts of one session: alone, and beside a crowd that never rests."""

    sessions: int = option(15, "sessions in the crowd")
    seconds: float = option(30.0, "how long to measure each")
    warm_up: float = option(5.0, "how long the crowd is at work before, s")
    size: int = option(1024, "width and height of the crowd's final pictures, px")
    steps: int = option(4, "steps of the crowd's final pictures")
    model: str = option("ink", "the model")


def measure(options: Options) -> Result:
    """Return the times to a draft, and how they stand to a share of the server."""
    result = Result("fairness", asdict(options))
    final = {"size": options.size, "steps": options.steps} if options.model == "ink" else {}
    crowds: dict[str, dict[str, int]] = {"draft": {}, "final": final}
    took: dict[str, list[float]] = {"alone": []}
    each_s: dict[str, float] = {}  # of a picture of the crowd's
    with serving(options.model, max_sessions=options.sessions + 1) as server:
        for asking, params in crowds.items():
            took["alone"] += _drafts(server.url, options)
            with crowd(server.url, options.sessions, options.model, asking, **params) as others:
                begun = time.perf_counter()
                time.sleep(options.warm_up)
                took[asking] = _drafts(server.url, options)
                lasted = time.perf_counter() - begun
            each_s[asking] = lasted * options.sessions / max(1, others.pictures)
        took["alone"] += _drafts(server.url, options)
    result.ms = {_WHAT[name].format(options.sessions): summary(ms) for name, ms in took.items()}
    alone, drawing, refining = result.ms.values()
    share = (options.sessions + 1) * alone["p50"]
    result.figures = {
        "a share, ms": share,
        "a draft of those who draw, ms": each_s["draft"] * 1e3,
        "a picture of those who refine, s": each_s["final"],
    }
    result.goals = [
        Goal("p95 beside who draw, of their mean", drawing["p95"] / each_s["draft"] / 1e3, 2, "×"),
        Goal("p95 beside who refine, of a share", refining["p95"] / share, 2, "×"),
    ]
    return result


_WHAT = {"alone": "alone", "draft": "beside {} that draw", "final": "beside {} that refine"}


def _drafts(url: str, options: Options) -> list[float]:
    return asyncio.run(_draw(url, options))


async def _draw(url: str, options: Options) -> list[float]:
    took: list[float] = []
    async with AsyncClient(url) as client, client.session(options.model) as session:
        end = time.perf_counter() + options.seconds
        for n, picture in enumerate(itertools.cycle(jpegs(256))):
            start = time.perf_counter()
            if start > end and len(took) > 1:
                return took
            await session.send(picture)
            frame = await session.next_frame()
            assert frame is not None, "the session is open"
            if n:  # the first finds nothing in the model's caches
                took.append((time.perf_counter() - start) * 1e3)
            await asyncio.sleep(PAUSE_S)
    raise AssertionError("a cycle has no end")


if __name__ == "__main__":
    command(measure, Options)
