"""The stage of a session's moving pictures: what a model sees of them, and what of its is shown.

A model asks for it by ``Model.stability``. Frames on which nothing moves are not made anew; the
others are made as large as there is time for, carried along with what moves, and shown at the
size at which they came.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any

import cv2
import numpy as np

from livedraft.media.chunks import Output, VideoChunk
from livedraft.protocol.messages import Stage as Asked

from ...clock import MONOTONIC, Clock
from ...models.base import Job, Pixels, Request, Stability
from .governor import Governor
from .steady import Steady
from .still import Still

# A tensor on the device, and what `similarity` compares and answers: torch begins there alone.
OnDevice = Any
Compared = Any
Judged = Any
_MOST_ON_THEIR_WAY = 64  # chunks that a model may still be at; what is older is shown as it is


@dataclass(slots=True, eq=False)
class Unmoved(Job):
    """What there is to show where nothing moves: the same again, without the model."""

    shown: tuple[Output, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a job is made of."""

    stage: VideoStage
    began: float  # s
    rest: float = 0.0  # s, that the frame before took on its way beside the model
    unmoved: bool = False  # nothing new: what came before goes on


@dataclass(frozen=True, slots=True, eq=False)
class _Given:
    """Frames as the model sees them, how large they came, and how they are made."""

    chunk: VideoChunk
    size: tuple[int, int]
    asked: tuple[Any, ...]  # params and pictures
    frame: OnDevice  # the last of them, where they are compared on the device, else None


