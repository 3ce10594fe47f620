"""Training of the nets, one a kind of garment."""

from __future__ import annotations

import copy
import math
import time
from dataclasses import dataclass, field

import torch
from torch import Tensor
from tqdm import tqdm

from .offsets import SMALL, Batch, OffsetNet, Shape, judged

BLOCKS = 8  # of examples that lie side by side, kept from each member
INNER, EDGE = 32, 24  # places of each part that an update looks at
AVERAGED = 0.995  # of the running average of the weights
LOOKS = 30  # how often weights are tried on what was kept aside


@dataclass(frozen=True)
class Recipe:
    """How a net is trained; ends after ``updates`` or ``minutes``, whichever are first."""

    updates: int = 3000
    minutes: float = math.inf
    shape: Shape = field(default=SMALL)
    batch: int = 64  # examples of each member
    rate: float = 3e-3
    decay: float = 0.02
    noise: float = 0.06  # standard deviations of what is told, added to it
    worst: float = 0.0  # by how much more the worst examples count


@dataclass(frozen=True)
class Fit:
    """A trained net with its errors on bodies that were kept from it, in shoulders' widths."""

    net: OffsetNet
    by_rule: dict[str, float]
    by_net: dict[str, float]


def fit(learned: Batch, kept: Batch, recipe: Recipe) -> Fit:
    """Train a net on examples, and choose its weights by those that were kept aside."""
    torch.manual_seed(0)
    points = int(max(learned.slot.max(), kept.slot.max())) + 1
    net = OffsetNet(learned.features.shape[1], points, recipe.shape).to(learned.features.device)
    net.measure(learned.features)
    average, best = copy.deepcopy(net).eval(), copy.deepcopy(net).eval()
    optimiser = torch.optim.AdamW(net.parameters(), recipe.rate, weight_decay=recipe.decay)
    by_rule = errors(None, kept)
    least, found = by_rule["loss"], by_rule
    begun, looked = time.monotonic(), 0
    for update in tqdm(range(recipe.updates), desc="fit", disable=recipe.updates < 50):
        spent = (time.monotonic() - begun) / (60 * recipe.minutes)
        done = max((update + 1) / recipe.updates, spent)
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate * (0.51 + 0.49 * math.cos(math.pi * min(done, 1)))
        _update(net.train(), optimiser, learned, recipe)
        with torch.no_grad():
            for mean, weight in zip(average.parameters(), net.parameters(), strict=True):
                mean.lerp_(weight, 1 - min(AVERAGED, update / (update + 10)))
        if int(done * LOOKS) > looked or done >= 1:
            looked = int(done * LOOKS)
            now = errors(average, kept)
            if now["loss"] < least:
                least, found, best = now["loss"], now, copy.deepcopy(average)
        if done >= 1:
            break
    return Fit(best, by_rule, found)


def _update(
    net: OffsetNet, optimiser: torch.optim.Optimizer, learned: Batch, recipe: Recipe
) -> None:
    """Let all members learn from a batch of their own each; it is judged at once."""
    members = len(net.members)
    rows = torch.cat([_drawn(learned, number, members, recipe.batch) for number in range(members)])
    batch = learned[rows].thinned(INNER, EDGE)
    noise = torch.randn_like(batch.features) * net.get_buffer("deviation") * recipe.noise
    told = (batch.features + noise).split(recipe.batch)
    said = torch.cat([net.alone(number, each) for number, each in enumerate(told)])
    optimiser.zero_grad()
    torch.autograd.backward(judged(batch, said, recipe.worst).loss * members)
    for each in net.members:
        torch.nn.utils.clip_grad_norm_(each.parameters(), 1.0)
    optimiser.step()


def _drawn(learned: Batch, member: int, members: int, count: int) -> Tensor:
    """Draw examples for a member: each never sees its own share of the bodies."""
    rows = torch.randint(len(learned), (count * 4,), device=learned.features.device)
    blocks = rows * members * BLOCKS // len(learned) % members
    mine = rows[blocks != member] if members > 1 else rows
    return mine[:count]


def errors(net: OffsetNet | None, batch: Batch) -> dict[str, float]:
    """Return the mean errors of a net, or of the rules alone."""
    totals = {"loss": 0.0, "inner": 0.0, "rim": 0.0}
    points, device = int(batch.slot.max()) + 1, batch.features.device
    with torch.no_grad():
        for start in range(0, len(batch), 256):
            part = batch[torch.arange(start, min(start + 256, len(batch)), device=device)]
            none = torch.zeros(len(part), 2 * points, device=device)
            offsets = net.eval()(part.features) if net else none
            judgement = judged(part, offsets)
            for name in totals:
                totals[name] += float(getattr(judgement, name)) * len(part) / len(batch)
    return totals
