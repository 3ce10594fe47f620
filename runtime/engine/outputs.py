"""What ``emit`` gave, read on the engine's thread and made ours: a model may reuse its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from livedraft.errors import ModelFailed
from livedraft.media.chunks import AudioChunk, Output, Still, VideoChunk
from livedraft.media.images import MAX_PIXELS, MAX_SIDE, type_of

from ..models.base import ModelInfo, Pixels
from .contract import as_many, kind_of
from .faults import FIX

_MOST_OUTPUTS = 1024  # of a job at a time: more than may wait of every input
_MOST_FRAMES = 1024  # of a chunk
_MOST_SAMPLES = 2**22  # of a chunk; 87 s at 48 kHz
_KINDS = {Still: "image", VideoChunk: "video", AudioChunk: "audio"}

A = TypeVar("A", bound=np.generic)


def outputs(made: Any, count: int, info: ModelInfo) -> list[tuple[Output, ...]]:
    """Return the outputs of so many jobs; raise ModelFailed for anything else."""
    found = as_many(made, count, "emit", "lists of outputs for {} jobs")
    return [_of_a_job(each, info) for each in found]


def pictures(made: Any, hands: tuple[str, ...]) -> dict[str, Pixels]:
    """Return what ``hand_over`` gave, which nobody can write to any more; raise ModelFailed.

    The arrays stay the objects that they are: the caches of who gets them compare with ``is``.
    """
    if not isinstance(made, Mapping):
        raise ModelFailed(f"hand_over returned {kind_of(made)}, not pictures by name", fix=FIX)
    found = dict(islice(made.items(), len(hands) + 1))
    for name, picture in found.items():
        if name not in hands:
            raise ModelFailed(f"hand_over returned {name!r:.60}, not one of {hands}", fix=FIX)
        plain = _checked(picture, 3, 1, "hand_over")
        found[name] = picture if type(picture) is np.ndarray else plain
        found[name].setflags(write=False)
    return found


def _of_a_job(made: Any, info: ModelInfo) -> tuple[Output, ...]:
    if not isinstance(made, (list, tuple)):
        raise ModelFailed(f"emit returned {kind_of(made)} for a job, not a list", fix=FIX)
    found = list(islice(made, _MOST_OUTPUTS + 1))
    if len(found) > _MOST_OUTPUTS:
        raise ModelFailed(f"emit returned over {_MOST_OUTPUTS} outputs of a job", fix=FIX)
    kinds = {spec.kind for spec in info.outputs}
    for each in found:
        if type(each) not in _KINDS:
            raise ModelFailed(
                f"emit returned {kind_of(each)}, not a Still, VideoChunk or AudioChunk", fix=FIX
            )
        if _KINDS[type(each)] not in kinds:
            raise ModelFailed(
                f"emit returned {kind_of(each)}; the model's info has outputs of kind "
                + ", ".join(sorted(kinds)),
                fix=FIX,
            )
    ours = tuple(map(_ours, found))
    _check_times(ours)
    return ours


def _ours(output: Output) -> Output:
    """Return an output of which the model can change nothing any more."""
    if isinstance(output, Still):
        return Still(_pixels(output.pixels, 3, 1), _file(output.file))
    if isinstance(output, VideoChunk):
        frames = _pixels(output.frames, 4, _MOST_FRAMES)
        return VideoChunk(frames, output.pts, output.duration)
    samples: Any = output.samples
    plain = _plain(samples)
    if plain.size > _MOST_SAMPLES:
        raise ModelFailed(f"emit returned a chunk of {plain.size} samples", fix=FIX)
    return AudioChunk(_kept(plain), output.rate, output.pts)


def _file(file: Any) -> bytes:
    """Return a file that goes out as it is; raise ModelFailed for what is none."""
    if type(file) is not bytes or (file and not type_of(file)):
        raise ModelFailed("a Still's file is no PNG, JPEG or WebP", fix=FIX)
    return file


def _check_times(made: Sequence[Output]) -> None:
    last = {VideoChunk: -1, AudioChunk: -1}
    for each in made:
        if isinstance(each, Still):
            continue
        if each.pts <= last[type(each)]:
            raise ModelFailed(
                f"emit returned what is shown at {each.pts} µs after {last[type(each)]}", fix=FIX
            )
        last[type(each)] = each.pts


def _plain(array: Any, verb: str = "emit") -> NDArray[Any]:
    if not isinstance(array, np.ndarray):
        raise ModelFailed(f"{verb} returned {kind_of(array)} of pixels, not an array", fix=FIX)
    return np.ndarray.view(array, np.ndarray)  # what a subclass says of itself is anybody's code


def _pixels(array: Any, axes: int, most: int) -> NDArray[np.uint8]:
    return _kept(_checked(array, axes, most))


def _checked(array: Any, axes: int, most: int, verb: str = "emit") -> NDArray[np.uint8]:
    plain = _plain(array, verb)
    if plain.dtype != np.uint8 or plain.ndim != axes or plain.shape[-1] not in (3, 4):
        raise ModelFailed(
            f"{verb} returned {plain.dtype} {plain.shape}, not (H, W, 3|4) uint8", fix=FIX
        )
    height, width, _ = plain.shape[-3:]
    count = plain.shape[0] if axes == 4 else 1
    if not (1 <= height <= MAX_SIDE and 1 <= width <= MAX_SIDE and height * width <= MAX_PIXELS):
        raise ModelFailed(
            f"{verb} returned a picture of {width} × {height} px; 1 to {MAX_SIDE} a side and "
            f"{MAX_PIXELS} in all are possible",
            fix=FIX,
        )
    if not 1 <= count <= most:
        raise ModelFailed(f"{verb} returned {count} frames; 1 to {most} are possible", fix=FIX)
    return plain


def _kept(plain: NDArray[A]) -> NDArray[A]:
    if _immutable(plain):
        return plain  # such as an input that is handed back
    return np.array(plain)  # the model may go on with its own while this is being encoded


def _immutable(pixels: NDArray[Any]) -> bool:
    """Say whether nobody can write to pixels. A flag tells nothing: its owner may take it back."""
    beneath: object = pixels
    while type(beneath) is np.ndarray:
        beneath = beneath.base
    return type(beneath) is bytes
