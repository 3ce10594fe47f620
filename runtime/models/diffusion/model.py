"""A diffusion model behind the contract; nothing here needs torch until one is loaded."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from livedraft.errors import MissingExtraError
from livedraft.media.chunks import Output, Still

from ...plan import ALONE, DTYPES, MODES
from ..adapters import attach_all
from ..base import (
    DEFAULT_PLAN,
    Honours,
    ImageInput,
    Job,
    Model,
    ModelInfo,
    Params,
    Pixels,
    Plan,
    Request,
)
from .catalogue import CATALOGUE
from .fitting import Fitting, Size
from .params import MOST_PX, DiffusionParams, GuidanceParams
from .state import MASK, SKETCH, DiffusionJob, DiffusionState
from .wearing import Wearing
from .weights import find

if TYPE_CHECKING:
    from livedraft.runtime.compute.denoise import Denoiser, Denoising

    from .family import Family

__all__ = ["LORAS", "QUANTISED", "SKETCH", "DiffusionModel", "info_of"]

QUANTISED = ("int8", "fp8", "none")  # how the denoiser's weights may be held
LORAS = "loras"  # the folder of LoRAs, beside the parts


BEGINS: Mapping[str, str] = {
    SKETCH: "Lines, colours, a photograph: what the picture begins with.",
    MASK: "White where that picture is painted anew; the rest of it stays as it is.",
}
J = TypeVar("J", bound=Job)


class FamilyModel(
    Wearing["Family"],
    Model[DiffusionParams, DiffusionState, J],
    Generic[J],
):
    """What is made by a family of diffusion models, whatever its jobs are."""

    params: ClassVar[type[Params]] = DiffusionParams
    pictures: ClassVar[Mapping[str, str]] = BEGINS  # that it takes, with what they are
    honours: ClassVar[Honours] = {
        "device": ("cpu", "cuda"),
        "dtype": DTYPES,
        "mode": MODES,
        "quantise": QUANTISED,
        "parallel": (),
    }

    def __init__(self, family: Family) -> None:
        self._family = family
        from livedraft.runtime.compute.denoise import advance

        self._advance = advance  # torch is there by now, and each step asks for it
        width, height = family.native
        self._fitting = Fitting(str(family.device), (width, height))
        self.info = replace(
            type(self).info,
            width=width,
            height=height,
            inputs=_inputs(self.pictures, width, height),
            notes=family.notes,
        )

    @classmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        """Load a folder as diffusers saves a pipeline, with ``vae_tiny/`` and ``loras/`` of it.

        Also from the hub, by owner/name; without a source, what its cache has. Raises
        MissingExtraError without diffusers, WeightsError for what is not whole or of another
        family, OutOfMemory for what does not fit; see ``weights.find``.
        """
        if "parallel" not in cls.honours:  # what is said of all models is heeded by some
            plan = replace(plan, parallel=ALONE)
        found = find(CATALOGUE[cls.info.id], source, plan)
        guided = issubclass(cls.params, GuidanceParams)
        made = cls(_parts().read(cls._kind(), found, guided=guided))
        made._fitting.free = plan.free
        attach_all(made, found.folder / LORAS)
        return made

    @classmethod
    def tiny(cls) -> Self:
        """Return one of the very classes with seeded random weights: it paints noise."""
        return cls(_parts().tiny(cls._kind()))

    def save(self, folder: Path) -> None:
        """Write its weights as they are loaded: as diffusers saves a pipeline."""
        _parts().save(self._family, folder)

    @classmethod
    def _kind(cls) -> type[Family]:
        module, _, name = CATALOGUE[cls.info.id].family.partition(":")
        kind: type[Family] = getattr(import_module(f".families.{module}", __package__), name)
        return kind


class DiffusionModel(FamilyModel[DiffusionJob]):
    """Pictures of a drawing and a prompt by a family of diffusion models."""

    def prepare(
        self, items: Sequence[tuple[DiffusionState, Request[DiffusionParams]]]
    ) -> list[DiffusionJob]:
        """Encode prompts and pictures, only what changed, and begin with noise."""
        from .preparing import prepare, size_of

        size = (self.info.width, self.info.height)
        self._fitting.look_again()
        sizes = [self._whole(size_of(self._family, request, size), request) for _, request in items]
        with self._fitting.trying("prepare", sizes):
            return prepare(self._family, size, [*self.pictures], items)

    def _whole(self, size: tuple[int, int], request: Request[DiffusionParams]) -> Size:
        """Return all that a result's memory depends on, as `Fitting` has it."""
        return size

    def step(self, jobs: Sequence[DiffusionJob]) -> None:
        """Take one step of each in one call of the network."""
        ways, sizes = [job.way for job in jobs], [job.size for job in jobs]
        self._take_step(self._family.denoiser, ways, sizes)
        for job in jobs:
            job.step += 1
            job.data = job.spared

    def _take_step(
        self, denoiser: Denoiser, ways: Sequence[Denoising], sizes: Sequence[Size]
    ) -> None:
        """Take one step of each, of a picture of a size in px, and measure it."""
        with self._fitting.trying("step", sizes):
            self._advance(denoiser, ways, self._family.loras.denoising)

    def emit(self, jobs: Sequence[DiffusionJob]) -> list[list[Output]]:
        """Decode latents as they stand: drafts by the small autoencoder where there is one."""
        pictures: dict[DiffusionJob, Pixels] = {}
        for small in (True, False):
            some = [job for job in jobs if job.small is small]
            if some:
                with self._fitting.trying("emit", [job.size for job in some]):
                    shown = self._family.show([job.way.latents for job in some], small)
                self._fitting.made(some[0].size)
                pictures.update(zip(some, shown, strict=True))
        for job in [job for job in jobs if job.kept is not None]:
            pictures[job] = self._composed(pictures[job], job)
        return [[Still(pictures[job])] for job in jobs]

    @staticmethod
    def _composed(new: Pixels, job: DiffusionJob) -> Pixels:
        from .inpainting import composed

        return new if job.kept is None else composed(new, job.kept)

    def room(self, key: Hashable) -> int:
        """Take as many as its memory has room for, as far as a batch is worth it."""
        width, height, *_ = key if isinstance(key, tuple) else (0, 0)
        return self._fitting.room((width, height))


def info_of(name: str, pictures: Mapping[str, str] = BEGINS) -> ModelInfo:
    """Return what the catalogue says of a model, and which pictures it takes."""
    entry = CATALOGUE[name]
    return ModelInfo(
        id=name,
        task=entry.task,
        title=entry.title,
        description=entry.description,
        licence=entry.licence.name,
        commercial=entry.licence.commercial,
        width=entry.width,
        height=entry.height,
        alpha=False,
        inputs=_inputs(pictures, entry.width, entry.height),
        draft_steps=entry.draft_steps,
        max_steps=entry.max_steps,
    )


def _inputs(pictures: Mapping[str, str], width: int, height: int) -> tuple[ImageInput, ...]:
    return tuple(
        ImageInput(name, width, height, required=False, description=text, most_px=MOST_PX)
        for name, text in pictures.items()
    )


def _parts() -> Any:
    try:
        parts: Any = import_module(".parts", __package__)
    except ImportError:
        raise MissingExtraError("diffusion", "a diffusion model") from None
    parts.hush()  # before the families have diffusers import its pipelines
    return parts
