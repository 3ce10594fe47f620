"""What the networks are given while they train: words, regions and palettes, as rough as in use."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from torch import Tensor

from ...drawing.regions import read_regions
from ...layout import COLOURS
from ...words.text import EncodedText
from .layers import Words


def as_words(text: EncodedText) -> Words:
    """Return encoded prompts as tensors."""
    return Words(*(torch.from_numpy(part) for part in (text.pieces, text.mask, text.mean)))


def map_regions(lines: Tensor) -> Tensor:
    """Return the region maps (B, 32, 64, 64) of line drawings (B, 1, 256, 256)."""
    drawn = lines[:, 0].cpu().numpy()
    if lines.device.type == "cpu":
        return torch.from_numpy(np.stack([read_regions(one) for one in drawn]))
    with ThreadPoolExecutor() as pool:  # a GPU's batch is large, and waits for it
        maps = np.stack(list(pool.map(read_regions, drawn)))
    return torch.from_numpy(maps).pin_memory().to(lines.device, non_blocking=True)


def roughened(text: Words, amount: float = 0.12) -> Words:
    """Add noise to word vectors (of unit variance); absent words stay zeros."""
    pieces = text.pieces + amount * torch.randn_like(text.pieces) * text.mask[..., None]
    any_words = text.mask.any(1, keepdim=True)
    return Words(pieces, text.mask, text.mean + amount * torch.randn_like(text.mean) * any_words)


def jitter(palettes: Tensor) -> Tensor:
    """Disturb palettes as far as the palette net and users do: colours, shares, odd entries."""
    noise = torch.randn_like(palettes) * palettes.new_tensor([0.025, 0.012, 0.012, 0.0])
    share = palettes[..., 3:] * torch.exp(0.35 * torch.randn_like(palettes[..., 3:]))
    share = share / share.sum(1, keepdim=True).clamp(min=1e-6)
    jittered = torch.cat([palettes[..., :3] + noise[..., :3], share], -1)
    strangers = palettes[torch.randperm(len(palettes))]
    odd = (torch.rand(len(palettes), COLOURS, 1) < 0.06) & (palettes[..., 3:] < 0.15)
    return torch.where(odd, torch.cat([strangers[..., :3], share], -1), jittered)
