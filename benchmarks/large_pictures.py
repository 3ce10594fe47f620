"""One user who draws beside 15 who send the largest pictures that a server takes: what it costs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Any, cast

import msgpack
from PIL import Image
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from livedraft.media.images import encode

from .harness import Goal, Result, command, option, summary
from .load import draw
from .server import serving

GOAL_MS = 150.0  # of the user's p99; beyond it a hand sees that the picture trails


@dataclass(frozen=True, slots=True)
class Options:
    """Measure one user's latency without and beside others who send large pictures."""

    others: int = option(15, "sessions that send large pictures, each as soon as it has an answer")
    side: int = option(4096, "width and height of these, px; blank, as PNG")
    fps: float = option(10.0, "drawings a second of the user")
    seconds: float = option(20.0, "how long one run lasts; its first second is not counted")
    size: int = option(256, "width and height of the user's drawings, px")


def measure(options: Options) -> Result:
    """Return the user's latency and the server's memory, without and beside the others."""
    result = Result("large_pictures", asdict(options))
    blank = encode(Image.new("RGBA", (options.side, options.side)))
    with serving("echo", max_sessions=options.others + 1) as server:
        user = (server.url, 1, options.fps, options.seconds, options.size)
        result.ms["alone"] = summary(asyncio.run(draw(*user)).latencies_ms)
        before = server.rss_mib()
        with _others(server.url, options.others, blank) as answered:
            result.ms["beside the others"] = summary(asyncio.run(draw(*user)).latencies_ms)
            during = server.rss_mib()
        result.figures = {
            "large pictures answered": len(answered),
            "server MiB, before": before,
            "server MiB, during": during,
        }
    p99 = result.ms["beside the others"]["p99"]
    result.goals.append(Goal("the user's p99 beside the others", p99, GOAL_MS, "ms"))
    return result


@contextmanager
def _others(url: str, count: int, picture: bytes) -> Iterator[list[int]]:
    """Have sessions send large pictures until the block is left; give the ids of their frames."""
    answered: list[int] = []
    over, opened = threading.Event(), threading.Barrier(2)

    async def run() -> None:
        ready = asyncio.Barrier(count + 1)
        sending = [asyncio.create_task(_send(url, picture, ready, answered)) for _ in range(count)]
        await ready.wait()
        opened.wait()
        await asyncio.to_thread(over.wait)
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        opened.wait()
        yield answered
    finally:
        over.set()
        thread.join()


async def _send(url: str, picture: bytes, ready: asyncio.Barrier, answered: list[int]) -> None:
    def packed(**fields: Any) -> bytes:
        return cast(bytes, msgpack.packb(fields))

    at = url.replace("http", "ws", 1) + "/v1/realtime"
    async with connect(at, compression=None, ping_interval=None) as line:
        await line.send(packed(type="open", model="echo"))
        await line.recv()
        await ready.wait()
        with suppress(ConnectionClosed):
            await line.send(packed(type="input", id=1, inputs={"sketch": picture}))
            async for data in line:
                message = msgpack.unpackb(data)
                if message["type"] != "frame":
                    continue
                answered.append(message["id"])
                await line.send(packed(type="ack", seq=message["seq"]))
                id = message["id"] + 1
                await line.send(packed(type="input", id=id, inputs={"sketch": picture}))


if __name__ == "__main__":
    command(measure, Options)
