"""What a try-on costs: a garment prepared, a first picture, another one, a camera's frame.

And a camera all in: 30 frames a second as JPEG to a server over a WebSocket, and JPEG back.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from skimage import data

from livedraft import AsyncClient
from livedraft.client.session import AsyncSession
from livedraft.media.chunks import VideoChunk
from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Inputs, Pixels, Plan, Request
from livedraft.runtime.models.perception.networks import read_parse
from livedraft.runtime.models.tryon.garment import prepare
from livedraft.runtime.models.tryon.garment.catalogue import shipped
from livedraft.runtime.models.tryon.model import TryOn
from livedraft.runtime.models.tryon.params import TryOnParams
from livedraft.runtime.models.tryon.state import TryOnJob, TryOnState

from .harness import Goal, Result, command, in_turns, option, summary
from .server import serving
from .swaying import FRAME_US, film, trembling

_EVERY = 2  # frames of the film that a camera shows: 15 a second
_SETTLED = 10  # frames
_LOOP = 120  # frames of the film that is shown forth and back


@dataclass(frozen=True, slots=True)
class Options:
    """Dress somebody in a photograph of 512 px, and in a moving picture made of it."""

    rounds: int = option(12, "pictures of each kind")
    frames: int = option(90, "of the moving picture")
    threads: int = option(0, "that the networks may use; 0: all, as a server has it")
    seconds: float = option(20.0, "that a camera is served")
    warm_up: float = option(4.0, "seconds before that which are not counted")


def measure(options: Options) -> Result:
    """Return the processor's ms of each part, and px by which a garment trembles on who moves."""
    result = Result("tryon", asdict(options))
    model = TryOn.load(plan=Plan(threads=options.threads))
    person: Pixels = data.astronaut()
    catalogue = shipped()
    sku, other = [entry.sku for entry in catalogue if entry.category == "upper"][:2]
    garment, people = catalogue.picture(sku), read_parse(plan=Plan(threads=options.threads))
    inputs = {"person": person}
    for ready in (sku, other):  # the shop has them ready
        _dressed(model, model.open(), TryOnParams(sku=ready), inputs)
    warm = model.open()
    fits = (TryOnParams(sku=sku, fit=fit / 100) for fit in itertools.count())
    others = itertools.cycle(TryOnParams(sku=each) for each in (other, sku))
    parts: dict[str, Callable[[], Any]] = {
        "a garment prepared": lambda: prepare(garment, people=people),
        "the first picture": lambda: _dressed(model, model.open(), TryOnParams(sku=sku), inputs),
        "another fit": lambda: _dressed(model, warm, next(fits), inputs),
        "another garment": lambda: _dressed(model, warm, next(others), inputs),
    }
    parts["another fit"]()
    result.ms = in_turns(parts, options.rounds)
    for what, limit in (("a garment prepared", 250), ("the first picture", 300)):
        waited = summary(_waited_ms(parts[what]) for _ in range(options.rounds))
        result.ms[what] = waited
        result.goals.append(Goal(f"{what}, p50", waited["p50"], limit, "ms"))
    own, whole, places = _filmed(model, person, sku, options.frames)
    result.ms["processor, a camera's frame, without looks beside it"] = summary(own)
    result.figures["processor a frame with all looks, ms"] = float(np.mean(whole))
    result.figures["garment moving: from frame to frame, px"] = trembling(places)[0]
    _serve(person, sku, options, result)
    return result


def _waited_ms(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1e3


def _filmed(
    model: TryOn, person: Pixels, sku: str, frames: int
) -> tuple[list[float], list[float], np.ndarray[Any, np.dtype[np.float64]]]:
    """Return what each frame takes of its thread and of all, ms, and the garment's points.

    Those are brought back into the still.
    """
    state, places = model.open(), []
    own: list[float] = []
    whole: list[float] = []
    for shot in list(film(person, 1, frames * _EVERY))[::_EVERY]:
        frame = VideoChunk(shot.picture[None], shot.at_us, FRAME_US * _EVERY)
        begun = time.thread_time(), time.process_time()
        worn = _dressed(model, state, TryOnParams(sku=sku), {}, frame).worn
        own.append((time.thread_time() - begun[0]) * 1e3)
        whole.append((time.process_time() - begun[1]) * 1e3)
        if worn is not None:
            points = np.concatenate([part.body for each in worn.garments for part in each.parts])
            places.append((points - shot.matrix[:, 2]) @ np.linalg.inv(shot.matrix[:, :2]).T)
    model.close(state)
    return own[1:], whole, np.array(places[_SETTLED:], np.float64)


def _serve(person: Pixels, sku: str, options: Options, result: Result) -> None:
    """Measure a camera all in: how many frames come back, and how old each is when it is here."""
    shots = [shot.picture for shot in film(person, 1, _LOOP)]
    with serving("tryon") as server:
        ages, seconds = asyncio.run(_watched(server.url, sku, [*shots, *shots[::-1]], options))
    result.ms["a camera's frame, all in: its age"] = summary(ages)
    result.figures["camera, all in: frames a second"] = len(ages) / seconds
    result.goals += [
        Goal(
            "camera, all in: age, p95",
            result.ms["a camera's frame, all in: its age"]["p95"],
            150,
            "ms",
        ),
        Goal("camera, all in: ms a frame", 1e3 * seconds / max(1, len(ages)), 1e3 / 15, "ms"),
    ]


async def _watched(
    url: str, sku: str, shots: list[Pixels], options: Options
) -> tuple[list[float], float]:
    """Return the ages of frames that came back, ms, and in how many seconds they did."""
    sent: dict[int, float] = {}
    ages: list[float] = []
    async with AsyncClient(url) as client, client.session("tryon", sku=sku) as session:
        filming = asyncio.create_task(_show(session, shots, sent))
        begun: float | None = None
        async for made in session.outputs():
            now = time.perf_counter()
            if not isinstance(made, VideoChunk):
                continue
            first = min(sent.values())
            if begun is None and now - first >= options.warm_up:
                begun = now
            elif begun is not None:
                ages.append((now - sent[made.pts]) * 1e3)
                if now - begun >= options.seconds:
                    break
        filming.cancel()
    assert begun is not None
    return ages, time.perf_counter() - begun


async def _show(session: AsyncSession, shots: list[Pixels], sent: dict[int, float]) -> None:
    """Hand frames over at their rate, whatever comes back."""
    start = time.perf_counter()
    for number in itertools.count():
        await asyncio.sleep(max(0.0, start + number * FRAME_US / 1e6 - time.perf_counter()))
        pts = number * FRAME_US
        sent[pts] = time.perf_counter()
        await session.send({"camera": VideoChunk(shots[number % len(shots)][None], pts, FRAME_US)})


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


if __name__ == "__main__":
    command(measure, Options)
