"""Age of results under a slow model: 30 inputs a second against 200 ms a picture."""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import asdict, dataclass

from livedraft import AsyncClient
from livedraft.client.session import AsyncSession

from .drawing import jpegs
from .harness import Goal, Result, command, option, stages, summaries, summary
from .server import Server, serving

SAMPLE_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Options:
    """Measure how old a shown result is: now less the time its newest input was handed over."""

    seconds: float = option(60.0, "how long to measure, after the warm-up")
    warm_up: float = option(5.0, "how long to run before, s")
    fps: float = option(30.0, "inputs a second")
    model_ms: float = option(200.0, "time of one picture in the model")
    size: int = option(512, "width and height of the picture, px")


@dataclass(slots=True)
class _Found:
    ages: list[float]
    parts: list[dict[str, float]]
    rss: list[float]
    inputs: int = 0


def measure(options: Options) -> Result:
    """Return the ages of results and the memory of the server meanwhile."""
    with serving("echo") as server:
        found = asyncio.run(_measure(options, server))
    result = Result("slow_model", asdict(options))
    result.ms["age of a result"] = summary(found.ages)
    result.stages_ms = summaries(found.parts)
    growth = max(found.rss) - found.rss[0]
    result.figures = {
        "inputs": found.inputs,
        "results": len(found.ages),
        "server MiB, start": found.rss[0],
        "server MiB, end": found.rss[-1],
        "server MiB, max": max(found.rss),
    }
    result.goals = [
        Goal(
            "age of a result, p95", result.ms["age of a result"]["p95"], 2 * options.model_ms, "ms"
        ),
        Goal("growth of the server's memory", growth, 5, "MiB"),
    ]
    return result


async def _measure(options: Options, server: Server) -> _Found:
    found = _Found([], [], [])
    sent: dict[int, float] = {}  # by the seed that rides with the picture and comes back
    async with (
        AsyncClient(server.url) as client,
        client.session("echo", delay_ms=options.model_ms) as session,
    ):
        work = [
            asyncio.create_task(_draw(session, options, sent)),
            asyncio.create_task(_watch(session, sent, found)),
        ]
        await asyncio.sleep(options.warm_up)
        found.ages.clear()
        found.parts.clear()
        begun = len(sent)
        end = time.perf_counter() + options.seconds
        while (left := end - time.perf_counter()) > 0:
            found.rss.append(await asyncio.to_thread(server.rss_mib))
            await asyncio.sleep(min(SAMPLE_EVERY_S, left))
        found.rss.append(server.rss_mib())
        found.inputs = len(sent) - begun
        for task in work:
            task.cancel()
        for outcome in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome
    return found


async def _draw(session: AsyncSession, options: Options, sent: dict[int, float]) -> None:
    """Hand a picture over at each tick, whatever comes back."""
    start = time.perf_counter()
    for n, picture in enumerate(itertools.cycle(jpegs(options.size))):
        await asyncio.sleep(max(0.0, start + n / options.fps - time.perf_counter()))
        sent[n] = time.perf_counter()
        await session.send(picture, seed=n)


async def _watch(session: AsyncSession, sent: dict[int, float], found: _Found) -> None:
    """Take each result and note how old its newest input is."""
    async for frame in session.frames():
        if frame.seed in sent:
            age = (time.perf_counter() - sent[frame.seed]) * 1e3
            found.ages.append(age)
            rest = {"client and loopback": age - frame.timings["sent"]}
            found.parts.append(stages(frame.timings) | rest)


if __name__ == "__main__":
    command(measure, Options)
