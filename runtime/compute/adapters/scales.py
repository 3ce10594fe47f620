"""Alpha of LoRAs whose files keep it beside the matrices: diffusers' metadata, PEFT's settings."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from livedraft.errors import WeightsError

from ...tensor_files import Metadata, unreadable
from .names import DENOISER, Key

Scales = Callable[[Key, int], float]  # of a module and a rank: what its product is multiplied by
_DIFFUSERS = "lora_adapter_metadata"
_PEFT_FILE, _PEFT_SETTINGS = "adapter_model.safetensors", "adapter_config.json"
_MOST_SETTINGS_BYTES = 2**20
_PART = re.compile(r"(unet|transformer|transformer_2|text_encoder(?:_[23])?)\.(.+)")
_NAME = re.compile(r"[\w.]+")
_SAYS = {"unet": DENOISER, "transformer": DENOISER, "transformer_2": "denoiser_2"}


def scales_of(path: Path, metadata: Metadata) -> Scales:
    """Return scales by module, 1 where nothing is said; raise WeightsError for what is no LoRA."""
    by_part = {part: _checked(path, said) for part, said in _settings(path, metadata).items()}

    def scale(key: Key, rank: int) -> float:
        return _scale(by_part.get(key.part, {}), key.dotted, rank)

    return scale


def _settings(path: Path, metadata: Metadata) -> dict[str, dict[str, Any]]:
    """Return what is said of each part."""
    if _DIFFUSERS in metadata:
        parts: dict[str, dict[str, Any]] = {}
        for name, value in _object(path, metadata[_DIFFUSERS]).items():
            found = _PART.fullmatch(name)
            if found:
                parts.setdefault(_SAYS.get(found[1], found[1]), {})[found[2]] = value
        return parts
    beside = path.with_name(_PEFT_SETTINGS)
    if path.name != _PEFT_FILE or not beside.is_file():
        return {}
    if beside.stat().st_size > _MOST_SETTINGS_BYTES:
        raise unreadable(path, f"{_PEFT_SETTINGS} beside it is too large")
    return {DENOISER: _object(path, beside.read_text("utf-8", "replace"))}


def _object(path: Path, text: str) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise unreadable(path, "its settings are no JSON object", "download or train it again")
    return read


def _checked(path: Path, said: dict[str, Any]) -> dict[str, Any]:
    for flag, kind in (("use_dora", "DoRA"), ("lora_bias", "a LoRA with biases")):
        if said.get(flag):
            raise WeightsError(f"{path.name} is {kind}, which is not read", fix="use a plain LoRA")
    patterns = said.get("alpha_pattern") or {}
    # PEFT takes them as regular expressions, which a stranger's file may have run for hours.
    if not isinstance(patterns, dict) or not all(map(_NAME.fullmatch, patterns)):
        raise WeightsError(
            f"{path.name} has an alpha for modules that it does not name plainly",
            fix="save it with the full names of modules in alpha_pattern",
        )
    return {**said, "alpha_pattern": patterns}


def _scale(said: Mapping[str, Any], module: str, rank: int) -> float:
    """Return alpha by rank, or by its root (Kalajdzievski, 2023) where the settings say so."""
    if not said:
        return 1.0
    named = (one for one in said["alpha_pattern"] if f".{module}".endswith(f".{one}"))
    pattern = next(named, None)
    alpha = said["alpha_pattern"][pattern] if pattern else said.get("lora_alpha", rank)
    if not isinstance(alpha, int | float):
        return math.nan
    return alpha / (math.sqrt(rank) if said.get("use_rslora") else rank)
