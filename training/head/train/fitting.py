"""Fit a net; it may be stopped at any time and goes on where it was."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch
from tqdm import tqdm

from .batches import Batches
from .net import HearingNet, Shape, loss_of

PEAK = 3e-3  # learning rate
WARM = 100  # updates
AVERAGED = 0.997  # of the averaged weights, that an update keeps
SAVED = 100  # updates between two checkpoints


def fit(
    shape: Shape,
    batches: Batches,
    updates: int,
    checkpoint: Path,
    saved: Callable[[HearingNet], None],
) -> HearingNet:
    """Return the net of averaged weights after so many updates; `saved` gets it as it is saved."""
    torch.manual_seed(0)
    net = HearingNet(shape)
    average = copy.deepcopy(net)
    optimiser = torch.optim.AdamW(net.parameters(), PEAK, weight_decay=1e-2)
    start = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        if state["shape"] == _shape(shape):
            net.load_state_dict(state["net"])
            average.load_state_dict(state["average"])
            optimiser.load_state_dict(state["optimiser"])
            start = state["updates"]
    progress = tqdm(range(start, updates), initial=start, total=updates, mininterval=5)
    for update in progress:
        rate = PEAK * min(1, (update + 1) / WARM) * _cosine(update / updates)
        for group in optimiser.param_groups:
            group["lr"] = rate
        batch = batches.draw()
        with torch.autocast("cpu", torch.bfloat16):
            made = net.train()(batch.rows)
        loss = loss_of(made.float(), batch)
        optimiser.zero_grad()
        loss.total.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimiser.step()
        _follow(average, net, min(AVERAGED, (1 + update) / (10 + update)))
        if update % 20 == 0:
            progress.set_postfix(
                visemes=f"{loss.visemes:.3f}",
                controls=f"{loss.controls:.3f}",
                right=f"{loss.accuracy:.3f}",
            )
        if (update + 1) % SAVED == 0 or update + 1 == updates:
            checkpoint.parent.mkdir(parents=True, exist_ok=True)
            draft = checkpoint.with_suffix(".part")
            torch.save(
                {
                    "net": net.state_dict(),
                    "average": average.state_dict(),
                    "optimiser": optimiser.state_dict(),
                    "updates": update + 1,
                    "shape": _shape(shape),
                },
                draft,
            )
            draft.rename(checkpoint)
            saved(average.eval())
    return average.eval()


def _shape(shape: Shape) -> dict[str, object]:
    return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(shape).items()}


def _cosine(done: float) -> float:
    return 0.5 + 0.5 * math.cos(math.pi * done) + 1e-3


@torch.no_grad()
def _follow(average: HearingNet, net: HearingNet, kept: float) -> None:
    for own, other in zip(average.parameters(), net.parameters(), strict=True):
        own.lerp_(other, 1 - kept)
    for kind, current in zip(average.buffers(), net.buffers(), strict=True):
        kind.copy_(current)
