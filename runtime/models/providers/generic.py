"""What a provider's model takes where nobody says: a prompt, a seed, pictures, and more as JSON."""

from __future__ import annotations

import json
from typing import Any

from pydantic import Field, field_validator

from livedraft.errors import InvalidParams

from ..base import ImageInput
from ..mixins import PromptParams, SeedParams

_SIDE = 1024  # px
GENERIC_INPUTS = (
    ImageInput(
        "image", _SIDE, _SIDE, required=False, description="Goes to the provider as image_url."
    ),
    ImageInput(
        "reference", _SIDE, _SIDE, required=False, description="A second one of image_urls."
    ),
)


class GenericParams(SeedParams, PromptParams):
    """Params that most models know."""

    extra: str = Field(
        default="",
        max_length=20_000,
        description="Further arguments of the model, as a JSON object.",
    )

    @field_validator("extra")
    @classmethod
    def _is_an_object(cls, text: str) -> str:
        further(text)
        return text


def further(text: str) -> dict[str, Any]:
    """Return arguments that a JSON object says; raise ValueError for anything else."""
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
    except RecursionError:
        found = None
    if not isinstance(found, dict):
        raise ValueError('a JSON object, such as {"aspect_ratio": "16:9"}')
    return found


def said(params: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of params, further ones over them; raise InvalidParams."""
    arguments = {name: value for name, value in params.items() if name != "extra"}
    try:
        return arguments | further(str(params.get("extra", "")))
    except ValueError as error:
        raise InvalidParams(f"extra is not {error}", fix="write a JSON object") from None
