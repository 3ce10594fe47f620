"""Make colour words true: move one colour of a picture, and its palette, to where a word points."""

from __future__ import annotations

import random
import re

import torch
from torch import Tensor

from livedraft.runtime.models.ink.tuning.nets.colour import oklab_to_srgb, srgb_to_oklab
from livedraft.runtime.models.ink.words.colour_words import COLOUR_WORDS

HUE_REACH, LIGHT_REACH = 0.07, 0.22  # OKLab distances at which a colour is moved by exp(-1/2)
CONTRAST = 0.7  # of the differences around the moved colour, how much is kept
_WORD = re.compile(r"\b(?:" + "|".join(COLOUR_WORDS) + r")\b[ -]?")


def without_colours(caption: str) -> str:
    """Remove colour words: "red apple" -> "apple"."""
    return _WORD.sub("", caption).strip() or caption


def nearest_word(lab: Tensor, reach: float = 0.09) -> str | None:
    """Name an OKLab colour, or None where no word is near."""
    names = list(COLOUR_WORDS)
    distance = (torch.tensor(list(COLOUR_WORDS.values())) - lab).norm(dim=1)
    best = int(distance.argmin())
    return names[best] if float(distance[best]) < reach else None


def draw_move(palette: Tensor, rng: random.Random) -> tuple[str, Tensor, Tensor]:
    """Choose a word and the entry that it recolours: (word, from, to), OKLab.

    Entries are drawn by their share, so the word mostly names the object's main colour.
    """
    word = rng.choice(list(COLOUR_WORDS))
    share = palette[:, 3]
    entry = 0 if rng.random() < 0.8 else int(torch.multinomial(share.clamp(min=1e-4), 1))
    target = torch.tensor(COLOUR_WORDS[word])
    target = target + torch.randn(3) * torch.tensor([0.03, 0.012, 0.012])
    return word, palette[entry, :3], target


def move_colours(lab: Tensor, source: Tensor, target: Tensor) -> Tensor:
    """Move colours near `source` to lie as near `target`; all (B, ..., 3) against (B, 3)."""
    shape = (len(lab),) + (1,) * (lab.ndim - 2) + (3,)
    source, target = source.view(shape), target.view(shape)
    offset = lab - source
    far = (offset[..., 1:] / HUE_REACH).square().sum(-1) + (offset[..., 0] / LIGHT_REACH).square()
    # A chromatic source also takes its shades along: same hue, other lightness or chroma.
    chroma = source[..., 1:].norm(dim=-1).clamp(min=1e-3)
    own = lab[..., 1:].norm(dim=-1)
    cosine = (lab[..., 1:] * source[..., 1:]).sum(-1) / (chroma * own.clamp(min=1e-3))
    kin = ((cosine - 0.9) * 10).clamp(0, 1) * (own / 0.06).clamp(0, 1) * (chroma / 0.06).clamp(0, 1)
    weight = torch.maximum(torch.exp(-0.5 * far), kin)[..., None]
    moved = lab + weight * (target + CONTRAST * offset - lab)
    return torch.cat([moved[..., :1].clamp(0.0, 1.0), moved[..., 1:]], -1)


def move_picture(picture: Tensor, source: Tensor, target: Tensor) -> Tensor:
    """Recolour premultiplied (B, 4, H, W) pictures in 0..1; coverage stays."""
    alpha = picture[:, 3:]
    rgb = (picture[:, :3] / alpha.clamp(min=1e-3)).clamp(0, 1).permute(0, 2, 3, 1)
    moved = oklab_to_srgb(move_colours(srgb_to_oklab(rgb), source, target))
    return torch.cat([moved.permute(0, 3, 1, 2) * alpha, alpha], 1)


def draw_pairs(palettes: Tensor) -> Tensor:
    """Choose two entries of each palette (B, 6, 4) by the roots of their shares, (B, 2)."""
    return torch.multinomial(palettes[..., 3].clamp(min=1e-4).sqrt(), 2)


def swap_palette(palettes: Tensor, pair: Tensor) -> Tensor:
    """Exchange the colours of two entries; shares stay."""
    swapped, row = palettes.clone(), torch.arange(len(palettes))
    swapped[row, pair[:, 0], :3] = palettes[row, pair[:, 1], :3]
    swapped[row, pair[:, 1], :3] = palettes[row, pair[:, 0], :3]
    return swapped


def swap_picture(picture: Tensor, palettes: Tensor, pair: Tensor) -> Tensor:
    """Exchange two palette colours of premultiplied (B, 4, H, W) pictures in 0..1.

    Nothing but a stroke can tell which of the two goes where, so strokes are learned to bind.
    """
    alpha, size = picture[:, 3:], picture.shape[2:]
    rgb = (picture[:, :3] / alpha.clamp(min=1e-3)).clamp(0, 1)
    lab = srgb_to_oklab(rgb.permute(0, 2, 3, 1)).flatten(1, 2)
    near = (-0.5 * (torch.cdist(lab, palettes[..., :3]) / 0.05).square()).softmax(2)
    entries = swap_palette(palettes, pair)[..., :3] - palettes[..., :3]
    moved = oklab_to_srgb((lab + near @ entries).view(len(lab), *size, 3))
    return torch.cat([moved.permute(0, 3, 1, 2) * alpha, alpha], 1)
