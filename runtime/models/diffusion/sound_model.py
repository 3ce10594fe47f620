"""A model of sound behind the contract; nothing here needs torch until one is loaded."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from pydantic import Field

from livedraft.errors import MissingExtraError
from livedraft.media.chunks import SECOND, AudioChunk

from ...plan import DTYPES
from ..base import DEFAULT_PLAN, AudioOutput, Honours, Job, Model, ModelInfo, Params, Plan, Request
from ..mixins import PromptParams, SeedParams, StepsParams
from .catalogue import CATALOGUE
from .model import _parts, info_of
from .params import GuidanceParams, NegativeParams, _guidance, _steps
from .placed import Placed
from .state import DiffusionState
from .weights import find

if TYPE_CHECKING:
    from .asked import Text
    from .families.stable_audio import Sounding
    from .families.stable_audio import StableAudio as Sounds

_SDE = "CosineDPMSolverMultistepScheduler"  # draws its noise by torchsde
_ROOM = {"cpu": 2, "cuda": 8}  # sounds of one call


class SoundParams(GuidanceParams, NegativeParams, StepsParams, SeedParams, PromptParams):
    """Params of a model of sound, of which a draft takes a tenth of the steps."""

    prompt: str = Field(default="", max_length=2000, description="What is heard.")
    negative_prompt: str = Field(default="", max_length=2000, description="What is not heard.")
    guidance: float = _guidance(7.0)
    steps: int = _steps(100, 200, "ten")
    seconds: float = Field(default=10.0, ge=0.1, le=47, description="How long the sound is, s.")


@dataclass(slots=True, eq=False)
class SoundJob(Job):
    """A sound on its way."""

    way: Sounding
    at: int  # µs on the media clock, where it begins


class SoundModel(Placed["Sounds"], Model[SoundParams, DiffusionState, SoundJob]):
    """Sound of a prompt, by a family of diffusion models."""

    info: ModelInfo
    params: ClassVar[type[Params]] = SoundParams
    honours: ClassVar[Honours] = {"device": ("cpu", "cuda"), "dtype": DTYPES}

    def __init__(self, family: Sounds) -> None:
        self._family = family
        output = AudioOutput(rate=family.rate, channels=family.channels)
        self.info = replace(type(self).info, outputs=(output,))

    @classmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        """Load a folder as diffusers saves a pipeline, or from the hub; see ``weights.find``.

        Raises MissingExtraError, too, where the folder's scheduler needs torchsde.
        """
        found = find(CATALOGUE[cls.info.id], source, plan)
        _check_scheduler(found.folder, cls.info.id)
        return cls(cast("Sounds", _parts().read(cls._kind(), found)))

    @classmethod
    def tiny(cls) -> Self:
        """Return one of the very classes with seeded random weights: it makes noise."""
        return cls(cast("Sounds", _parts().tiny(cls._kind())))

    def save(self, folder: Path) -> None:
        """Write its weights as they are loaded: as diffusers saves a pipeline."""
        _parts().save(self._family, folder)

    @classmethod
    def _kind(cls) -> type[Sounds]:
        from .families.stable_audio import StableAudio as Sounds

        return Sounds

    def prepare(
        self, items: Sequence[tuple[DiffusionState, Request[SoundParams]]]
    ) -> list[SoundJob]:
        """Encode prompts, only what changed, and begin with noise."""
        return [self._job(*item) for item in items]

    def _job(self, state: DiffusionState, request: Request[SoundParams]) -> SoundJob:
        from .preparing import bring_back

        params, family = request.params, self._family
        bring_back(family, state)

        def read(prompt: str) -> Text:
            found: Text = state.texts.get(prompt, lambda: family.read(prompt))
            return found

        unlike = read(params.negative_prompt) if params.negative_prompt else None
        way = family.begin_sound(
            read(params.prompt), unlike, params.guidance, params.seconds, request.steps, params.seed
        )
        return SoundJob(family.form(way), request.steps, way, request.at)

    def step(self, jobs: Sequence[SoundJob]) -> None:
        """Take one step of each in one call of the network."""
        self._family.go_on([job.way for job in jobs])
        for job in jobs:
            job.step += 1

    def _chunks(self, job: SoundJob) -> list[AudioChunk]:
        """Return a sound as pieces of a second."""
        rate = self._family.rate
        samples = self._family.heard(job.way).T.contiguous().cpu().numpy()
        return [
            AudioChunk(samples[at : at + rate], rate, job.at + round(at * SECOND / rate))
            for at in range(0, len(samples), rate)
        ]

    def emit(self, jobs: Sequence[SoundJob]) -> list[list[AudioChunk]]:
        """Return the sound once it is whole, decoded one by one: it takes most of the memory."""
        return [self._chunks(job) if job.done else [] for job in jobs]

    def room(self, key: Hashable) -> int:
        """Take as many as the device likes."""
        return _ROOM.get(self._family.device.type, 1)


class StableAudio(SoundModel):
    """Stability AI, "Stable Audio Open", 2024."""

    info: ModelInfo = replace(info_of("stable-audio"), inputs=(), outputs=(AudioOutput(),))


def _check_scheduler(folder: Path, name: str) -> None:
    said: Mapping[str, Any] = json.loads(
        (folder / "scheduler" / "scheduler_config.json").read_text("utf-8")
    )
    if said.get("_class_name") == _SDE and find_spec("torchsde") is None:
        raise MissingExtraError("sound", f"the sampler of {name}'s weights")
