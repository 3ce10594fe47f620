"""WebRTC at the server: sessions a core, bit rates, viewers of one stream, ages under a slow model.

A session's cost is the processor time that the server's process takes for a frame that is shown,
so that neither clients beside it nor frames that a busy machine leaves out are in the figures.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from livedraft.media.codecs import Film, VideoDecoder

from .caller import Ages, Camera, offered, waves
from .harness import Goal, Result, command, option, summary
from .server import Server, serving

SLOW = f"python:{Path(__file__).with_name('slow_video.py')}:SlowVideo"
_RATES = (8.0, 15.0, 30.0)  # frames a second
_BITS_A_PIXEL = 0.1  # what ``Film`` aims at
_JITTER_MS = 100.0  # what a receiver may hold back beside the model's time
_SAMPLE_S = 2.0
_FRAMES = 30  # that codecs are timed with
_ROUNDS = 2  # with one viewer, and with many


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
    result.figures |= _codecs(options)
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


def _codecs(options: Options) -> dict[str, float]:
    """Return what the codecs alone take of the processor for a frame that comes and goes, ms."""
    coming, film, decoder = Film("vp8"), Film("vp8"), VideoDecoder("vp8")
    length, taken = round(1e6 / options.fps), dict.fromkeys(("decoding", "encoding"), 0.0)
    for number in range(2 * _FRAMES):
        at = number * length
        packet = coming.encode(waves(number % _FRAMES, options.size), at, length)
        begun = time.process_time()
        [chunk] = decoder.decode(packet)
        decoded = time.process_time()
        film.encode(chunk.frames[0], at, length)
        if number >= _FRAMES:  # which all have been encoded once
            taken["decoding"] += decoded - begun
            taken["encoding"] += time.process_time() - decoded
    return {f"processor ms of {what} a frame": s * 1e3 / _FRAMES for what, s in taken.items()}


async def _measure(options: Options, server: Server, result: Result) -> None:
    share = await _sessions(options, server, result)
    result.figures["sessions a core"] = 1 / share
    counts = (1, options.viewers) * _ROUNDS  # in turns: what else the machine does is shared
    costs = [await _viewed(options, server, viewers) for viewers in counts]
    one, many = sum(costs[::2]) / _ROUNDS, sum(costs[1::2]) / _ROUNDS
    growth = 100 * (many / one - 1)
    result.figures |= {
        "processor ms of a frame with one viewer": one,
        f"processor ms of it with {options.viewers}": many,
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
    ages: list[Ages] = []
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
        ms = await _ms_a_frame(options, server, lambda: sum(len(each.found) for each in ages))
        await all.aclose()
    result.figures["processor ms of a frame"] = ms
    result.ms["glass to glass, aiortc, null model"] = summary(
        age for each in ages for age in each.found
    )
    return ms / 1e3 * options.fps


async def _viewed(options: Options, server: Server, viewers: int) -> float:
    """Return the processor time of a frame that is published with so many viewers, ms."""
    async with AsyncExitStack() as all:
        camera = Camera(options.viewed_size, options.fps)
        path = "/v1/whip/bench?model=loopback"
        await all.enter_async_context(offered(server.url, path, camera, receives=False))
        for _ in range(viewers):
            await all.enter_async_context(offered(server.url, "/v1/whep/bench", None))
        return await _ms_a_frame(options, server, lambda: len(camera.taken))


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


async def _ms_a_frame(options: Options, server: Server, frames: Callable[[], int]) -> float:
    """Return the processor time that the server takes for a frame, after a warm-up."""
    await asyncio.sleep(options.warm_up)
    begun, first = server.cpu_s(), frames()
    await asyncio.sleep(options.seconds)
    return (server.cpu_s() - begun) * 1e3 / max(1, frames() - first)


if __name__ == "__main__":
    command(measure, Options)
