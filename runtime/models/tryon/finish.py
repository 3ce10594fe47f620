"""What a large model that finishes a try-on is: it paints, and no pixel beside the mask changes.

A family derives from `Finisher` and says how it begins, takes a step and shows what it has; what
it paints from is cut for it, and what it painted is laid back here, inside the mask alone.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Generic, TypeVar, final

import numpy as np
from pydantic import Field

from livedraft.errors import InvalidImage, ModelFailed
from livedraft.media.chunks import Still

from ..base import REFINED, ImageInput, InputSpec, Job, Model, Params, Pixels, Request
from ..mixins import PromptParams, SeedParams, StepsParams
from .cut import Cut, Mask

TASK = "tryon-finish"
MOST_PX = 2048  # a side, of photographs


def inputs_of(side: int) -> tuple[InputSpec, ...]:
    """Return the inputs of a finisher that paints best at an area of ``side`` × ``side`` px."""
    whole = partial(ImageInput, width=side, height=side, most_px=MOST_PX)
    worn = partial(ImageInput, width=side, height=side, alpha=True)
    return (
        whole("person", description="The photograph."),
        worn("garment", description="What is worn."),
        worn("lower", required=False, description="A second one, worn with a top."),
        whole("mask", description="White: is painted anew; black: stays."),
        whole("draft", description="The person, dressed quickly."),
    )


class FinishParams(StepsParams, SeedParams, PromptParams):
    """Params of models that finish a try-on."""

    prompt: str = Field(
        default="",
        max_length=2000,
        description="How the garment is worn, such as 'tucked in', where that matters.",
    )
    strength: float = Field(
        default=0.9,
        ge=0,
        le=1,
        description="How far the picture may go from the draft.",
        json_schema_extra=REFINED,
    )


P = TypeVar("P", bound=FinishParams)
S = TypeVar("S")  # what a session keeps, as of any model
W = TypeVar("W")  # what a family keeps of a picture under way: latents, conditioning, its sigmas


@dataclass(frozen=True, slots=True)
class Fitting(Generic[P]):
    """What is to be painted: a part of the photograph, at the model's size."""

    person: Pixels  # (h, w, 3)
    draft: Pixels  # (h, w, 3)
    mask: Mask  # (h, w): 1 is painted anew, 0 stays
    garments: tuple[Pixels, ...]  # (H, W, 3 | 4), one or two, the lower one last
    params: P
    steps: int


@dataclass(slots=True, eq=False)
class FinishJob(Job, Generic[W]):
    """A picture on its way: what the family makes of it, and where it goes."""

    cut: Cut
    work: W


class Finisher(Model[P, S, FinishJob[W]], Generic[P, S, W]):
    """A model of the task ``tryon-finish``: person, garments, mask and draft in, a picture out.

    A session that drafts with ``tryon`` and has it as ``refine_model`` hands it all of them. Its
    ``info`` names ``TASK`` and ``inputs_of(side)``. The rest is as in any model: ``load``,
    ``tiny``, ``open`` and ``room``.
    """

    params: ClassVar[type[Params]] = FinishParams
    grid: ClassVar[int] = 16  # px that the sides of what it paints are multiples of

    @abstractmethod
    def begin(self, items: Sequence[tuple[S, Fitting[P]]]) -> Sequence[W]:
        """Return what each picture is made from: its conditioning, and noise over its draft."""

    @abstractmethod
    def advance(self, works: Sequence[tuple[W, int]]) -> None:
        """Take one denoising step of each, at the step that it stands at, in one call."""

    @abstractmethod
    def painted(self, works: Sequence[W]) -> Sequence[Pixels]:
        """Return each picture as it stands, (h, w, 3) of its fitting's size; changes nothing."""

    @final
    def prepare(self, items: Sequence[tuple[S, Request[P]]]) -> list[FinishJob[W]]:
        """Cut what the mask lets change; pictures of one size share their calls."""
        cuts = [self._cut(request) for _, request in items]
        fittings = [
            (state, _fitting(cut, request))
            for (state, request), cut in zip(items, cuts, strict=True)
        ]
        works = self.begin(fittings)
        return [
            FinishJob(cut.person.shape[:2], request.steps, cut, work)
            for (_, request), cut, work in zip(items, cuts, works, strict=True)
        ]

    @final
    def step(self, jobs: Sequence[FinishJob[W]]) -> None:
        """Take one denoising step of each."""
        self.advance([(job.work, job.step) for job in jobs])
        for job in jobs:
            job.step += 1

    @final
    def emit(self, jobs: Sequence[FinishJob[W]]) -> list[list[Still]]:
        """Return the photographs with their paintings laid in; the rest is bit for bit theirs."""
        pictures = self.painted([job.work for job in jobs])
        return [
            [Still(job.cut.laid_in(_checked(picture, job.cut)))]
            for job, picture in zip(jobs, pictures, strict=True)
        ]

    def _cut(self, request: Request[P]) -> Cut:
        given = request.inputs
        missing = [n for n in ("person", "garment", "mask", "draft") if n not in given]
        if missing:
            raise InvalidImage(
                f"{self.info.id} needs a {missing[0]}",
                fix="draft with 'tryon' and refine with this one, or send all four pictures",
            )
        return Cut.of(
            given["person"],
            given["mask"],
            given["draft"],
            most_px=self.info.width * self.info.height,
            grid=self.grid,
        )


def _fitting(cut: Cut, request: Request[P]) -> Fitting[P]:
    given = request.inputs
    garments = tuple(given[name] for name in ("garment", "lower") if name in given)
    return Fitting(cut.person, cut.draft, cut.mask, garments, request.params, request.steps)


def _checked(picture: Pixels, cut: Cut) -> Pixels:
    if picture.dtype != np.uint8 or picture.shape != cut.person.shape:
        raise ModelFailed(
            f"painted returned {picture.dtype} {picture.shape}, not uint8 {cut.person.shape}",
            fix="return a picture of the size of the fitting",
        )
    return picture
