"""Makes each shape that a plan names once, so that the first user of one need not wait longer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from livedraft.errors import BadInput, ConfigError, LivedraftError, ModelFailed
from livedraft.media.chunks import AudioChunk, TextChunk, VideoChunk
from livedraft.protocol.messages import Stage

from .engine.contract import Progress
from .engine.engine import Engine
from .engine.turn import Cell, Emit, Emitted, HandedOver, Prepare, Step
from .models.base import (
    AnyModel,
    AudioInput,
    ImageInput,
    Params,
    Pixels,
    Plan,
    Request,
    TextInput,
    VideoInput,
)
from .models.mixins import steps_of
from .models.params import merge
from .plan import Report, Size
from .sessions.scheduler import MOST_PREPARED

_US = 40_000  # of blank sound and video
_WORDS = [TextChunk("Hello.", 0), TextChunk("", 0)]
_RATE = 16_000  # where a model takes any
_MOST_TURNS = 64  # of what has no end and has nothing to show


@dataclass(frozen=True, slots=True)
class Shape:
    """What a model is called with: a draft or a refine, of a size, for so many at once."""

    stage: Stage  # DRAFT or FINAL
    size: Size | None  # None: the model's own
    batch: int

    def __str__(self) -> str:
        one = "draft" if self.stage is Stage.DRAFT else "refine"
        many = f"a {one}" if self.batch == 1 else f"{self.batch} {one}s at once"
        return f"{many} at {self.size}" if self.size else many


def shapes(plan: Plan) -> list[Shape]:
    """Return all that a plan names, the plainest first: one draft of the model's own size."""
    sizes: tuple[Size | None, ...] = (None, *plan.sizes)
    return [
        Shape(stage, size, batch)
        for batch in sorted({1, *plan.batches})
        for size in sizes
        for stage in (Stage.DRAFT, Stage.FINAL)
    ]


async def warm_up(
    engine: Engine,
    name: str,
    plan: Plan,
    progress: Callable[[int, Sequence[Shape]], None] = lambda made, every: None,
    report: Report = lambda part: None,
) -> None:
    """Have a model make each shape of its plan from blank inputs.

    ``progress`` hears how many were made, of which, before each and at the end; ``report`` what the
    model makes ready later, for users who ask for more. Raises ModelFailed, naming the shape, for
    the first that cannot be made.
    """
    every = shapes(plan) if engine.models[name].warms else []
    for index, shape in enumerate(every):
        progress(index, every)
        cells = [Cell() for _ in range(shape.batch)]
        failure = None
        try:
            await _make(engine, name, shape, cells)
        except LivedraftError as error:
            failure = error
        for cell in cells:  # not if it is cancelled: the engine ends, and may hang
            await engine.release(name, cell)
        if failure is not None:
            raise ModelFailed(
                f"{name} cannot make {shape}: {failure.message}", fix=failure.fix
            ) from failure
    await engine.alter(name, "serve", lambda model: model.serve(report))
    progress(len(every), every)  # last: from here on it is served


async def _make(engine: Engine, name: str, shape: Shape, cells: Sequence[Cell]) -> None:
    """Make one shape, to its end, or to the first output of what has none."""
    request = _request(engine.models[name], shape)
    jobs: list[Progress] = []
    for start in range(0, len(cells), MOST_PREPARED):
        some = cells[start : start + MOST_PREPARED]
        jobs += await _prepared(engine, name, some, request)
    room = min(job.room for job in jobs)
    if room < shape.batch:
        raise ConfigError(
            f"it takes {room} at a time, not {shape.batch}",
            fix=f"let {name}.batches name {room} at the most",
        )
    turns = 0
    while jobs:
        turns += 1
        going = [job for job in jobs if not (job.done or job.ready)]
        for due in _alike(job for job in jobs if job.done or job.ready):
            emitted = await _made(engine, Emit(name, due))
            going += [job for job in emitted if not _over(job)]
        if turns > _MOST_TURNS:
            going = [job for job in going if not job.open_ended]
        jobs = []
        await _waited([job.waits for job in going if job.waits is not None])
        for alike in _alike(going):
            jobs += await _made(engine, Step(name, alike))


