"""Ways to train the drawing networks of `ink`, made comparable: one interface, the same batches."""

from __future__ import annotations

import copy
import random
from abc import ABC, abstractmethod
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from livedraft.runtime.models.ink.layout import MAX_STEPS
from livedraft.runtime.models.ink.tuning.nets.colour_net import ColourNet, Painting
from livedraft.runtime.models.ink.tuning.nets.decoder import LineDecoder
from livedraft.runtime.models.ink.tuning.nets.layers import Widths
from livedraft.runtime.models.ink.tuning.nets.losses import painting_loss, pixel_loss, true_choice

from ..data.batch import Batch
from ..data.batches import CROP
from ..train.losses import STEP_WEIGHT, colour_loss, decoder_loss, predict, run
from ..train.trainer import Recipe, Trainer
from .plain import PatchCritic, PlainUNet

BATCH, RATE = 16, 1.2e-3
CLEAN = 0.05  # share of noise below which a velocity's error is not divided by it
INTERVALS = 8  # of the path from noise to picture that consistency is learned on
ADVERSARIAL = 0.05  # weight of the critic's opinion
SILENT = 0.25  # share of the updates in which the critic only learns
CRITIC_RATE = 4e-4


class Variant(ABC):
    """One way to train; `updates` is the whole budget, which the learning rate follows."""

    title: str
    steps: tuple[int, ...] = (1, 2, 4)
    net: type[nn.Module] = ColourNet

    def __init__(self, widths: Widths, updates: int, seed: int = 0) -> None:
        self.trainer = trainer(self.net, widths, updates, seed)

    @abstractmethod
    def loss(self, batch: Batch) -> Tensor:
        """Return what one batch says of the network."""

    @abstractmethod
    def sample(self, net: nn.Module, batch: Batch, steps: int) -> Tensor:
        """Paint premultiplied RGBA in -1..1: (B, 4, 64, 64), or as large as the lines."""

    def update(self, batch: Batch) -> None:
        """Learn from one batch."""
        advance(self.trainer, self.loss(batch))


class Ours(Variant):
    """Draft from nothing, refine own drafts: what ships."""

    title = "ours"

    def loss(self, batch: Batch) -> Tensor:
        return colour_loss(colour_net(self.trainer.net), batch)

    def sample(self, net: nn.Module, batch: Batch, steps: int) -> Tensor:
        return run(colour_net(net), batch, steps)


class Flow(Variant):
    """Rectified flow (Liu et al., 2022, arXiv:2209.03003), sampled by Euler's method.

    Time goes from 0, noise, to 1. The net predicts the picture and is judged by the velocity that
    follows from it, with the palette's cross-entropy as `Ours` has it.
    """

    title = "rectified flow"

    def loss(self, batch: Batch) -> Tensor:
        time = torch.rand(len(batch.latent))
        at = noised(batch.latent, torch.randn_like(batch.latent), time)
        painted = predict_at(self.trainer.net, batch, at, time)
        left = (1 - time).clamp(min=CLEAN)[:, None, None, None]
        error = ((painted.rgba - batch.latent) / left).square().mean()
        return error + 0.15 * surprise(painted, batch)

    def sample(self, net: nn.Module, batch: Batch, steps: int) -> Tensor:
        x = torch.randn_like(batch.latent)
        for step in range(steps):
            x = flow_step(net, batch, x, step / steps, 1 / steps, decided=step == steps - 1)
        return x


