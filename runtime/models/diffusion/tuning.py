"""Tune a diffusion model with a UNet to a folder of pictures: low-rank changes of its attention."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps
from torch import Tensor, nn

from livedraft.errors import ConfigError
from livedraft.files import replacing
from livedraft.protocol.messages import Stage
from livedraft.runtime.compute.adapters.training import Adapters
from livedraft.runtime.compute.denoise import Conditioning, collated
from livedraft.runtime.compute.execution.trees import mapped

from ..base import Pixels, Request
from ..tuning.folder import caption, opened, pictures_in
from ..tuning.loop import Recipe
from .family import Asked, Family
from .model import DiffusionModel

BATCH = 4  # pictures of an update
RATE = 1e-3
WARM_UP = 10  # updates
UNCAPTIONED = 0.1  # share of empty prompts, so that guidance goes on to work
SHOWN, SIDE = 4, 128  # pictures of the preview, and their px
_TRAINED = ("to_q", "to_k", "to_v", "to_out.0")  # of attention, as the field's LoRAs have


@dataclass(frozen=True)
class Example:
    """A picture to learn from, and what it shows."""

    caption: str
    pixels: Pixels


def read_examples(folder: Path, size: tuple[int, int]) -> list[Example]:
    """Read all pictures of a folder, cut to a size in px; transparency becomes white paper."""
    return [_example(path, size) for path in pictures_in(folder)]


class DiffusionTuning:
    """One LoRA in training: the plain objective of denoising (Ho et al., 2020) on its pictures."""

    def __init__(self, recipe: Recipe, examples: Sequence[Example], model: DiffusionModel) -> None:
        self.recipe, self.examples = recipe, examples
        self.updates, self.interrupted = 0, False
        self._model, self._family = model, model._family
        self._unet = unet_of(model)
        self._rng = random.Random(recipe.seed)
        self._draw = torch.Generator().manual_seed(recipe.seed)
        torch.manual_seed(recipe.seed)
        self._latents = self._encoded()
        self._texts = [self._read(self._worded(each.caption)) for each in examples]
        self._empty = self._read(self._worded(""))
        self._before = [self._painted(each) for each in self._shown]
        self._adapters = Adapters(self._unet, trained_layers(self._unet), recipe.rank)
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
        self._adapters.save(path, about, "unet.")

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
        """Return how far the network is from what was added to the latents, or their velocity."""
        scheduler = self._family.pipe.scheduler
        latents = torch.cat([self._latents[row] for row in rows])
        times = torch.randint(len(scheduler.alphas_cumprod), (len(rows),), generator=self._draw)
        noise = torch.randn(latents.shape, generator=self._draw).to(latents)
        kept = scheduler.alphas_cumprod[times].view(-1, 1, 1, 1).to(latents)
        alpha, sigma = kept.sqrt(), (1 - kept).sqrt()
        said = [
            self._empty if self._rng.random() < UNCAPTIONED else self._texts[row] for row in rows
        ]
        denoiser = self._family.denoiser
        given: dict[str, Any] = collated([dict(text) for text in said])
        given[denoiser.latents] = alpha * latents + sigma * noise
        given[denoiser.time] = times.to(latents.device)
        made = denoiser.left(denoiser.network(**given))
        velocity = scheduler.config.prediction_type == "v_prediction"
        return F.mse_loss(
            made.float(), (alpha * noise - sigma * latents if velocity else noise).float()
        )

    def _encoded(self) -> list[Tensor]:
        height, width = self.examples[0].pixels.shape[:2]
        return [
            self._family.see([each.pixels], width, height, False)[0].mean.clone()
            for each in self.examples
        ]

    def _read(self, prompt: str) -> Conditioning:
        """Return what the UNet is told of a prompt, as tensors that may be learned through."""
        height, width = self.examples[0].pixels.shape[:2]
        text = self._family.read(prompt)
        asked = Asked(text, None, None, width, height, 0, 1, 1.0)
        (call,) = self._family.conditioned(asked)
        told: Conditioning = mapped(call, Tensor.clone)
        return told

    def _worded(self, words: str) -> str:
        return f"{self.recipe.prompt} {words}".strip()

    def _painted(self, example: Example) -> Pixels:
        model = self._model
        params: Any = model.params.model_validate({"prompt": self._worded(example.caption)})
        request = Request(params, {}, Stage.FINAL, model.info.draft_steps)
        (job,) = model.prepare([(model.open(), request)])
        while not job.done:
            model.step([job])
        return model.emit([job])[0][0].pixels


def unet_of(model: DiffusionModel) -> nn.Module:
    """Return a model's UNet; raise ConfigError for one that has none, since it learns otherwise."""
    family: Family = model._family
    unet = family.pipe.components.get("unet")
    if not isinstance(unet, nn.Module) or not hasattr(family.pipe.scheduler, "alphas_cumprod"):
        raise ConfigError(
            f"{model.info.id} cannot be trained", fix="train ink, or a model with a UNet: sd-turbo"
        )
    return unet


def trained_layers(unet: nn.Module) -> list[str]:
    """Return the names of the weights that a LoRA changes."""
    return [f"{path}.weight" for path, _ in unet.named_modules() if path.endswith(_TRAINED)]


def _example(path: Path, size: tuple[int, int]) -> Example:
    picture = opened(path)
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture)
    fitted = ImageOps.fit(paper.convert("RGB"), size, Image.Resampling.LANCZOS)
    return Example(caption(path), np.array(fitted))
