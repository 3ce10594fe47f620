"""What a try-on costs: a garment prepared, a first picture, another one, a camera's frame."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from skimage import data

from livedraft.media.chunks import VideoChunk
from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Inputs, Pixels, Plan, Request
from livedraft.runtime.models.tryon.garment import prepare
from livedraft.runtime.models.tryon.garment.catalogue import read_catalogue
from livedraft.runtime.models.tryon.model import SHIPPED, TryOn
from livedraft.runtime.models.tryon.params import TryOnParams
from livedraft.runtime.models.tryon.state import TryOnJob, TryOnState

from .harness import Result, command, option, summary
from .swaying import FRAME_US, film, trembling

_EVERY = 2  # frames of the film that a camera shows: 15 a second
_SETTLED = 10  # frames


@dataclass(frozen=True, slots=True)
class Options:
    """Dress somebody in a photograph of 512 px, and in a moving picture made of it."""

    rounds: int = option(12, "pictures of each kind")
    frames: int = option(90, "of the moving picture")
    threads: int = option(1, "that the networks may use")


def measure(options: Options) -> Result:
    """Return the processor's ms of each part, and px by which a garment trembles on who moves."""
    result = Result("tryon", asdict(options))
    model = TryOn.load(plan=Plan(threads=options.threads))
    person: Pixels = data.astronaut()  # type: ignore[no-untyped-call]  # scikit-image has no types
    catalogue = read_catalogue(SHIPPED)
    sku = next(entry.sku for entry in catalogue if entry.category == "upper")
    garment = catalogue.picture(sku)
    _dressed(model, model.open(), TryOnParams(sku=sku), {"person": person})  # the shop has it ready
    warm = model.open()
    fits = (TryOnParams(sku=sku, fit=fit / 100) for fit in range(100))
    parts: dict[str, Callable[[], Any]] = {
        "a garment prepared": lambda: prepare(garment),
        "the first picture": lambda: _dressed(
            model, model.open(), TryOnParams(sku=sku), {"person": person}
        ),
        "another fit": lambda: _dressed(model, warm, next(fits), {"person": person}),
    }
    parts["another fit"]()
    taken: dict[str, list[float]] = {name: [] for name in parts}
    for _ in range(options.rounds):  # in turns, so that other work on the machine is shared
        for name, work in parts.items():
            taken[name].append(_ms(work))
    result.ms = {f"processor, {name}": summary(times) for name, times in taken.items()}
    times, places = _filmed(model, person, sku, options.frames)
    result.ms["processor, a camera's frame"] = summary(times)
    result.figures["processor a frame with parses at 5 a second, ms"] = float(np.mean(times))
    result.figures["garment moving: from frame to frame, px"] = trembling(places)[0]
    return result


def _filmed(
    model: TryOn, person: Pixels, sku: str, frames: int
) -> tuple[list[float], np.ndarray[Any, np.dtype[np.float64]]]:
    """Return what each frame takes, ms, and the garment's points, brought back into the still."""
    state, times, places = model.open(), [], []
    for shot in list(film(person, 1, frames * _EVERY))[::_EVERY]:
        frame = VideoChunk(shot.picture[None], shot.at_us, FRAME_US * _EVERY)
        begun = time.process_time()
        worn = _dressed(model, state, TryOnParams(sku=sku), {}, frame).worn
        times.append((time.process_time() - begun) * 1e3)
        if worn is not None:
            points = np.concatenate([part.body for each in worn.garments for part in each.parts])
            places.append((points - shot.matrix[:, 2]) @ np.linalg.inv(shot.matrix[:, :2]).T)
    return times, np.array(places[_SETTLED:], np.float64)


def _dressed(
    model: TryOn,
    state: TryOnState,
    params: TryOnParams,
    inputs: Inputs,
    frame: VideoChunk | None = None,
) -> TryOnJob:
    video = {} if frame is None else {"camera": [frame]}
    (job,) = model.prepare([(state, Request(params, inputs, Stage.DRAFT, 1, video=video))])
    model.step([job])
    model.emit([job])
    return job


def _ms(work: Callable[[], Any]) -> float:
    """Return what some work takes of the processor, all threads together."""
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1e3


if __name__ == "__main__":
    command(measure, Options)
