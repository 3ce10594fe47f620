"""Clips that are restyled in tests, and what became of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
from tests.sdk.media.codecs.films import film, tone

import livedraft as ld
from livedraft.media.codecs import read_video

SIZE = 64
RNG = np.random.default_rng(5)
FRAMES = [
    np.roll(np.kron(RNG.integers(0, 255, (6, 8, 3), np.uint8), np.ones((8, 8, 1), np.uint8)), n, 1)
    for n in range(60)
]
UNEVEN = list(np.cumsum(RNG.integers(2, 9, 60)) / 100.0)  # s


def clip(name: str = "clip.mp4", **about: Any) -> str:
    kind = name.rpartition(".")[2]
    usual: dict[str, Any] = {"sound": tone(2.4), "options": {"g": "10"}} | about
    Path(name).write_bytes(film(FRAMES, kind, **usual))
    return name


def restyled(source: str, to: str = "out.mp4", **how: Any) -> Any:
    return ld.restyle(source, to, **{"size": SIZE, "style": "night", **how})


def packets(path: str) -> list[bytes]:
    with av.open(path) as file:
        return [bytes(packet) for packet in file.demux(file.streams.audio[0]) if packet.size]


def times(path: str) -> list[int]:
    return [chunk.pts for chunk in read_video(path)]


def pictures(path: str) -> Any:
    return np.stack([chunk.frames[0] for chunk in read_video(path)]).astype(int)