class VideoStage:
    """One session's."""

    def __init__(self, spec: Stability, clock: Clock = MONOTONIC) -> None:
        self._spec = spec
        self._clock = clock
        self._steady = Steady()
        self._still = Still()
        self._governor = Governor()
        self._given: OrderedDict[int, _Given] = OrderedDict()  # by pts: what is not yet shown
        self._asked: tuple[Any, ...] = ()  # how the newest frame is made
        self._frame: OnDevice = None  # that frame, on the device
        self._skipped: OnDevice = None  # frames on end that were taken for still there
        self._shown: Pixels | None = None  # the newest frame, as it was shown
        self._shown_of: _Given | None = None
        self._end = 0  # of the newest chunk, on the media clock
        self._began: float | None = None  # when a model was given the frame before, s
        self._took = 0.0  # in the model, s

    def compared(self, request: Request[Any]) -> Compared:
        """Return what is to be compared on the device to know whether a request's frame is still.

        None where nothing is, or nothing is known to be like it.
        """
        self._frame = None
        levels = getattr(request.params, "still", 0.0)
        chunks = self._chunks(request)
        if not self._spec.device or not levels or not chunks:
            return None
        similarity = _similarity()
        frame = self._frame = similarity.uploaded(chunks[-1].frames[-1], self._spec.device)
        shown = self._shown_of
        if shown is None or shown.frame is None or not _same(shown.asked, _asked(request)):
            return None
        if shown.frame.shape != frame.shape:
            return None
        return similarity.Compared(frame, shown.frame, self._skipped, levels)

    def before(
        self, request: Request[Any], judged: Judged = None
    ) -> tuple[Request[Any], Seen] | Unmoved | None:
        """Return what the model is to see of a request, or what is shown without it.

        ``judged`` is what came of ``compared``. None where it is about no moving pictures.
        """
        chunks, asked = self._chunks(request), _asked(request)
        if not chunks:
            return None
        same, self._asked = _same(asked, self._asked), asked
        missed = chunks[0].pts > self._end + chunks[0].duration // 2 and self._end > 0
        self._end = chunks[-1].end
        plain = not (request.audio or request.text or request.running or request.interrupted)
        if plain and self._shown is not None and self._rests(request, same, judged):
            self._began = None
            if not self._spec.line:
                return self._again(chunks, self._shown)
            return replace(request, unmoved=True), Seen(self, self._clock(), unmoved=True)
        if not self._spec.device:
            self._still.anew(chunks[-1].frames[-1])
        made = self._giving(request, chunks, asked)
        now, before = self._clock(), self._began
        # Where frames of a camera were passed over, the way of the one before took all that time.
        rest = max(0.0, now - before - self._took) if missed and before is not None else 0.0
        self._began = now
        seen = Seen(self, now, rest)
        return replace(request, video={**request.video, self._spec.input: made}), seen

    def after(self, seen: Seen, made: tuple[Output, ...]) -> tuple[Output, ...]:
        """Return what is shown of what a model made."""
        shown: list[Output] = []
        frames = 0
        for each in made:
            given = self._of(each.pts) if isinstance(each, VideoChunk) else None
            if isinstance(each, VideoChunk) and given is not None and len(each) == len(given.chunk):
                each = self._calmed(each, given)
                frames += len(each)
            elif isinstance(each, VideoChunk) and not seen.unmoved:
                self._shown = self._shown_of = None  # it keeps its own times
            shown.append(each)
        if frames and not seen.unmoved:
            self._took = self._clock() - seen.began
            self._governor.took(self._took / frames, seen.rest / frames)
        return tuple(shown)

    def _chunks(self, request: Request[Any]) -> Sequence[VideoChunk]:
        return request.video.get(self._spec.input, ()) if request.stage is Asked.DRAFT else ()

    def _of(self, pts: int) -> _Given | None:
        """Return what frames were made of, and forget it and what came before."""
        given = self._given.pop(pts, None)
        if given is not None:
            for before in [each for each in self._given if each < pts]:
                del self._given[before]
        return given

    def _giving(
        self, request: Request[Any], chunks: Sequence[VideoChunk], asked: tuple[Any, ...]
    ) -> Sequence[VideoChunk]:
        """Return what a model gets of a request, and remember it until that is shown."""
        if self._spec.line:  # it takes the newest frame alone
            *_, (frame, pts) = chunks[-1]
            chunks = [VideoChunk(frame[None], pts, max(1, chunks[-1].end - pts))]
        pace = self._spec.pixels and getattr(request.params, "pace", True)
        made = [self._scaled(chunk) if pace else chunk for chunk in chunks]
        for chunk, smaller in zip(chunks, made, strict=True):
            self._given[chunk.pts] = _Given(smaller, chunk.size, asked, self._frame)
        while len(self._given) > _MOST_ON_THEIR_WAY:
            self._given.popitem(last=False)
        return made

    def _rests(self, request: Request[Any], same: bool, judged: Judged) -> bool:
        """Return whether what is shown is what would be made."""
        if self._spec.device:
            if judged is not None:
                self._skipped = judged.skipped
            return judged is not None and judged.still
        frame = self._chunks(request)[-1].frames[-1]
        pace = getattr(request.params, "pace", True)
        return pace and same and not self._still.moves(frame)

    def _calmed(self, made: VideoChunk, given: _Given) -> VideoChunk:
        params, frames = given.asked[0], []
        for frame, seen in zip(made.frames, given.chunk.frames, strict=True):
            if frame.shape[2] == seen.shape[2] == 3 and getattr(params, "steady", True):
                seen = _sized(seen, made.size, cv2.INTER_AREA)
                frame = self._steady.steadied(seen, frame, params)
            if made.size == given.chunk.size != given.size:
                frame = _sized(frame, given.size, cv2.INTER_LINEAR)
            frames.append(frame)
        self._shown, self._shown_of = frames[-1], given
        return VideoChunk(np.stack(frames), made.pts, made.duration)

    def _again(self, chunks: Sequence[VideoChunk], shown: Pixels) -> Unmoved:
        again = tuple(
            VideoChunk(np.broadcast_to(shown, (len(each), *shown.shape)), each.pts, each.duration)
            for each in chunks
        )
        job = Unmoved("unmoved", 1, shown=again)
        job.step = 1
        return job

    def _scaled(self, chunk: VideoChunk) -> VideoChunk:
        """Return frames no larger than there is time for."""
        width, height = chunk.size
        scale = min(1.0, (self._spec.pixels / (width * height)) ** 0.5) * self._governor.scale
        if scale == 1.0:
            return chunk
        step = self._spec.multiple
        wide, high = (max(step, round(side * scale / step) * step) for side in (width, height))
        frames = [_sized(each, (wide, high), cv2.INTER_AREA) for each in chunk.frames]
        return VideoChunk(np.stack(frames), chunk.pts, chunk.duration)


def judged(asked: Sequence[tuple[VideoStage, Request[Any]]]) -> list[Judged]:
    """Return what is decided on the device of the frames of several sessions, in one wait."""
    compared = [stage.compared(request) for stage, request in asked]
    if all(each is None for each in compared):
        return [None] * len(asked)
    found = iter(_similarity().stand_still([each for each in compared if each is not None]))
    return [None if each is None else next(found) for each in compared]


def _similarity() -> Any:
    return import_module(".similarity", __package__)


def _asked(request: Request[Any]) -> tuple[Any, ...]:
    return request.params, *request.inputs.values()


def _same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Return whether params are equal, and pictures the same."""
    if len(one) != len(other) or one[0] != other[0]:
        return False
    return all(ours is theirs for ours, theirs in zip(one[1:], other[1:], strict=True))


def _sized(frame: Pixels, size: tuple[int, int], how: int) -> Pixels:
    if frame.shape[1::-1] == size:
        return frame
    return np.asarray(cv2.resize(frame, size, interpolation=how), np.uint8)
