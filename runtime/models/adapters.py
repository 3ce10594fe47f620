"""LoRAs of a model: files that are read beside its calls, and attached and detached between them.

A model that takes LoRAs is `Adaptable` beside `Model`, and its params are `LoraParams`.
"""

from __future__ import annotations

import logging
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from livedraft.errors import InvalidParams, ModelFailed, WeightsError, did_you_mean
from livedraft.protocol.values import text_fault

from .base import AnyModel, Params
from .info import LoraInfo, ModelInfo
from .mixins import LoraParams

log = logging.getLogger(__name__)

MOST = 256  # LoRAs of a model: each is told to every client
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_MOST_TEXT = 2000  # characters of a title or a description


@dataclass(frozen=True, eq=False)
class Adapter:
    """A LoRA's file as a model has read and checked it; a model subclasses it for its tensors."""

    info: LoraInfo


A = TypeVar("A", bound=Adapter)
P = TypeVar("P", bound=Params)


class Adaptable(ABC, Generic[A]):
    """What a model has beside `Model` to take LoRAs."""

    @abstractmethod
    def read_lora(self, name: str, path: Path) -> A | None:
        """Read a file, to be known by a name; return None if it is for another model.

        Called on any thread while the model works, so it changes nothing, and reads of the model
        what never changes. Raises WeightsError where the file is damaged or was trained for other
        weights: what it returns can be attached.
        """

    @abstractmethod
    def attach(self, adapter: A) -> None:
        """Make an adapter known by its name, which is free; raise, and leave all as it was.

        On the engine's thread, as the model's other calls; quick, for everybody waits meanwhile.
        """

    @abstractmethod
    def detach(self, name: str) -> None:
        """Know a name no more. Jobs that were prepared with it are finished with it."""


def read_adapter(model: AnyModel, name: str, path: Path) -> Adapter | None:
    """Return what a model reads in a file, None if that is not for it.

    Raises WeightsError for a name that cannot be one, and whatever the model raises.
    """
    checked_name(name)
    if not isinstance(model, Adaptable):
        return None
    read: Any = model.read_lora(name, path)
    if read is None:
        return None
    if not isinstance(read, Adapter) or not _presentable(read.info, name):
        raise ModelFailed(
            f"read_lora of {model.info.id} gave no Adapter of that name",
            fix="mend the model; docs/guides/add-a-model.md says what it must keep to",
        )
    return read


def attach(model: AnyModel, adapter: Adapter) -> None:
    """Attach what was read to the model that read it; raise WeightsError if its name is taken."""
    known = [lora.name for lora in model.info.loras]
    if adapter.info.name in known:
        raise WeightsError(
            f"{model.info.id} has a LoRA '{adapter.info.name}'",
            fix="give the new one another name, or detach that one before",
        )
    if len(known) >= MOST:
        raise WeightsError(f"{model.info.id} has {MOST} LoRAs", fix="detach some before")
    assert isinstance(model, Adaptable), "it has read the adapter"
    model.attach(adapter)
    model.info = replace(model.info, loras=(*model.info.loras, adapter.info))


def attach_all(model: AnyModel, folder: Path) -> None:
    """Attach each file of a folder by its name; leave out, with a line in the log, what cannot be.

    What lies beside a model's weights is no reason not to serve it.
    """
    for path in sorted(folder.glob("[!.]*.safetensors")):
        try:
            read = read_adapter(model, path.stem.lower(), path)
            if read is None:
                raise WeightsError("it is for another model", fix="take it out of the folder")
            attach(model, read)
        except WeightsError as error:
            log.warning("LoRA %s of %s is left out: %s", path.name, model.info.id, error)


def detach(model: AnyModel, name: str) -> None:
    """Take a LoRA off a model; raise WeightsError where it has none of that name."""
    left = tuple(lora for lora in model.info.loras if lora.name != name)
    if len(left) == len(model.info.loras) or not isinstance(model, Adaptable):
        raise WeightsError(
            f"{model.info.id} has no LoRA '{name[:40]}'", fix=_closest(name, model.info)
        )
    model.detach(name)
    model.info = replace(model.info, loras=left)


def checked_name(name: str, example: str = "my-style") -> str:
    """Return the name; raise WeightsError, with an example, where a LoRA cannot be called so."""
    if not _NAME.fullmatch(name):
        raise WeightsError(
            f"'{name[:60]}' cannot be the name of a LoRA",
            fix=f"use up to 40 of a-z, 0-9, '-', '_' and '.': {example}",
        )
    return name


def presented(name: str, metadata: Mapping[str, str]) -> LoraInfo:
    """Return what clients see of a file, by what trainers write into its header."""

    def said(*keys: str) -> str:
        found = (metadata.get(key) or metadata.get(f"modelspec.{key}") or "" for key in keys)
        return next((text for text in found if text), "")

    description = said("description")[:500]
    if words := said("prompt", "trigger_phrase")[:100]:
        description = f"{description} Say “{words}” in the prompt.".strip()
    return LoraInfo(name, said("title")[:80] or name, description)


def check_loras(schema: type[Params], changes: Mapping[str, Any], info: ModelInfo) -> None:
    """Refuse params that name a LoRA which the model has not; raise InvalidParams."""
    if not issubclass(schema, LoraParams):
        return
    known = {lora.name for lora in info.loras}
    for name in changes.get("loras") or ():
        if name not in known:
            raise InvalidParams(f"no LoRA '{str(name)[:40]}'", fix=_closest(str(name), info))


def present(params: P, info: ModelInfo) -> P:
    """Return params without the LoRAs that the model has no more."""
    if not isinstance(params, LoraParams):
        return params
    known = {lora.name for lora in info.loras}
    left = {name: weight for name, weight in params.loras.items() if name in known}
    return params if len(left) == len(params.loras) else params.model_copy(update={"loras": left})


def _closest(name: str, info: ModelInfo) -> str:
    known = [lora.name for lora in info.loras]
    return did_you_mean(name, known) if known else "this server has none"


def _presentable(info: Any, name: str) -> bool:
    """Say whether a LoRA may be shown to clients as this."""
    return (
        type(info) is LoraInfo
        and info.name == name
        and all(
            isinstance(text, str) and len(text) <= _MOST_TEXT and text_fault(text) is None
            for text in (info.title, info.description)
        )
    )
