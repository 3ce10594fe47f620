"""What a server tells of a model: the entries of ``GET /v1/models`` and ``opened.model``."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from livedraft.errors import BadMessage
from livedraft.protocol.messages import Loras, Note, Opened, Progress, Switched


class _Info(BaseModel):
    """Base: immutable; keys that a newer server adds are kept, not refused."""

    model_config = ConfigDict(frozen=True, extra="allow")


class InputInfo(_Info):
    """One input of a model: a picture, or ``kind`` says what else."""

    name: str
    kind: str = "image"  # or "video", "audio", "text"
    width: int = 0  # px, what the model works at; 0: any, or sound
    height: int = 0  # px
    rate: float = 0.0  # frames or samples a second; 0: any
    channels: int = 0  # of sound; 0: any
    max_chars: int = 0  # of text: how much may wait
    alpha: bool = False  # transparency carries meaning
    required: bool = True
    description: str = ""


class OutputInfo(_Info):
    """One output of a model: a picture, or ``kind`` says what else."""

    name: str
    kind: str = "image"  # or "video", "audio"
    width: int = 0  # px; 0: that of what came in, or sound
    height: int = 0  # px
    rate: float = 0.0  # frames or samples a second; 0: that of what came in
    channels: int = 0  # of sound


class LoraInfo(_Info):
    """A LoRA that the server has for a model: clients name it in the param ``loras``."""

    name: str
    title: str = ""
    description: str = ""


class ModelInfo(_Info):
    """What a model is, what it takes and gives and, in ``params_schema``, which params."""

    id: str
    task: str = ""
    title: str = ""
    description: str = ""  # one sentence: what it makes, of what
    licence: str = ""
    commercial: str = ""
    width: int  # px, native size of a picture
    height: int  # px
    alpha: bool = False  # pictures are RGBA
    inputs: tuple[InputInfo, ...] = ()
    outputs: tuple[OutputInfo, ...] = ()
    draft_steps: int = 1
    max_steps: int = 1
    loras: tuple[LoraInfo, ...] = ()
    params_schema: dict[str, Any] = {}  # JSON schema of its params
    default: bool = False  # whether the server takes it when no model is named
    state: str = "ready"  # else it is to come, and may turn out to be another than it says here

    @property
    def picture_names(self) -> list[str]:
        """The names of its inputs for pictures, in their order."""
        return [spec.name for spec in self.inputs if spec.kind == "image"]


class SwitchedModel(NamedTuple):
    """What came of a switch: the model that drafts now, and what of the params stayed."""

    model: ModelInfo
    params: dict[str, Any]  # all in force
    dropped: dict[str, Any]  # that were set before, with their values, and that it does not take


class RefineProgress(NamedTuple):
    """How far a final picture or film is, and what there is to know meanwhile."""

    step: int
    steps: int  # 0: nobody knows how many
    notes: tuple[Note, ...]  # such as the place in a provider's queue


def progress_of(message: Progress) -> RefineProgress:
    """Return how far something final is."""
    return RefineProgress(message.step, message.steps, tuple(message.notes))


def model_of(message: Opened | Switched) -> ModelInfo:
    """Return the model that drafts from here on; raise BadMessage."""
    return _read(message.model, message.type)


def with_loras(model: ModelInfo, loras: Loras) -> ModelInfo:
    """Return a model with the LoRAs that it has now; raise BadMessage."""
    return _read(model.model_dump() | {"loras": loras.loras}, loras.type)


def _read(fields: dict[str, Any], said_in: str) -> ModelInfo:
    try:
        return ModelInfo.model_validate(fields)
    except ValidationError as error:
        raise BadMessage(
            f"'{said_in}' tells of no model: {error.error_count()} faults",
            fix="use a client and a server of one version",
        ) from None
