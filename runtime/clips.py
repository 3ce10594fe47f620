"""A clip through a model in this process, without a server: as fast as it can, no frame lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from livedraft.errors import BadInput, LivedraftError, ModelFailed
from livedraft.media.chunks import VideoChunk
from livedraft.protocol.messages import Stage

from .engine.calls import Calls
from .engine.contract import Progress
from .engine.turn import CallResult, Cell, Emit, Emitted, Prepare, Step, Turn
from .models.base import AnyModel, Params, Request, VideoInput, VideoOutput


def video_input(model: type[AnyModel]) -> VideoInput:
    """Return the input that takes a clip's frames; raise BadInput where there is none."""
    info = model.info
    spec = next((each for each in info.inputs if isinstance(each, VideoInput)), None)
    if spec is None or not any(isinstance(each, VideoOutput) for each in info.outputs):
        raise BadInput(f"{info.id} makes no video of video", fix="choose one that does: restyle")
    return spec


def filmed(model: AnyModel, params: Params, chunks: Iterable[VideoChunk]) -> Iterator[VideoChunk]:
    """Yield what a model makes of chunks, one of each; raise what went wrong."""
    name, spec = model.info.id, video_input(type(model))
    calls, cell = Calls({name: model}), Cell()
    try:
        for chunk in chunks:
            video = {spec.name: [chunk]}
            request = Request(
                params, {}, Stage.DRAFT, model.info.draft_steps, video=video, at=chunk.pts
            )
            yield _one(calls, name, Prepare(name, [(cell, request)]))
    finally:
        calls.close(name, cell)


def _one(calls: Calls, name: str, prepare: Prepare) -> VideoChunk:
    made = _made(calls, prepare)
    while isinstance(made, Progress):
        ends = made.done or made.ready
        made = _made(calls, Emit(name, [made]) if ends else Step(name, [made]))
    assert isinstance(made, Emitted), "nothing is refined here"
    chunks = [each for each in made.outputs if isinstance(each, VideoChunk)]
    if not chunks:
        raise ModelFailed(f"{name} made nothing of a frame", fix="choose another model")
    return chunks[-1]


def _made(calls: Calls, turn: Turn) -> CallResult:
    (given,) = calls.make(turn)
    if isinstance(given, LivedraftError):
        raise given
    return given
