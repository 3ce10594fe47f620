"""A camera through ``loopback``, beside a model whose step takes 300 ms: what lanes are for."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict, dataclass

import numpy as np

from livedraft import AsyncClient
from livedraft.media.chunks import VideoChunk

from .crowd import crowd
from .harness import Goal, Result, command, option, summary
from .server import serving

PAUSE_S = 0.02  # between a frame that came back and the next


@dataclass(frozen=True, slots=True)
class Options:
    """Time a frame from send to return: alone, beside slow steps of its lane, and of another."""

    seconds: float = option(15.0, "how long to measure each")
    delay_ms: int = option(300, "time of the other model's step")
    width: int = option(640, "of a frame, px")
    height: int = option(360, "of a frame, px")


def measure(options: Options) -> Result:
    """Return the times of a frame's way there and back."""
    result = Result("lanes", asdict(options))
    for name, settings in {"one lane": {}, "a lane each": {"plans": "loopback.lane=live"}}.items():
        with serving("echo,loopback", **settings) as server:
            alone = asyncio.run(_through(server.url, options))
            with crowd(server.url, 2, "echo", "draft", delay_ms=options.delay_ms):
                beside = asyncio.run(_through(server.url, options))
        result.ms[f"{name}, alone"] = summary(alone)
        result.ms[f"{name}, beside"] = summary(beside)
    alone_p95 = result.ms["a lane each, alone"]["p95"]
    moved = result.ms["a lane each, beside"]["p95"] - alone_p95
    result.goals = [Goal("p95 moved by the other lane", moved, 5, "ms")]
    return result


async def _through(url: str, options: Options) -> list[float]:
    took: list[float] = []
    pixels = np.zeros((1, options.height, options.width, 3), np.uint8)
    async with AsyncClient(url) as client, client.session("loopback") as session:
        outputs = session.outputs()
        end = time.perf_counter() + options.seconds
        pts = 0
        while time.perf_counter() < end or len(took) < 2:
            start = time.perf_counter()
            pts += 40_000
            await session.send(VideoChunk(pixels, pts, 40_000))
            await anext(outputs)
            took.append((time.perf_counter() - start) * 1e3)
            await asyncio.sleep(PAUSE_S)
    return took[1:]  # the first finds nothing warm


if __name__ == "__main__":
    command(measure, Options)