async def _prepared(
    engine: Engine, name: str, cells: Sequence[Cell], request: Request[Any]
) -> list[Progress]:
    """Prepare jobs; pictures that need not be there are left out where blank ones are refused."""
    try:
        return await _made(engine, Prepare(name, [(cell, request) for cell in cells]))
    except BadInput:
        inputs = engine.models[name].info.inputs
        needed = {spec.name for spec in inputs if spec.required}
        pictures = {each: pixels for each, pixels in request.inputs.items() if each in needed}
        if len(pictures) == len(request.inputs):
            raise
        lean = replace(request, inputs=pictures)
        return await _made(engine, Prepare(name, [(cell, lean) for cell in cells]))


async def _waited(futures: Sequence[Future[Any]]) -> None:
    """Return when all are done; what they raise, the next step tells."""
    if futures:
        await asyncio.wait([asyncio.wrap_future(each) for each in futures])


def _over(job: Progress) -> bool:
    return job.done or job.open_ended


def _alike(jobs: Iterable[Progress]) -> Iterator[list[Progress]]:
    """Yield those of one key, which share a call."""
    groups: dict[int, list[Progress]] = {}
    for job in jobs:
        groups.setdefault(job.group, []).append(job)
    yield from groups.values()


async def _made(engine: Engine, turn: Prepare | Step | Emit) -> list[Progress]:
    """Return where each job of a call stands after it; raise what went wrong with the first."""
    made: list[Progress] = []
    for given in await engine.make(turn):
        if isinstance(given, LivedraftError):
            raise given
        assert not isinstance(given, HandedOver), "nothing is refined here"
        made.append(given.progress if isinstance(given, Emitted) else given)
    return made


def _request(model: AnyModel, shape: Shape) -> Request[Any]:
    info, size = model.info, shape.size
    params = _params(model, size)
    steps = info.draft_steps
    if shape.stage is Stage.FINAL:
        steps = steps_of(params, info)
    own = size or Size(info.width, info.height)
    return Request(
        params,
        {spec.name: _blank(spec, size) for spec in info.inputs if isinstance(spec, ImageInput)},
        shape.stage,
        steps,
        {spec.name: [_frame(spec, own)] for spec in info.inputs if isinstance(spec, VideoInput)},
        {spec.name: [_silence(spec)] for spec in info.inputs if isinstance(spec, AudioInput)},
        text={spec.name: _WORDS for spec in info.inputs if isinstance(spec, TextInput)},
    )


def _params(model: AnyModel, size: Size | None) -> Params:
    """Return a model's own params, of a size by the names that sizes have among params."""
    fields = model.params.model_fields
    changes: dict[str, Any] = {}
    if size is not None:
        free = [s for s in model.info.inputs if isinstance(s, VideoInput) and not s.width]
        if {"width", "height"} <= fields.keys():
            changes = {"width": size.width, "height": size.height}
        elif "size" in fields and size.width == size.height:
            changes = {"size": size.width}
        elif not free:
            raise ConfigError(
                "what it makes has another shape" if "size" in fields else "it has one size alone",
                fix=f"leave {size} out of {model.info.id}.sizes",
            )
    made: Params = merge(model.params, None, changes)
    return made


def _blank(spec: ImageInput, size: Size | None) -> Pixels:
    """Return a blank picture as large as a client would send it for a result of a size."""
    most_width, most_height = spec.within
    width, height = size or (spec.width, spec.height)
    width = min(max(spec.width, width), most_width)
    height = min(max(spec.height, height), most_height)
    return np.zeros((height, width, 4 if spec.alpha else 3), np.uint8)


def _frame(spec: VideoInput, own: Size) -> VideoChunk:
    width, height = (spec.width, spec.height) if spec.width else own
    return VideoChunk(np.zeros((1, height, width, 3), np.uint8), 0, _US)


def _silence(spec: AudioInput) -> AudioChunk:
    rate = spec.rate or _RATE
    samples = np.zeros((rate * _US // 1_000_000, spec.channels or 1), np.int16)
    return AudioChunk(samples, rate, 0)
