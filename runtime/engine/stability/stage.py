"""The stage of a session's moving pictures: what a model sees of them, and what of its is shown.

A model asks for it by ``Model.stability``. Frames on which nothing moves are not made anew; the
others are made as large as there is time for, carried along with what moves, and shown at the
size at which they came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
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


@dataclass(slots=True, eq=False)
class Unmoved(Job):
    """What there is to show where nothing moves: the same again, without the model."""

    shown: tuple[Output, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a job is made of: frames as the model sees them, and how large they came."""

    stage: VideoStage
    chunks: Sequence[VideoChunk]
    sizes: Sequence[tuple[int, int]]
    params: Any
    began: float  # s


class VideoStage:
    """One session's."""

    def __init__(self, spec: Stability, clock: Clock = MONOTONIC) -> None:
        self._spec = spec
        self._clock = clock
        self._steady = Steady()
        self._still = Still()
        self._governor = Governor()
        self._shown: Pixels | None = None  # the newest frame, as it was shown
        self._asked: tuple[Any, ...] = ()  # how it was made: params and pictures

    def before(self, request: Request[Any]) -> tuple[Request[Any], Seen] | Unmoved | None:
        """Return what the model is to see of a request, or what is shown without it.

        None where it is about no moving pictures.
        """
        chunks = request.video.get(self._spec.input, ())
        if not chunks or request.stage is not Asked.DRAFT:
            return None
        asked = (request.params, *request.inputs.values())
        same = len(asked) == len(self._asked) and asked[0] == self._asked[0]
        same = same and all(
            one is other for one, other in zip(asked[1:], self._asked[1:], strict=True)
        )
        self._asked = asked
        plain = not (request.audio or request.text or request.running or request.interrupted)
        frame = chunks[-1].frames[-1]
        pace = getattr(request.params, "pace", True)
        if pace and same and plain and self._shown is not None and not self._still.moves(frame):
            return self._again(chunks, self._shown)
        self._still.anew(frame)
        made = [self._scaled(chunk) if pace else chunk for chunk in chunks]
        sizes = [chunk.size for chunk in chunks]
        seen = Seen(self, made, sizes, request.params, self._clock())
        return replace(request, video={**request.video, self._spec.input: made}), seen

    def after(self, seen: Seen, made: tuple[Output, ...]) -> tuple[Output, ...]:
        """Return what is shown of what a model made."""
        films = [each for each in made if isinstance(each, VideoChunk)]
        if [len(each) for each in films] != [len(each) for each in seen.chunks]:
            self._shown = None  # it keeps its own times
            return made
        frames = sum(map(len, films))
        pairs = iter(zip(films, seen.chunks, seen.sizes, strict=True))
        shown = tuple(
            self._calmed(*next(pairs), seen.params) if isinstance(each, VideoChunk) else each
            for each in made
        )
        self._governor.took((self._clock() - seen.began) / frames)
        return shown

    def _calmed(
        self, made: VideoChunk, seen: VideoChunk, size: tuple[int, int], params: Any
    ) -> VideoChunk:
        frames = []
        for frame, given in zip(made.frames, seen.frames, strict=True):
            plain = frame.shape[2] == 3 and given.shape == frame.shape
            if plain and getattr(params, "steady", True):
                frame = self._steady.steadied(given, frame, params)
            if made.size == seen.size != size:
                frame = np.asarray(
                    cv2.resize(frame, size, interpolation=cv2.INTER_LINEAR), np.uint8
                )
            frames.append(frame)
        self._shown = frames[-1]
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
        size = tuple(max(step, round(side * scale / step) * step) for side in (width, height))
        frames = [cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in chunk.frames]
        return VideoChunk(np.stack(frames).astype(np.uint8, copy=False), chunk.pts, chunk.duration)