class Consistency(Variant):
    """A flow for half of the updates, then its consistency distillation.

    Song et al., 2023, arXiv:2303.01469, algorithms 1 and 2: the student's answer at one moment is
    to be its running average's answer at the next, which one step of the teacher reaches.
    """

    title = "flow, then consistency"

    def __init__(self, widths: Widths, updates: int, seed: int = 0) -> None:
        super().__init__(widths, updates - updates // 2, seed)
        self.flow = Flow(widths, updates // 2, seed)
        self.teacher: nn.Module | None = None
        self.target = copy.deepcopy(self.trainer.net)

    def update(self, batch: Batch) -> None:
        if self.flow.trainer.progress < 1:
            self.flow.update(batch)
            return
        if self.teacher is None:
            self.teacher = self.flow.trainer.average()
            self.trainer.net.load_state_dict(self.flow.trainer.ema)
            self.trainer.ema = {k: v.clone() for k, v in self.flow.trainer.ema.items()}
        super().update(batch)

    def loss(self, batch: Batch) -> Tensor:
        assert self.teacher is not None
        time = torch.randint(INTERVALS, (len(batch.latent),)) / INTERVALS
        at = noised(batch.latent, torch.randn_like(batch.latent), time)
        later = time + 1 / INTERVALS
        with torch.no_grad():
            self.target.load_state_dict(self.trainer.ema)
            taught = predict_at(self.teacher, batch, at, time).rgba
            share = (1 / INTERVALS / (1 - time))[:, None, None, None]
            reached = at + share * (taught - at)
            predicted = predict_at(self.target, batch, reached, later).rgba
            at_end = (later >= 1)[:, None, None, None]
            wanted = torch.where(at_end, reached, predicted)  # at time 1 the answer is the picture
        painted = predict_at(self.trainer.net, batch, at, time)
        near = ((painted.rgba - wanted).square() + 1e-4).sqrt().mean()
        return near + 0.15 * surprise(painted, batch)

    def sample(self, net: nn.Module, batch: Batch, steps: int) -> Tensor:
        x = torch.zeros_like(batch.latent)
        for step in range(steps):
            time = torch.full((len(x),), step / steps)
            at = noised(x, torch.randn_like(x), time)
            x = predict_at(net, batch, at, time, decided=step == steps - 1).rgba
        return x


class Adversarial(Ours):
    """Ours, and a critic of patches that sees lines and strokes too.

    Isola et al., 2017 (PatchGAN), with the hinge loss of Lim and Ye, 2017.
    """

    title = "ours + patch critic"

    def __init__(self, widths: Widths, updates: int, seed: int = 0) -> None:
        super().__init__(widths, updates, seed)
        self.critic = PatchCritic()
        self.optimiser = torch.optim.AdamW(self.critic.parameters(), CRITIC_RATE, betas=(0.5, 0.98))

    def loss(self, batch: Batch) -> Tensor:
        net = colour_net(self.trainer.net)
        step = random.choices(range(MAX_STEPS), STEP_WEIGHT)[0]
        with torch.no_grad():
            latent = run(net, batch, step)
        painted = predict(net, batch, latent, step)
        loss = painting_loss(painted, batch.latent, batch.palette)
        self._teach(painted.rgba.detach(), batch)
        if self.trainer.progress < SILENT:
            return loss
        opinion: Tensor = self.critic(painted.rgba, batch.lines, batch.hints)
        return loss - ADVERSARIAL * opinion.mean()

    def _teach(self, painted: Tensor, batch: Batch) -> None:
        drawn = (batch.lines, batch.hints)
        true, false = self.critic(batch.latent, *drawn), self.critic(painted, *drawn)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(F.relu(1 - true).mean() + F.relu(1 + false).mean())
        self.optimiser.step()


class Plain(Variant):
    """A U-Net from sketch and words to full-size RGBA: no palette, no latent, no regions."""

    title = "plain U-Net"
    steps = (1,)
    net = PlainUNet

    def loss(self, batch: Batch) -> Tensor:
        made = self.sample(self.trainer.net, batch, 1)
        return pixel_loss(made, batch.target, batch.target[:, 3:] / 2 + 0.5)

    def sample(self, net: nn.Module, batch: Batch, steps: int) -> Tensor:
        made: Tensor = net(batch.lines, batch.hints, batch.text, batch.style)
        return made


class NoRegions(Ours):
    """Ours, but told nothing of the regions that lines enclose."""

    title = "ours without regions"

    def loss(self, batch: Batch) -> Tensor:
        return super().loss(replace(batch, regions=torch.zeros_like(batch.regions)))

    def sample(self, net: nn.Module, batch: Batch, steps: int) -> Tensor:
        return super().sample(net, replace(batch, regions=torch.zeros_like(batch.regions)), steps)


class Decoding:
    """The decoder of all variants that paint coarse: learned from true latents, disturbed."""

    def __init__(self, widths: Widths, updates: int, seed: int = 0) -> None:
        self.trainer = trainer(LineDecoder, widths, updates, seed)

    def update(self, batch: Batch) -> None:
        """Learn from a crop of a batch's full pictures."""
        y, x = (random.randrange(0, 256 - CROP + 1, 16) for _ in range(2))
        target = batch.target[..., y : y + CROP, x : x + CROP]
        net = self.trainer.net
        assert isinstance(net, LineDecoder)
        advance(self.trainer, decoder_loss(net, replace(batch, target=target, crop=(y, x)), None))


VARIANTS: dict[str, type[Variant]] = {
    "ours": Ours,
    "flow": Flow,
    "consistency": Consistency,
    "adversarial": Adversarial,
    "plain": Plain,
    "no_regions": NoRegions,
}


def trainer(net: type[nn.Module], widths: Widths, updates: int, seed: int) -> Trainer:
    """Return a trainer whose clock goes on by one second an update."""
    return Trainer(Recipe(net, BATCH, RATE), widths, updates / 60, seed)


def advance(trainer: Trainer, loss: Tensor) -> None:
    """Take one optimiser step, and let the clock go on."""
    trainer.update(loss)
    trainer.seconds += 1


def colour_net(net: nn.Module) -> ColourNet:
    """Tell the type checker."""
    assert isinstance(net, ColourNet)
    return net


def noised(latent: Tensor, noise: Tensor, time: Tensor) -> Tensor:
    """Return where the straight path from noise (time 0) to the picture (1) is at times (B,)."""
    share = time[:, None, None, None]
    return share * latent + (1 - share) * noise


def flow_step(
    net: nn.Module, batch: Batch, x: Tensor, time: float, length: float, decided: bool
) -> Tensor:
    """Go along the predicted velocity; the last step ends at the predicted picture."""
    times = torch.full((len(x),), time)
    picture = predict_at(net, batch, x, times, decided).rgba
    return x + length / (1 - time) * (picture - x)


def predict_at(
    net: nn.Module, batch: Batch, latent: Tensor, time: Tensor, decided: bool = False
) -> Painting:
    """Predict the picture from a latent at times (B,) under a batch's conditions."""
    drawn = (batch.lines, batch.hints, batch.regions)
    painted: Painting = net(latent, time, *drawn, batch.palette, batch.text, batch.style, decided)
    return painted


def surprise(painted: Painting, batch: Batch) -> Tensor:
    """Return the cross-entropy of the choice of palette entries, inside the silhouette."""
    true = true_choice(batch.latent, batch.palette)
    cover = batch.latent[:, 3:] / 2 + 0.5
    return -((true * painted.logits.log_softmax(1)).sum(1, keepdim=True) * cover).mean()
