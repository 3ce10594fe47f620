"""Tune `ink` to a folder of pictures: `livedraft lora train FOLDER -o my.safetensors`."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from livedraft.runtime.compute.adapters.training import Adapters

from ...base import Plan
from ...tuning.device import CPU, default, mixed
from ...tuning.loop import Recipe, run
from ..inference.lora import MODEL, adaptable
from ..layout import MAX_STEPS, STYLES
from ..model import Ink
from .nets.colour_net import channels_last
from .nets.inputs import as_words, jitter, map_regions, roughened
from .nets.layers import Widths, Words
from .nets.losses import painting_loss, palette_loss
from .nets.networks import Networks
from .nets.palettes import extract_palette
from .nets.sketching import affine_grids, draw_hints, hand_drawn
from .palettes import make_bank
from .pictures import Picture
from .preview import Preview

BATCH, LARGE_BATCH = 8, 32  # pictures of an update, on the CPU and on a GPU
BANK = 240  # prompts whose palettes are moved to the folder's manner
PALETTES = 64  # of an update
CROP = 128  # px, what the decoder sees of a picture
FINISHED = 0.2  # of updates train the decoder: only its tint adapts, 32 numbers
PALETTE_STEPS = 6  # of each update: they cost little
RATE = 3e-3
WARM_UP = 10  # updates
HINTED = 0.25  # share of sketches with coloured strokes
STEP_WEIGHT = (0.75, 0.15, 0.06, 0.04)  # how often the draft and each refinement are trained
UNCAPTIONED = 0.15  # share of empty prompts


class Tuning:
    """One LoRA in training.

    Networks, pictures and the drawing by hand are on the device; its networks are not compiled,
    which would take as long as the training.
    """

    def __init__(
        self, recipe: Recipe, pictures: list[Picture], model: Ink, device: torch.device = CPU
    ) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.pictures, self.device = recipe, pictures, device
        self.batch = BATCH if device.type == "cpu" else LARGE_BATCH
        self.text, self.rng = model.text, random.Random(recipe.seed)
        self.nets = Networks(Widths())
        self.nets.read(model.source.weights)
        channels_last(self.nets)
        self.adapters = Adapters(self.nets, adaptable(model.source), recipe.rank)
        self.nets.eval().to(device)  # no dropout: what is trained is small already
        self.optimiser = torch.optim.AdamW(
            self.adapters.parameters(), RATE, betas=(0.9, 0.98), weight_decay=0.01
        )
        art = torch.from_numpy(np.stack([p.art for p in pictures])).permute(0, 3, 1, 2)
        lines = torch.from_numpy(np.stack([p.lines for p in pictures]))[:, None]
        self.art, self.lines = art.to(device), lines.to(device)
        small = F.avg_pool2d(art, 4).permute(0, 2, 3, 1)
        self.palettes = np.stack(
            [extract_palette((one.numpy() * 255).round().astype(np.uint8)) for one in small]
        )
        self.bank = make_bank(model, self.palettes, BANK, recipe.seed)
        self.base, self.updates = model.source.stamp, 0
        self.interrupted = False
        self._loss: Tensor = torch.tensor(math.nan)

    @property
    def loss(self) -> float:
        """Running average of the painting's loss; to read it waits for the device."""
        return float(self._loss)

    def update(self, progress: float) -> None:
        """Take one step of painting and a few of palettes; `progress` in 0..1 sets the rate."""
        warm = min(1.0, (self.updates + 1) / WARM_UP)
        for group in self.optimiser.param_groups:
            group["lr"] = RATE * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
        for _ in range(PALETTE_STEPS):
            with default(self.device):
                palettes = self.palette_part()
            self._step(palettes)
        with default(self.device), mixed(self.device):
            loss = self.painting_part()
        self._step(loss)
        now = loss.detach().float()
        self._loss = self._loss.lerp(now, 0.05) if self.updates else now
        self.updates += 1

    def _step(self, loss: Tensor) -> None:
        self.optimiser.zero_grad(set_to_none=True)  # what a loss does not reach, stays
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self.adapters.parameters(), 1.0)
        self.optimiser.step()

    def palette_part(self) -> Tensor:
        """Return the loss of palettes: half the pictures' own, half of the bank."""
        own = self.rng.choices(range(len(self.pictures)), k=PALETTES // 2)
        other = self.rng.choices(range(len(self.bank.prompts)), k=PALETTES // 2)
        prompts = [self.worded(self.pictures[i].caption) for i in own]
        prompts += [self.with_trigger(self.bank.prompts[i]) for i in other]
        palettes = torch.from_numpy(
            np.concatenate([self.palettes[own], self.bank.palettes[other]]).astype(np.float32)
        )
        others = torch.from_numpy(self.bank.styles[other]).to(self.device)
        style = torch.cat([self.styles(len(own)), others])
        words = roughened(self.encode(prompts))
        return palette_loss(self.nets.palette, palettes.to(self.device), words, style)

    def painting_part(self) -> Tensor:
        """Return the loss of a draft or refinement, or at times of a crop of a finished one."""
        count = self.batch
        rows = self.rng.choices(range(len(self.pictures)), k=count)
        steady, wobbled = affine_grids(count, wobble=True)
        art = F.grid_sample(self.art[rows], steady, mode="bilinear", align_corners=False)
        lines, hints = draw_hints(
            hand_drawn(self.lines[rows], wobbled), F.avg_pool2d(art, 4), share=HINTED
        )
        text = self.encode([self.worded(self.pictures[i].caption) for i in rows])
        palette = jitter(torch.from_numpy(self.palettes[rows]).to(self.device))
        conditions = (lines, hints, map_regions(lines), palette, text, style := self.styles(count))
        target = F.avg_pool2d(art, 4) * 2 - 1
        latent = torch.zeros_like(target)
        steps = self.rng.choices(range(MAX_STEPS), STEP_WEIGHT)[0]
        with torch.no_grad():
            for step in range(steps):
                latent = self.nets.colour(
                    latent, _time(step, count), *conditions, decided=True
                ).rgba
        time = _time(steps, count)
        if self.rng.random() >= FINISHED:
            return painting_loss(self.nets.colour(latent, time, *conditions), target, palette)
        with torch.no_grad():
            coarse = self.nets.colour(latent, time, *conditions, decided=True).rgba
        y, x = (self.rng.randrange(0, 256 - CROP + 1, 16) for _ in range(2))
        near = (..., slice(y // 4, (y + CROP) // 4), slice(x // 4, (x + CROP) // 4))
        place = (..., slice(y, y + CROP), slice(x, x + CROP))
        fine = self.nets.decoder(coarse[near], lines[place], hints[near], palette, style)
        return painting_loss(fine, art[place] * 2 - 1, palette)

    def worded(self, caption: str) -> str:
        """Word a picture as a user may: with the trigger, or nothing at all."""
        return self.with_trigger("" if self.rng.random() < UNCAPTIONED else caption)

    def with_trigger(self, words: str) -> str:
        """Put the style's own words first, if it has any."""
        return f"{self.recipe.prompt} {words}".strip()

    def encode(self, prompts: list[str]) -> Words:
        """Look prompts up in the static table."""
        return as_words(self.text.encode(prompts)).to(self.device)

    def styles(self, count: int) -> Tensor:
        """Draw styles: whichever a user has chosen, the LoRA should look alike."""
        return torch.randint(len(STYLES), (count,), device=self.device)

    def save(self, path: Path) -> None:
        """Write the file as it stands."""
        about = {
            **self.recipe.about,
            "model": MODEL,
            "base": self.base,
            "pictures": str(len(self.pictures)),
            "updates": str(self.updates),
        }
        self.adapters.save(path, about)


def train(
    recipe: Recipe,
    pictures: list[Picture],
    output: Path,
    *,
    model: Ink | None = None,
    device: torch.device = CPU,
    clock: Callable[[], float] = time.monotonic,
    preview_s: float = 30.0,
) -> Tuning:
    """Train until the time is used or Ctrl+C, and write the file; previews go beside it."""
    start = clock()
    model = model or Ink.load(plan=Plan(threads=torch.get_num_threads()))
    tuning = Tuning(recipe, pictures, model, device)
    preview = Preview(pictures, model, output.with_suffix(".png"), recipe.prompt)
    run(
        tuning,
        output,
        lambda: preview.draw(output),
        clock=clock,
        start=start,
        preview_s=preview_s,
    )
    return tuning


def _time(step: int, count: int) -> Tensor:
    return torch.full((count,), step / MAX_STEPS)
