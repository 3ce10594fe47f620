"""Folders of weights as sd-turbo has them, of a few numbers each, whole until they are broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from livedraft.runtime.models.diffusion.catalogue import CATALOGUE

ENTRY = CATALOGUE["sd-turbo"]
NETWORKS = {
    "unet": ("diffusers", "UNet2DConditionModel", "diffusion_pytorch_model"),
    "vae": ("diffusers", "AutoencoderKL", "diffusion_pytorch_model"),
    "text_encoder": ("transformers", "CLIPTextModel", "model"),
}
OTHERS = {
    "scheduler": ("diffusers", "EulerDiscreteScheduler", "scheduler_config.json"),
    "tokenizer": ("transformers", "CLIPTokenizer", "vocab.json"),
}
NUMBERS = 24  # of each network


def index(**changes: Any) -> dict[str, Any]:
    """Return a model_index.json, with a safety checker that nobody calls and that is not there."""
    parts = {name: list(part[:2]) for name, part in (NETWORKS | OTHERS).items()}
    return {
        "_class_name": "StableDiffusionPipeline",
        "_diffusers_version": "0.42.1",
        "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"],
        "feature_extractor": [None, None],
        "requires_safety_checker": False,
        **parts,
        **changes,
    }


def write(folder: Path, **changes: Any) -> Path:
    """Write a whole folder, whose index has ``changes``, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model_index.json").write_text(json.dumps(index(**changes)))
    for name, (_, _, stem) in NETWORKS.items():
        (folder / name).mkdir()
        (folder / name / "config.json").write_text("{}")
        save(folder / name / f"{stem}.safetensors", "weight")
    for name, (_, _, file) in OTHERS.items():
        (folder / name).mkdir()
        (folder / name / file).write_text("{}")
    return folder


def save(path: Path, *tensors: str) -> None:
    """Write a safetensors file of tensors by name, with NUMBERS numbers in all."""
    each = np.zeros(NUMBERS // len(tensors), np.float16)
    save_file({name: each.copy() for name in tensors}, path)
