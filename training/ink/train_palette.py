"""Train the palette net of `ink`, which sees words and no pixels: `python -m training.ink.train_palette`."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import torch
from tqdm import trange

from livedraft.runtime.models.ink.network import PaletteNet, Widths, pack_palette
from livedraft.runtime.models.ink.text import EncodedText, TextTable

from .batches import Batches, Drawings
from .data import CACHE
from .text import MODEL

RATE, BATCH, EMA = 1e-3, 384, 0.998


def flow_loss(
    net: PaletteNet, palettes: torch.Tensor, text: EncodedText, style: torch.Tensor
) -> torch.Tensor:
    """Rectified flow: the velocity from noise to the palette, at a uniform time (Liu et al., 2022)."""
    clean = pack_palette(palettes)
    noise = torch.randn_like(clean)
    time = torch.rand(len(clean))
    noisy = time[:, None] * clean + (1 - time[:, None]) * noise
    return (net(noisy, time, text, style) - (clean - noise)).square().mean()


def train(batches: Batches, net: PaletteNet, updates: int) -> dict[str, torch.Tensor]:
    """Train for a number of updates; returns the running average of the weights."""
    optimiser = torch.optim.AdamW(net.parameters(), RATE, weight_decay=0.03)
    ema = {k: v.detach().clone() for k, v in net.state_dict().items()}
    smooth = 0.0
    bar = trange(updates, desc="palette", mininterval=10)
    for update in bar:
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1, (update + 1) / 50) * 0.5 * (1 + math.cos(math.pi * update / updates))
        loss = flow_loss(net, *batches.palettes(BATCH))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        decay = min(EMA, (1 + update) / (10 + update))
        for name, value in net.state_dict().items():
            ema[name].lerp_(value, 1 - decay)
        smooth = 0.98 * smooth + 0.02 * loss.item() if update else loss.item()
        bar.set_postfix(loss=f"{smooth:.4f}", refresh=False)
    return ema


def main() -> None:
    """Train and write palette.pt to the cache folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--updates", type=int, default=4000)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    batches = Batches(Drawings(options.cache), TextTable.load(MODEL), seed=0)
    weights = train(batches, PaletteNet(Widths()), options.updates)
    torch.save(weights, options.cache / "palette.pt")


if __name__ == "__main__":
    main()
