"""A crowd of sessions that keep a server busy, each asking again as soon as it is answered.

A process of its own, like the load generator. It goes on until its input is closed, and prints how
many pictures it was given meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgpack
from websockets.asyncio.client import ClientConnection, connect

from .drawing import jpegs
from .harness import ROOT
from .load import endpoint, packed

SIZE = 256  # px, of the drawing


@dataclass(slots=True)
class Crowd:
    """What a crowd was given, once it is gone."""

    pictures: int = 0


@contextmanager
def crowd(url: str, sessions: int, model: str, asking: str, **params: object) -> Iterator[Crowd]:
    """Have sessions ask for ``draft`` or ``final`` pictures while the block lasts."""
    words = [url, str(sessions), model, asking, *(f"{k}={v}" for k, v in params.items())]
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.crowd", *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    found = Crowd()
    try:
        if process.stdout.readline() != "busy\n":
            raise RuntimeError("the crowd did not get in")
        yield found
    finally:
        said, _ = process.communicate()
        found.pictures = int(said or 0)


async def _run(url: str, sessions: int, model: str, asking: str, params: dict[str, int]) -> int:
    counts = [0] * sessions
    opened = asyncio.Barrier(sessions + 1)
    work = [
        asyncio.create_task(_ask(url, n, model, asking, params, opened, counts))
        for n in range(sessions)
    ]
    await opened.wait()
    print("busy", flush=True)
    over = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    await asyncio.wait([over, *work], return_when=asyncio.FIRST_COMPLETED)
    for task in work:
        if task.done():
            task.result()
        task.cancel()
    await asyncio.gather(*work, return_exceptions=True)
    return sum(counts)


async def _ask(
    url: str,
    n: int,
    model: str,
    asking: str,
    params: dict[str, int],
    opened: asyncio.Barrier,
    counts: list[int],
) -> None:
    pictures = itertools.cycle(jpegs(SIZE))
    async with connect(endpoint(url), compression=None, max_size=None) as line:
        await line.send(packed({"type": "open", "model": model, "params": {"seed": n, **params}}))
        await _until(line, "opened")
        await opened.wait()
        for id in itertools.count(1, 2):
            await line.send(packed(_input(id, next(pictures))))
            frame = await _until(line, "frame")
            if asking == "final":
                await line.send(packed({"type": "refine", "id": id + 1}))
                while frame["stage"] != "final":
                    await line.send(packed({"type": "ack", "seq": frame["seq"]}))
                    frame = await _until(line, "frame")
            await line.send(packed({"type": "ack", "seq": frame["seq"]}))
            counts[n] += 1


async def _until(line: ClientConnection, kind: str) -> dict[str, Any]:
    while True:
        message: dict[str, Any] = msgpack.unpackb(await line.recv())
        if message["type"] == kind:
            return message
        assert message["type"] == "ack", message


def _input(id: int, picture: bytes) -> dict[str, Any]:
    return {"type": "input", "id": id, "inputs": {"sketch": picture}}


def main() -> None:
    """Keep a server busy; see ``crowd``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("sessions", type=int)
    parser.add_argument("model")
    parser.add_argument("asking", choices=["draft", "final"])
    parser.add_argument("params", nargs="*", metavar="NAME=NUMBER")
    given = parser.parse_args()
    pairs = (param.partition("=") for param in given.params)
    params = {name: int(value) for name, _, value in pairs}
    print(asyncio.run(_run(given.url, given.sessions, given.model, given.asking, params)))


if __name__ == "__main__":
    main()
