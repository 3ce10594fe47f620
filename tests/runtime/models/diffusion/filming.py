"""A camera before a model that paints its frames, as the engine has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import diffusers
import numpy as np

from livedraft.media.chunks import Still, VideoChunk
from livedraft.protocol.messages import Stage
from livedraft.runtime.engine.calls import Calls
from livedraft.runtime.engine.contract import Progress
from livedraft.runtime.engine.turn import Cell, Emit, Emitted, Prepare, Step
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.diffusion.streaming import Streaming
from livedraft.runtime.models.diffusion.streams import (
    FluxSchnellStream,
    LCMStream,
    SDTurboStream,
)

KINDS = (SDTurboStream, LCMStream, FluxSchnellStream)
US = 40_000  # between frames
PROMPT: dict[str, Any] = {"prompt": "a fox", "seed": 7}
_DIFFUSERS: Any = diffusers


def request(model: Streaming, frame: Pixels | None, at: int, **params: Any) -> Request[Any]:
    chunks = [] if frame is None else [VideoChunk(frame[None], at * US, US)]
    given = model.params.model_validate(PROMPT | params)
    return Request(given, {}, Stage.DRAFT, model.info.draft_steps, video={"camera": chunks})


def run(model: Streaming, items: list[tuple[Cell, Request[Any]]]) -> list[list[Any]]:
    """Return what comes of requests, made as the engine does it."""
    calls = Calls({"model": model})
    jobs = [told(each) for each in calls.make(Prepare("model", items))]
    while going := [number for number, job in enumerate(jobs) if not job.done]:
        for group in {jobs[number].group for number in going}:
            some = [number for number in going if jobs[number].group == group]
            made = calls.make(Step("model", [jobs[number] for number in some]))
            for number, each in zip(some, made, strict=True):
                jobs[number] = told(each)
    found = []
    for job in jobs:
        (emitted,) = calls.make(Emit("model", [job]))
        assert isinstance(emitted, Emitted), emitted
        found.append([*emitted.outputs])
    return found


def told(made: Any) -> Progress:
    assert isinstance(made, Progress), made
    return made


def filmed(
    model: Streaming, frames: list[Pixels], cell: Cell | None = None, **params: Any
) -> list[tuple[int, Pixels]]:
    """Return the frames that come of a camera's, each with its number."""
    cell, found = cell or Cell(), []
    for at, frame in enumerate(frames):
        for chunk in run(model, [(cell, request(model, frame, at, **params))])[0]:
            assert isinstance(chunk, VideoChunk)
            assert chunk.duration == US
            found.append((chunk.pts // US, chunk.frames[0]))
    return found


def painted(model: Streaming, picture: Pixels, **params: Any) -> Pixels:
    """Return the picture that image-to-image makes of a drawing."""
    asked = request(model, None, 0, **params)
    asked = Request(asked.params, {"sketch": picture}, Stage.DRAFT, asked.steps)
    (((still,)),) = run(model, [(Cell(), asked)])
    assert isinstance(still, Still)
    return still.pixels


@contextmanager
def counted(module: Any) -> Iterator[list[int]]:
    """Give a list of how many rows a network was called with, each time."""
    calls: list[int] = []
    hook = module.register_forward_pre_hook(
        lambda _, __, named: calls.append(len(named["sample"])),
        with_kwargs=True,
    )
    yield calls
    hook.remove()


def denoiser(model: Streaming) -> Any:
    return model._family.pipe.unet


def camera(frames: int, seed: int = 3) -> list[Pixels]:
    """Return frames in which a bright square moves over a picture."""
    made = []
    for at in range(frames):
        frame = np.random.default_rng(seed).integers(0, 200, (64, 64, 3)).astype(np.uint8)
        frame[20:36, 4 * at : 4 * at + 16] = 255
        made.append(frame)
    return made
