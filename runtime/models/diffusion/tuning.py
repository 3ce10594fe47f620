"""Tune a diffusion model to a folder of pictures: low-rank changes of its attention."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps
from torch import Tensor, nn

from livedraft.errors import ConfigError
from livedraft.files import replacing
from livedraft.kernels import pixels_in
from livedraft.media.chunks import Still
from livedraft.media.images import on_white
from livedraft.protocol.messages import Stage
from livedraft.runtime.compute.adapters.training import Adapters
from livedraft.runtime.compute.denoise import Conditioning, Denoising, predicted
from livedraft.runtime.compute.execution.trees import mapped

from ..base import Pixels, Request
from ..tuning.folder import caption, opened, pictures_in
from ..tuning.loop import Recipe
from .asked import Asked
from .model import DiffusionModel
from .objectives import Objective, objective

BATCH = 4  # pictures of an update
RATE = 1e-3
WARM_UP = 10  # updates
UNCAPTIONED = 0.1  # share of empty prompts, so that guidance goes on to work
SHOWN, SIDE = 4, 128  # pictures of the preview, and their px
# Of attention, as the field's LoRAs have them: of pictures, of text beside them, of both in one.
_TRAINED = (
    *("to_q", "to_k", "to_v", "to_out.0", "attn.to_out"),
    *("add_q_proj", "add_k_proj", "add_v_proj", "to_add_out"),
    "to_qkv_mlp_proj",
)
_LARGE = 10**9  # numbers of a network from which on what it computed is computed again


@dataclass(frozen=True)
class Example:
    """A picture to learn from, and what it shows."""

    caption: str
    pixels: Pixels


def read_examples(folder: Path, size: tuple[int, int]) -> list[Example]:
    """Read all pictures of a folder, cut to a size in px; transparency becomes white paper."""
    return [_example(path, size) for path in pictures_in(folder)]


class DiffusionTuning:
    """One LoRA in training, by the objective that the model itself was taught with."""

    def __init__(self, recipe: Recipe, examples: Sequence[Example], model: DiffusionModel) -> None:
        self.recipe, self.examples = recipe, examples
        self.updates, self.interrupted = 0, False
        self._model, self._family = model, model._family
        self._part, network = denoiser_of(model)
        self._rng = random.Random(recipe.seed)
        self._draw = torch.Generator().manual_seed(recipe.seed)
        torch.manual_seed(recipe.seed)
        self._latents = self._encoded()
        self._asked = self._asks()
        self._learns = objective_of(model, self._asked)
        self._texts = [self._read(self._worded(each.caption)) for each in examples]
        self._empty = self._read(self._worded(""))
        self._before = [self._painted(each) for each in self._shown]
        self._adapters = Adapters(network, trained_layers(network), recipe.rank)
        _save_memory(network)
        self._optimiser = torch.optim.AdamW(self._adapters.parameters(), RATE, weight_decay=0.01)
        self._loss = torch.tensor(math.nan)

    @property
    def loss(self) -> float:
        """Running average; to read it waits for the device."""
        return float(self._loss)

    def update(self, progress: float) -> None:
        """Learn from some pictures at random times; ``progress`` in 0..1 sets the rate."""
        warm = min(1.0, (self.updates + 1) / WARM_UP)
        for group in self._optimiser.param_groups:
            group["lr"] = RATE * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
        rows = self._rng.choices(range(len(self.examples)), k=BATCH)
        loss = self._denoised(rows)
        self._optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self._adapters.parameters(), 1.0)
        self._optimiser.step()
        now = loss.detach().float().cpu()
        self._loss = self._loss.lerp(now, 0.05) if self.updates else now
        self.updates += 1

    def save(self, path: Path) -> None:
        """Write the file as it stands, in PEFT's naming, as diffusers reads it."""
        about = {
            **self.recipe.about,
            "model": self._model.info.id,
            "pictures": str(len(self.examples)),
            "updates": str(self.updates),
        }
        self._adapters.save(path, about, f"{self._part}.")

    def draw(self, path: Path) -> None:
        """Write a strip of pictures: before, now, and what was to be learned."""
        strip = Image.new("RGB", (3 * SIDE, len(self._shown) * SIDE))
        for row, (example, before) in enumerate(zip(self._shown, self._before, strict=True)):
            for column, cell in enumerate((before, self._painted(example), example.pixels)):
                small = Image.fromarray(cell).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
                strip.paste(small, (column * SIDE, row * SIDE))
        with replacing(path) as partial:
            strip.save(partial, "PNG")

    @property
    def _shown(self) -> Sequence[Example]:
        return self.examples[:: max(1, len(self.examples) // SHOWN)][:SHOWN]

    def _denoised(self, rows: Sequence[int]) -> Tensor:
        """Return how far the network is from what it is to say of latents with noise."""
        denoiser, draw = self._family.denoiser, self._draw
        noised = self._learns(torch.cat([self._latents[row] for row in rows]), draw)
        said = [
            self._empty if self._rng.random() < UNCAPTIONED else self._texts[row] for row in rows
        ]
        way = self._family.sampler(self._asked, 1.0)
        ways = [
            Denoising(latents, way, (dict(text),), draw)
            for latents, text in zip(noised.latents.split(1), said, strict=True)
        ]
        outputs = predicted(denoiser, ways, noised.times.split(1))
        return F.mse_loss(torch.cat(outputs).float(), noised.target.float())

    @torch.inference_mode()
    def _encoded(self) -> list[Tensor]:
        vae, found = self._family.pipe.vae, []
        for each in self.examples:
            pixels = torch.from_numpy(each.pixels[None]).to(vae.device)
            frames = pixels_in(pixels, size=each.pixels.shape[:2], dtype=vae.dtype)
            (seen,) = self._family.encoded(vae, frames)
            found.append(seen.mean)
        with torch.inference_mode(False):
            return [mean.clone() for mean in found]

    def _read(self, prompt: str) -> Conditioning:
        """Return what the network is told of a prompt, as tensors that may be learned through."""
        asked = replace(self._asked, text=self._family.read(prompt))
        (call,) = self._family.conditioned(asked)
        told: Conditioning = mapped(call, Tensor.clone)
        return told

    def _asks(self) -> Asked:
        """Return what is asked for where a refine of the pictures' size is made of words."""
        height, width = self.examples[0].pixels.shape[:2]
        steps = self._model.params.model_fields["steps"].default
        return Asked(self._family.read(""), None, None, width, height, 0, steps, 1.0)

    def _worded(self, words: str) -> str:
        return f"{self.recipe.prompt} {words}".strip()

    def _painted(self, example: Example) -> Pixels:
        model = self._model
        params: Any = model.params.model_validate({"prompt": self._worded(example.caption)})
        request = Request(params, {}, Stage.FINAL, model.info.draft_steps)
        (job,) = model.prepare([(model.open(), request)])
        while not job.done:
            model.step([job])
        (shown,) = model.emit([job])[0]
        assert isinstance(shown, Still), "it paints"
        return shown.pixels


def denoiser_of(model: DiffusionModel) -> tuple[str, nn.Module]:
    """Return the network that is trained, and by what name its pipeline has it."""
    if model.info.outputs[0].kind != "image":
        raise ConfigError(
            f"{model.info.id} cannot be trained: it makes moving pictures",
            fix="train ink, or a model of pictures such as sd-turbo",
        )
    if model._family.told_mask:
        raise ConfigError(
            f"{model.info.id} cannot be trained: it learns of masks",
            fix="train the model that it was made from, such as sd-1.5: its LoRAs fit here, too",
        )
    parts = model._family.pipe.components
    for name in ("unet", "transformer"):
        if isinstance(network := parts.get(name), nn.Module):
            return name, network
    raise _untaught(model)


def objective_of(model: DiffusionModel, asked: Asked) -> Objective:
    """Return what a model learns pictures by; raise ConfigError for one that learns otherwise."""
    found = objective(model._family, asked)
    if found is None:
        raise _untaught(model)
    return found


def _untaught(model: DiffusionModel) -> ConfigError:
    return ConfigError(
        f"{model.info.id} cannot be trained: it was distilled by another objective",
        fix="train ink, a model with a UNet such as sd-turbo, or one of flow matching such as "
        "flux2-klein",
    )


def _save_memory(network: nn.Module) -> None:
    """Have a large network keep no more than its blocks' inputs on the way to its gradients."""
    large = sum(each.numel() for each in network.parameters()) >= _LARGE
    checkpointing = getattr(network, "enable_gradient_checkpointing", None)
    if large and checkpointing is not None:
        checkpointing()


def trained_layers(network: nn.Module) -> list[str]:
    """Return the names of the weights that a LoRA changes."""
    return [f"{path}.weight" for path, _ in network.named_modules() if path.endswith(_TRAINED)]


def _example(path: Path, size: tuple[int, int]) -> Example:
    fitted = ImageOps.fit(on_white(opened(path)), size, Image.Resampling.LANCZOS)
    return Example(caption(path), np.array(fitted))
