"""Models that keep a prompt's keys and values, and the same that read it at every step."""

from __future__ import annotations

from typing import Any

import pytest

from livedraft.runtime.models import MODELS
from livedraft.runtime.models.diffusion.model import DiffusionModel

# Those that keep them, and whether two rows a step are led by guidance.
KEEPS = {"sana-sprint": False, "sdxl": True, "sdxl-inpaint": True, "pixart": True}
KEEPS |= {"sdxl-turbo-stream": False}
FOX: dict[str, Any] = {"prompt": "a red fox", "seed": 7}
BIRDS: dict[str, Any] = {"prompt": "two blue birds over the harbour at night", "seed": 8}


def kind_of(name: str) -> type[DiffusionModel]:
    kind = MODELS.load(name)
    assert issubclass(kind, DiffusionModel)
    return kind


def without(name: str) -> DiffusionModel:
    """Return the same that reads its prompts at every step."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind_of(name)._kind(), "has_text_kv", False)
        model = kind_of(name).tiny()
    assert not model._family.keeps_text_kv
    return model


def guided(name: str) -> dict[str, Any]:
    return {"guidance": 4.0, "negative_prompt": "grey"} if KEEPS[name] else {}


def network(model: DiffusionModel) -> Any:
    parts = model._family.pipe.components
    return parts.get("unet") or parts["transformer"]


def readers_of(model: DiffusionModel) -> list[Any]:
    return [each for each in network(model).modules() if getattr(each, "is_cross_attention", False)]
