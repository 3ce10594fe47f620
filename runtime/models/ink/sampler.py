"""Sampling of `ink`: palettes by an eight-step flow, which a user's colours override."""

from __future__ import annotations

import torch
from torch import Tensor

from .colour import hex_to_srgb, srgb_to_oklab
from .layers import COLOURS, PALETTE_DIM, unpack_palette
from .network import PaletteNet
from .text import EncodedText, stack

MAX_STEPS = 4  # of the colour net: a draft from nothing, then refinements of the last prediction
SHARPNESS = 1.5  # of the choice among palette entries, against training: fewer in-between colours
PALETTE_STEPS = 8
TEMPERATURE = 0.7  # of the palette's noise: below 1, likelier palettes
GUIDANCE = 1.6  # how far words pull the palette, against no words
NEW_HUE = 0.06  # OKLab distance at which a stroke's colour needs an entry of its own
SWATCH_SHARE = (0.5, 0.2, 0.12, 0.08, 0.06, 0.04)  # of a user's swatches, in their order


@torch.inference_mode()
def sample_palette(
    net: PaletteNet, text: EncodedText, style: Tensor, generator: torch.Generator
) -> Tensor:
    """Draw a palette (1, 6, 4) for one prompt by Heun's method; another seed, another palette."""
    x = TEMPERATURE * torch.randn(1, PALETTE_DIM, generator=generator).to(style.device)
    silent = EncodedText(text.pieces * 0, text.mask & False, text.mean * 0)
    both, styles = stack([text, silent]), style.expand(2)

    def velocity(x: Tensor, moment: float) -> Tensor:
        time = torch.full((2,), moment, device=x.device)
        told, untold = net(x.expand(2, -1), time, both, styles).chunk(2)
        guided: Tensor = untold + GUIDANCE * (told - untold)
        return guided

    for k in range(PALETTE_STEPS):
        now, then = k / PALETTE_STEPS, (k + 1) / PALETTE_STEPS
        first = velocity(x, now)
        second = velocity(x + (then - now) * first, then)
        x = x + (then - now) * (first + second) / 2
    return unpack_palette(x)


def with_swatches(palette: Tensor, colours: tuple[str, ...]) -> Tensor:
    """Put a user's hex colours first; what is left of the palette keeps its proportions."""
    if not colours:
        return palette
    chosen = srgb_to_oklab(torch.tensor([hex_to_srgb(c) for c in colours[:COLOURS]]))
    share = palette.new_tensor(SWATCH_SHARE[: len(chosen)])
    rest = palette[0, : COLOURS - len(chosen)]
    kept = rest[:, 3] / rest[:, 3].sum().clamp(min=1e-6) * (1 - share.sum())
    own = torch.cat([chosen, share[:, None]], 1)
    return torch.cat([own, torch.cat([rest[:, :3], kept[:, None]], 1)])[None]


def with_strokes(palette: Tensor, hints: Tensor) -> Tensor:
    """Make room in the palette for the colours of the user's strokes.

    Takes the most inked new colour of hints (1, 4, h, w) up to three times; each replaces the
    entry of least share.
    """
    palette = palette.clone()
    ink = hints[0].flatten(1).T
    cover = ink[:, 3]
    lab = srgb_to_oklab((ink[:, :3] / cover[:, None].clamp(min=1e-3)).clamp(0, 1))
    free = list(range(1, COLOURS))
    for _ in range(3):
        known = torch.cdist(lab, palette[0, :, :3]).amin(1) < NEW_HUE
        weight = torch.where(known | (cover < 0.2), torch.zeros(()), cover)
        if float(weight.sum()) < 0.5:
            break
        seed = lab[int(weight.argmax())]
        weight = weight * ((lab - seed).norm(dim=1) < NEW_HUE)
        colour = (lab * weight[:, None]).sum(0) / weight.sum()
        entry = free.pop(min(range(len(free)), key=lambda k: float(palette[0, free[k], 3])))
        palette[0, entry] = torch.cat([colour, palette.new_tensor([0.15])])
    palette[..., 3] /= palette[..., 3].sum()
    return palette
