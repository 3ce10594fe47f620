"""Training of the nets, one a kind of garment."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
from tqdm import tqdm

from .offsets import MEMBERS, Batch, OffsetNet, judged

BATCH, RATE, DECAY = 64, 3e-3, 0.02
BLOCKS = 8  # of examples that lie side by side, kept from each member
INNER, EDGE = 32, 24  # places of each part that an update looks at
NOISE = 0.06  # standard deviations of what is told, added to it
AVERAGED = 0.995  # of the running average of the weights


@dataclass(frozen=True)
class Fit:
    """A trained net with its errors on bodies that were kept from it, in shoulders' widths."""

    net: OffsetNet
    by_rule: dict[str, float]
    by_net: dict[str, float]


def fit(learned: Batch, kept: Batch, updates: int, members: int = MEMBERS) -> Fit:
    """Train a net on examples, and choose its weights by those that were kept aside."""
    torch.manual_seed(0)
    points = int(max(learned.slot.max(), kept.slot.max())) + 1
    net = OffsetNet(learned.features.shape[1], points, members)
    net.measure(learned.features)
    average, best = copy.deepcopy(net).eval(), copy.deepcopy(net).eval()
    optimiser = torch.optim.AdamW(net.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, updates, RATE * 0.02)
    by_rule = errors(None, kept)
    least, found = by_rule["loss"], by_rule
    for update in tqdm(range(updates), desc="fit", disable=updates < 50):
        optimiser.zero_grad()
        for member in range(len(net.members)):
            batch = learned[_drawn(learned, member, len(net.members))].thinned(INNER, EDGE)
            noise = torch.randn_like(batch.features) * net.get_buffer("deviation") * NOISE
            judgement = judged(batch, net.train().alone(member, batch.features + noise))
            torch.autograd.backward(judgement.loss)
        for each in net.members:
            torch.nn.utils.clip_grad_norm_(each.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        with torch.no_grad():
            for mean, weight in zip(average.parameters(), net.parameters(), strict=True):
                mean.lerp_(weight, 1 - min(AVERAGED, update / (update + 10)))
        if (update + 1) % max(1, updates // 30) == 0:
            now = errors(average, kept)
            if now["loss"] < least:
                least, found, best = now["loss"], now, copy.deepcopy(average)
    return Fit(best, by_rule, found)


def _drawn(learned: Batch, member: int, members: int) -> torch.Tensor:
    """Draw examples for a member: each never sees its own share of the bodies."""
    rows = torch.randint(len(learned), (BATCH * 2,))
    blocks = rows * members * BLOCKS // len(learned) % members
    mine = rows[blocks != member] if members > 1 else rows
    return mine[:BATCH]


def errors(net: OffsetNet | None, batch: Batch) -> dict[str, float]:
    """Return the mean errors of a net, or of the rules alone."""
    totals = {"loss": 0.0, "inner": 0.0, "rim": 0.0}
    with torch.no_grad():
        for start in range(0, len(batch), 256):
            part = batch[torch.arange(start, min(start + 256, len(batch)))]
            points = int(batch.slot.max()) + 1
            offsets = net.eval()(part.features) if net else torch.zeros(len(part), 2 * points)
            judgement = judged(part, offsets)
            for name in totals:
                totals[name] += float(getattr(judgement, name)) * len(part) / len(batch)
    return totals
