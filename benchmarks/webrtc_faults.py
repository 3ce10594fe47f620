"""WebRTC where it goes wrong: packets lost and late, lines that break, clients that are killed."""

from __future__ import annotations

import asyncio
import os
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass

from aiortc import RTCPeerConnection

from livedraft.runtime.transports.webrtc.mending import mend

from .caller import Ages, Camera, offered
from .harness import Goal, Result, command, option, summary
from .lossy import Network
from .server import Server, serving

_OPENING = {"model": "loopback", "features": ["media", "rtp"]}
_AT_ONCE = 10  # clients that are killed together
_LOOK_EVERY_S = 0.05
_LEFT_WITHIN_S = 60.0
_SETTLED_S = 1.0  # until what the last of them had is given back


@dataclass(frozen=True, slots=True)
class Options:
    """Measure what comes through a bad line, and what stays of clients that are killed."""

    seconds: float = option(20.0, "how long to measure on a bad line, after the warm-up")
    warm_up: float = option(3.0, "how long to run before, s")
    loss: float = option(0.05, "share of packets that are lost, each way")
    jitter_ms: float = option(50.0, "by which packets are late at most, each way")
    outage: float = option(2.0, "how long the line is broken, s")
    outages: int = option(5, "how often it breaks")
    killed: int = option(500, "clients that connect, and are killed; then as many again")
    size: int = option(256, "width and height of a picture, px")
    fps: float = option(15.0, "frames a second")


def measure(options: Options) -> Result:
    """Return ages on a bad line, times until pictures come again, and what killed clients leave."""
    result = Result("webrtc_faults", asdict(options))
    with serving("loopback", max_sessions=64, resume_s=1) as server:
        asyncio.run(_measure(options, server, result))
    return result


async def _measure(options: Options, server: Server, result: Result) -> None:
    async with _calling(options, server) as (ages, pc):
        network = Network(pc, loss=options.loss, jitter_s=options.jitter_ms / 1e3)
        await asyncio.sleep(options.warm_up)
        ages.found.clear()
        await asyncio.sleep(options.seconds)
        result.ms["age of a shown frame, lossy"] = summary(ages.found)
        result.figures["frames shown a second, lossy"] = len(ages.found) / options.seconds
        network.loss = network.jitter_s = 0.0
        back = [await _broken(options, network, ages) for _ in range(options.outages)]
        result.ms["from an outage's end to a picture of after it"] = summary(back)
    fds, threads, mib = await _killed(options, server, result)
    again = result.figures["MiB left by as many again"]
    result.goals = [
        Goal("age on a bad line, p95", result.ms["age of a shown frame, lossy"]["p95"], 400, "ms"),
        Goal("after an outage, the slowest", max(back), 1000, "ms"),
        Goal("sockets and files left", fds, 0, ""),
        Goal("threads left", threads, 4, ""),  # of a pool that grows as it is used
        Goal("memory left", mib, 5, "MiB"),
        Goal("memory left by as many again", again, 5, "MiB"),
    ]


@asynccontextmanager
async def _calling(
    options: Options, server: Server
) -> AsyncIterator[tuple[Ages, RTCPeerConnection]]:
    """Call with a camera, and give how old its frames are once the first has come."""
    camera = Camera(options.size, options.fps)
    made: list[RTCPeerConnection] = []
    async with offered(server.url, "/v1/webrtc", camera, _OPENING, on_peer=made.append) as track:
        assert track is not None, "the session sends video"
        ages = Ages(camera)
        work = [ages.watch(track), mend(made[0])]  # browsers ask again, too
        tasks = [asyncio.create_task(each) for each in work]
        try:
            await ages.seen.wait()
            yield ages, made[0]
        finally:
            for task in tasks:
                task.cancel()


async def _broken(options: Options, network: Network, ages: Ages) -> float:
    """Break the line for a while; return how long after it a picture of after it is shown, ms."""
    network.broken = True
    await asyncio.sleep(options.outage)
    network.broken = False
    mended = time.perf_counter()
    while ages.newest < mended:
        ages.seen.clear()
        await ages.seen.wait()
    took = (time.perf_counter() - mended) * 1e3
    await asyncio.sleep(1.0)  # so that the next outage finds a line that is whole
    return took


async def _killed(options: Options, server: Server, result: Result) -> tuple[float, float, float]:
    """Kill clients; return what the server has then more than after the first of them."""
    for _ in range(2):
        await _kill(options, server, _AT_ONCE)
    await _left(server)
    held, took = [_held(server)], list[float]()
    for _ in range(2):  # what each leaves is there again, what is made once is not
        for begun in range(0, options.killed, _AT_ONCE):
            took.append(await _kill(options, server, min(_AT_ONCE, options.killed - begun)))
        await _left(server)
        held.append(_held(server))
    before, after, again = held
    result.ms["from a kill to free places"] = summary(took)
    grown = [now - then for now, then in zip(after, before, strict=True)]
    result.figures |= dict(zip(("files left", "threads left", "MiB left"), grown, strict=True))
    result.figures["MiB left by as many again"] = again[2] - after[2]
    return grown[0], grown[1], grown[2]


async def _kill(options: Options, server: Server, count: int) -> float:
    """Have clients connect and get a picture, and kill them; return how long places are taken."""

    async def one() -> float:
        async with _calling(options, server) as (_, pc):
            Network(pc).broken = True  # so that nothing is said as it ends
            return time.perf_counter()

    at = min(await asyncio.gather(*(one() for _ in range(count))))
    await _gone(server, "livedraft_sessions")
    return (time.perf_counter() - at) * 1e3


async def _left(server: Server) -> None:
    """Wait until nobody is left who might come back."""
    await _gone(server, "livedraft_parked")
    await asyncio.sleep(_SETTLED_S)


async def _gone(server: Server, what: str) -> None:
    end = time.perf_counter() + _LEFT_WITHIN_S
    while await asyncio.to_thread(_metric, server, what) > 0:
        if time.perf_counter() > end:
            raise RuntimeError(f"{what} does not fall to 0")
        await asyncio.sleep(_LOOK_EVERY_S)


def _metric(server: Server, name: str) -> float:
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return float(next(line.split()[-1] for line in lines if line.startswith(f"{name} ")))


def _held(server: Server) -> tuple[float, float, float]:
    """Return files, threads and MiB of the server."""
    of = f"/proc/{server.pid}"
    return len(os.listdir(f"{of}/fd")), len(os.listdir(f"{of}/task")), server.rss_mib()


if __name__ == "__main__":
    command(measure, Options)
