"""What a frame costs in each codec of a live line, and a second of sound."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import numpy as np
from PIL import Image

from livedraft.media import images
from livedraft.media.chunks import SECOND, AudioChunk
from livedraft.media.codecs import (
    OpusDecoder,
    OpusEncoder,
    Resampler,
    VideoDecoder,
    VideoEncoder,
)

from .harness import Result, command, option, summary

T = TypeVar("T")
FPS = 25
RATE = 48_000  # Hz


@dataclass(frozen=True, slots=True)
class Options:
    """Encode and decode frames that move, grained as a camera's, on one thread each."""

    width: int = option(640, "of a frame, px")
    height: int = option(360, "of a frame, px")
    frames: int = option(100, "how many of each codec")


def measure(options: Options) -> Result:
    """Return ms a frame and a second of sound, and bytes a frame."""
    result = Result("codecs", asdict(options))
    for codec, mime in (("jpeg", "image/jpeg"), ("webp", "image/webp")):
        taken, given, sizes = [], [], []
        for pixels in _film(options):
            image = Image.fromarray(pixels)
            ms, data = _timed(lambda image=image, mime=mime: images.encode(image, mime, quality=85))
            taken.append(ms)
            sizes.append(len(data))
            given.append(_timed(lambda data=data: np.asarray(images.decode(data)))[0])
        _note(result, codec, taken, given, sizes)
    for codec in ("h264", "vp8", "vp9"):
        encoder = VideoEncoder(codec, (options.width, options.height), frame_rate=FPS)
        decoder = VideoDecoder(codec)
        taken, given, sizes = [], [], []
        for number, pixels in enumerate(_film(options)):
            pts = number * SECOND // FPS
            ms, packet = _timed(
                lambda pixels=pixels, pts=pts, encoder=encoder: encoder.encode(
                    pixels, pts, SECOND // FPS
                )
            )
            taken.append(ms)
            sizes.append(len(packet.data))
            given.append(_timed(lambda packet=packet, it=decoder: it.decode(packet))[0])
        _note(result, codec, taken, given, sizes)
    _sound(result)
    return result


def _note(
    result: Result, codec: str, taken: list[float], given: list[float], sizes: list[int]
) -> None:
    result.ms[f"{codec}, encode"] = summary(taken)
    result.ms[f"{codec}, decode"] = summary(given)
    result.figures[f"{codec}, kB a frame"] = round(sum(sizes) / len(sizes) / 1e3, 1)


def _sound(result: Result) -> None:
    """Time a second of stereo at a time."""
    rng = np.random.default_rng(1)
    second = rng.normal(0, 3_000, (RATE, 2)).astype(np.int16)
    resampler, encoder, decoder = Resampler(16_000, 1), OpusEncoder(2), OpusDecoder(2)
    resampled, encoded, decoded = [], [], []
    for number in range(10):
        chunk = AudioChunk(second, RATE, number * SECOND)
        resampled.append(_timed(lambda chunk=chunk: resampler.push(chunk))[0])
        ms, packets = _timed(lambda chunk=chunk: encoder.encode(chunk))
        encoded.append(ms)
        decoded.append(_timed(lambda packets=packets: [decoder.decode(p) for p in packets])[0])
    result.ms["1 s of sound, 48 to 16 kHz"] = summary(resampled)
    result.ms["1 s of sound, Opus, encode"] = summary(encoded)
    result.ms["1 s of sound, Opus, decode"] = summary(decoded)


def _timed(work: Callable[..., T]) -> tuple[float, T]:
    start = time.perf_counter()
    made = work()
    return (time.perf_counter() - start) * 1e3, made


def _film(options: Options) -> Iterator[Any]:
    """Yield frames of soft shapes that drift, with a camera's grain."""
    rng = np.random.default_rng(7)
    size = (options.width + options.frames, options.height)
    shapes = Image.fromarray(rng.integers(0, 255, (12, 20, 3), np.uint8)).resize(size)
    scene = np.asarray(shapes).astype(np.int16)
    for number in range(options.frames):
        grain = rng.normal(0, 4, (options.height, options.width, 1)).astype(np.int16)
        frame = scene[:, number : number + options.width] + grain
        yield frame.clip(0, 255).astype(np.uint8)


if __name__ == "__main__":
    command(measure, Options)
