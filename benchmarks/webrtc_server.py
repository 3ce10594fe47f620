"""WebRTC at the server: sessions a core, bit rates, viewers of one stream, ages under a slow model.

A session's cost is the processor time of the server's process, so that clients beside it on the
machine are not in the figures.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from livedraft.media.codecs import Film

from .caller import Ages, Camera, offered, waves
from .harness import Goal, Result, command, option, summary
from .server import Server, serving

SLOW = f"python:{Path(__file__).with_name('slow_video.py')}:SlowVideo"
_RATES = (8.0, 15.0, 30.0)  # frames a second
_BITS_A_PIXEL = 0.1  # what ``Film`` aims at
_JITTER_MS = 100.0  # what a receiver may hold back beside the model's time
_SAMPLE_S = 2.0


@dataclass(frozen=True, slots=True)
class Options:
    """Measure what WebRTC costs the server, and how old frames are where they are shown."""

    seconds: float = option(10.0, "how long to measure each, after the warm-up")
    warm_up: float = option(3.0, "how long to run before, s")
    sessions: int = option(4, "sessions at once, each with a camera")
    viewers: int = option(20, "viewers of one stream")
    size: int = option(512, "width and height of a picture, px")
    viewed_size: int = option(256, "the same where viewers are counted, px")
    fps: float = option(15.0, "frames a second of a session")
    slow_seconds: float = option(60.0, "how long to measure the slow model")
    model_ms: float = option(200.0, "time of one frame in the slow model")


def measure(options: Options) -> Result:
    """Return processor time a session, bit rates' errors, growth with viewers, and ages."""
    result = Result("webrtc_server", asdict(options))
    result.goals = _rates(options, result)
    with serving(f"loopback,{SLOW}", max_sessions=64) as server:
        asyncio.run(_measure(options, server, result))
    return result


def _rates(options: Options, result: Result) -> list[Goal]:
    """Encode at each rate; return how far from its target the worst is."""
    worst = 0.0
    for fps in _RATES:
        film, length = Film("vp8"), round(1e6 / fps)
        count, made = round(10 * fps), 0
        for number in range(count):
            packet = film.encode(waves(number % 30, options.size), number * length, length)
            made += 8 * len(packet.data)
        off = made / (count / fps) / (options.size**2 * fps * _BITS_A_PIXEL) - 1
        result.figures[f"bit rate off its target at {fps:g} fps, %"] = 100 * off
        worst = max(worst, abs(100 * off))
    return [Goal("bit rate off its target at 8, 15 and 30 fps", worst, 15, "%")]


async def _measure(options: Options, server: Server, result: Result) -> None:
    share = await _sessions(options, server, result)
    result.figures["sessions a core"] = 1 / share
    one = await _viewed(options, server, 1)
    many = await _viewed(options, server, options.viewers)
    growth = 100 * (many / one - 1)
    result.figures |= {
        "cores of a stream with one viewer": one,
        f"cores of it with {options.viewers}": many,
        "growth, %": growth,
        "growth a viewer, %": growth / max(1, options.viewers - 1),
    }
    held = await _slow(options, server, result)
    result.goals += [
        Goal("cores of a session", share, 0.1, "cores"),
        Goal(f"growth of the processor's time with {options.viewers} viewers", growth, 25, "%"),
        Goal(
            "age of a shown frame under a slow model, p95",
            result.ms["age under a slow model"]["p95"],
            2 * options.model_ms + _JITTER_MS,
            "ms",
        ),
        Goal("growth of the server's memory under it", held, 10, "MiB"),
    ]


async def _sessions(options: Options, server: Server, result: Result) -> float:
    """Return the cores that one session takes."""
    ages = []
    async with AsyncExitStack() as all, asyncio.TaskGroup() as watching:
        for _ in range(options.sessions):
            camera = Camera(options.size, options.fps)
            opening = {"model": "loopback", "features": ["media", "rtp"]}
            track = await all.enter_async_context(
                offered(server.url, "/v1/webrtc", camera, opening)
            )
            assert track is not None, "the session sends video"
            ages.append(Ages(camera))
            watching.create_task(ages[-1].watch(track))
        cores = await _cores(options, server)
        await all.aclose()
    result.ms["glass to glass, aiortc, null model"] = summary(
        age for each in ages for age in each.found
    )
    return cores / options.sessions


async def _viewed(options: Options, server: Server, viewers: int) -> float:
    """Return the cores of a published stream with so many viewers."""
    async with AsyncExitStack() as all:
        camera = Camera(options.viewed_size, options.fps)
        path = "/v1/whip/bench?model=loopback"
        await all.enter_async_context(offered(server.url, path, camera, receives=False))
        for _ in range(viewers):
            await all.enter_async_context(offered(server.url, "/v1/whep/bench", None))
        return await _cores(options, server)


async def _slow(options: Options, server: Server, result: Result) -> float:
    """Note the ages of frames of a slow model; return by how much the server grew, MiB."""
    camera = Camera(options.size, 30.0)
    opening = {
        "model": "slow-video",
        "params": {"delay_ms": options.model_ms},
        "features": ["media", "rtp"],
    }
    ages, held = Ages(camera), []
    async with (
        asyncio.TaskGroup() as watching,
        offered(server.url, "/v1/webrtc", camera, opening) as track,
    ):
        assert track is not None, "the session sends video"
        watching.create_task(ages.watch(track))
        await asyncio.sleep(options.warm_up)
        ages.found.clear()
        end = time.perf_counter() + options.slow_seconds
        while (left := end - time.perf_counter()) > 0:
            held.append(await asyncio.to_thread(server.rss_mib))
            await asyncio.sleep(min(_SAMPLE_S, left))
    result.ms["age under a slow model"] = summary(ages.found)
    half = len(held) // 2
    return float(np.median(held[half:]) - np.median(held[: max(1, half)]))


async def _cores(options: Options, server: Server) -> float:
    """Return how many cores the server has had, after a warm-up."""
    await asyncio.sleep(options.warm_up)
    begun, at = server.cpu_s(), time.perf_counter()
    await asyncio.sleep(options.seconds)
    return (server.cpu_s() - begun) / (time.perf_counter() - at)


if __name__ == "__main__":
    command(measure, Options)
