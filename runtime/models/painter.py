"""The least that a model of pictures can be: a generator that yields a picture a step."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from livedraft.errors import ModelFailed
from livedraft.media.chunks import Still

from .base import (
    DEFAULT_PLAN,
    Honours,
    ImageInput,
    Inputs,
    Job,
    Model,
    ModelInfo,
    Params,
    Pixels,
    Plan,
    Request,
    to_pixels,
)

P = TypeVar("P", bound=Params)
Picture = Image.Image | NDArray[Any]  # Pillow's; uint8 (H, W, 3 | 4); or floats of it in 0..1

_MEND = "let paint return a picture, or yield at least one"


def painted(
    id: str,
    title: str,
    *,
    width: int,
    height: int,
    takes: Sequence[str] = ("sketch",),
    draft_steps: int = 1,
    max_steps: int = 1,
    alpha: bool = False,
    licence: str = "as its author says",
    commercial: Literal["yes", "capped", "no"] = "yes",
    description: str = "",
) -> ModelInfo:
    """Return the info of a model of pictures; those that it ``takes`` may all be left out."""
    return ModelInfo(
        id=id,
        task="sketch-to-image" if takes else "text-to-image",
        title=title,
        description=description,
        licence=licence,
        commercial=commercial,
        width=width,
        height=height,
        alpha=alpha,
        inputs=tuple(ImageInput(name, width, height, alpha, required=False) for name in takes),
        draft_steps=draft_steps,
        max_steps=max_steps,
        preview_every=1 if max_steps > 1 else 0,
    )


@dataclass(slots=True, eq=False)
class PaintJob(Job):
    """One picture on its way."""

    pictures: Iterator[Picture]
    shown: Pixels | None = None
    mode: str = "RGB"


class Painter(Model[P, None, PaintJob]):
    """A model of which one writes ``info``, ``params`` and ``paint``.

    Weights are loaded in ``__init__``, which gets no arguments. Jobs are painted one by one: for
    batches, session states, sound or video derive from ``Model``.
    """

    info: ModelInfo
    params: ClassVar[type[Params]] = Params
    honours: ClassVar[Honours] = {"device": ("cpu",)}

    @abstractmethod
    def paint(self, params: P, pictures: Inputs, steps: int) -> Picture | Iterator[Picture]:
        """Return a picture, or yield one a step, each better than the one before.

        Of those that are yielded the first ``steps`` are taken, or fewer where there are no more;
        the last is the answer, and those before it are previews. ``pictures`` are (H, W, 3 | 4)
        of any size, by the names of ``info.inputs``, and not to be written to. A generator that
        nobody wants any more is closed at its ``yield``.
        """

    @classmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        """Return the model; where it loads weights, ``__init__`` does."""
        return cls()

    @classmethod
    def tiny(cls) -> Self:
        """Return the model as it is."""
        return cls()

    def open(self) -> None:
        """Keep nothing for a session."""

    def prepare(self, items: Sequence[tuple[None, Request[P]]]) -> list[PaintJob]:
        """Begin each picture; a generator runs from its first step on."""
        return [self._job(request) for _, request in items]

    def _job(self, request: Request[P]) -> PaintJob:
        made = self.paint(request.params, request.inputs, request.steps)
        pictures = made if isinstance(made, Iterator) else iter((made,))
        mode = "RGBA" if self.info.alpha else "RGB"
        return PaintJob(self.info.id, request.steps, pictures, mode=mode)

    def step(self, jobs: Sequence[PaintJob]) -> None:
        """Take the next picture of each."""
        for job in jobs:
            picture = next(job.pictures, None)
            if picture is not None:
                job.shown = _fitted(picture, job.mode)
            elif job.shown is None:
                raise ModelFailed("paint made no picture", fix=_MEND)
            else:
                job.ended = True
            job.step += 1
            if job.done:
                self.give_up(job)

    def give_up(self, job: PaintJob) -> None:
        """Close the generator, so that what it holds is freed at its ``yield``."""
        if isinstance(job.pictures, Generator):
            job.pictures.close()

    def emit(self, jobs: Sequence[PaintJob]) -> list[list[Still]]:
        """Return the newest picture of each, before its first step none."""
        return [[Still(job.shown)] if job.shown is not None else [] for job in jobs]

    def room(self, key: Hashable) -> int:
        """Take one picture at a time, so that nobody waits for another's."""
        return 1


def _fitted(picture: object, mode: str) -> Pixels:
    """Return a picture as uint8 with the channels of a mode of Pillow's."""
    if isinstance(picture, np.ndarray) and picture.dtype.kind == "f":
        picture = to_pixels(picture)
    if isinstance(picture, np.ndarray):
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] not in (3, 4):
            raise ModelFailed(
                f"paint gave {picture.dtype} of shape {picture.shape}",
                fix="give (H, W, 3 | 4): uint8, or floats in 0..1",
            )
        picture = Image.fromarray(picture)
    if not isinstance(picture, Image.Image):
        raise ModelFailed(f"paint gave a {type(picture).__name__}, not a picture", fix=_MEND)
    return np.asarray(picture.convert(mode))
