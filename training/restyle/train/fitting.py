"""Fit the net within a time; it may be stopped at any moment and goes on where it was."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from livedraft.runtime.models.restyle.tuning import served
from livedraft.runtime.models.restyle.tuning.judge import Judge
from livedraft.runtime.models.restyle.tuning.net import STYLED, RestyleNet, channels_last

from ..teacher.styles import NAMES
from .losses import PARTS, loss
from .targets import Targets

PEAK = 2e-3  # learning rate
_STYLES_RATE = 3.0  # of scales and shifts of styles, as a multiple
_WARM = 200  # updates
_AVERAGED, _AVERAGED_EVERY = 0.99, 10  # of the averaged weights, that so many updates keep
_SAVED_S, _TOLD = 40.0, 250  # seconds between checkpoints, updates between lines


class Fit:
    """The net, its running average, its optimiser, and how far they are."""

    def __init__(self, targets: Targets, judge: Judge, device: torch.device, batch: int) -> None:
        self.targets, self.judge, self.device, self.batch = targets, judge, device, batch
        self.net = channels_last(RestyleNet(len(NAMES)).to(device))
        self.average = copy.deepcopy(self.net).requires_grad_(False)
        named = list(self.net.named_parameters())
        styled = [one for name, one in named if name.split(".")[-1] in STYLED]
        common = [one for name, one in named if name.split(".")[-1] not in STYLED]
        graphed = device.type == "cuda"
        self.optimiser = torch.optim.AdamW(
            [{"params": common, "share": 1.0}, {"params": styled, "share": _STYLES_RATE}],
            lr=torch.tensor(PEAK, device=device) if graphed else PEAK,
            betas=(0.9, 0.99),
            weight_decay=1e-5,
            capturable=graphed,
            fused=graphed,
        )
        for group in self.optimiser.param_groups:  # a rate each, else both are one tensor
            group["lr"] = torch.tensor(PEAK, device=device) if graphed else PEAK
        self.seconds, self.updates = 0.0, 0

    def rated(self, rate: float) -> None:
        """Set the learning rate."""
        for group in self.optimiser.param_groups:
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(rate * group["share"])
            else:
                group["lr"] = rate * group["share"]

    def update(self) -> Tensor:
        """Learn from one batch; return the loss' parts."""
        with torch.autocast(self.device.type, torch.bfloat16, cache_enabled=False):
            total, parts = loss(self.net, self.judge, self.targets.draw(self.batch))
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(total)
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        return parts

    def followed(self) -> None:
        """Let the average follow."""
        kept = min(_AVERAGED, self.updates / (self.updates + 10 * _AVERAGED_EVERY))
        with torch.no_grad():
            for own, other in zip(self.average.parameters(), self.net.parameters(), strict=True):
                own.lerp_(other, 1 - kept)

    def save(self, file: Path) -> None:
        """Write a checkpoint, whole or not at all."""
        state: dict[str, Any] = {
            name: getattr(self, name).state_dict() for name in ("net", "average", "optimiser")
        }
        state |= {"seconds": self.seconds, "updates": self.updates, "styles": list(NAMES)}
        part = file.with_suffix(".part")
        torch.save(state, part)
        part.replace(file)

    def begin(self, file: Path) -> None:
        """Start from the weights that an earlier training came to, or from a graph that serves.

        A style that the file does not have begins as its first one. Raises WeightsError for a graph
        of another net.
        """
        if file.suffix == ".onnx":
            arrays, names = served.read(file.read_bytes())
            average = {n: torch.tensor(one, device=self.device) for n, one in arrays.items()}
        else:
            state = torch.load(file, map_location=self.device, weights_only=True)
            average, names = state["average"], tuple(state.get("styles", NAMES))
        rows = [names.index(name) if name in names else 0 for name in NAMES]
        for name, value in average.items():
            if name.split(".")[-1] in STYLED:
                average[name] = value[rows]
        weights = self.net.state_dict() | average  # it may have been smaller
        self.net.load_state_dict(weights)
        self.average.load_state_dict(weights)

    def resume(self, file: Path) -> None:
        """Go on from a checkpoint, if there is one."""
        if not file.exists():
            return
        state = torch.load(file, map_location=self.device, weights_only=True)
        if state["styles"] != list(NAMES):
            raise ValueError(f"{file} has learned other styles: remove it, or name another")
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        own = [dict(group) for group in self.optimiser.param_groups]
        self.optimiser.load_state_dict(state["optimiser"])
        for group, before in zip(self.optimiser.param_groups, own, strict=True):
            # What differs from device to device stays as it is here.
            group |= {name: before[name] for name in ("lr", "capturable", "fused")}
        self.seconds, self.updates = state["seconds"], state["updates"]


def fit(
    fit: Fit,
    file: Path,
    seconds: float,
    renewed: int,
    stepper: Callable[[Fit], Iterator[Tensor]],
    begun: float,
) -> None:
    """Learn until so many seconds are used in all; targets are renewed every so many updates.

    `begun` is when this run began, by the monotonic clock: getting ready counts, too.
    """
    fit.resume(file)
    saved = time.monotonic()
    before = fit.seconds
    fit.rated(PEAK / _WARM)
    for parts in stepper(fit):
        now = time.monotonic()
        fit.seconds = before + now - begun
        fit.updates += 1
        share = min(1.0, fit.seconds / seconds)
        warm = min(1.0, (fit.updates + 1) / _WARM)
        fit.rated(PEAK * warm * (0.002 + 0.998 * 0.5 * (1 + math.cos(math.pi * share))))
        if fit.updates % renewed == 0:
            fit.targets.renew()
        if fit.updates % _AVERAGED_EVERY == 0:
            fit.followed()
        done = fit.seconds >= seconds
        if done or fit.updates % _TOLD == 1:
            shown = zip(PARTS, parts.tolist(), strict=True)
            told = "  ".join(f"{name} {value:.4f}" for name, value in shown)
            print(f"{fit.seconds:6.0f} s  {fit.updates} updates  {told}", flush=True)
        if done or now - saved > _SAVED_S:
            fit.save(file)
            saved = now
        if done:
            return
