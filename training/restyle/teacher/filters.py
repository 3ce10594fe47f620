"""Styles of our own where the learned net has none: ink wash and pencil, by filters.

All work on pictures (b, 3, h, w) in 0..1 at twice the size that is shown, as the net does, and
look at no more than some dozens of pixels, so that a small net can learn what they do.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

_LUMA = (0.299, 0.587, 0.114)


def ink_wash(pictures: Tensor) -> Tensor:
    """Return washes of one ink on paper that pool at their edges, with brushed lines."""
    flat = smoothed(pictures, 6, rounds=2)
    light = _lifted(luma(flat), 0.62)
    washes = blurred(stepped(light, 4.0, 5.0), 1.2)
    pooled = (blurred(washes, 3.0) - washes).clamp(min=0)  # where a wash is darker than beside it
    tone = (1.12 * washes - 1.2 * pooled).clamp(0, 1)
    ink = lines(luma(smoothed(pictures, 3)), 2.2, 22.0, 0.012)
    tone = tone * (1 - 0.9 * ink)
    paper = _colour(pictures, (0.965, 0.95, 0.905))
    black = _colour(pictures, (0.09, 0.11, 0.16))
    tint = 0.22 * (flat - luma(flat))  # a breath of what is seen
    return (black + (paper - black) * tone + tint * tone).clamp(0, 1)


def pencil(pictures: Tensor) -> Tensor:
    """Return graphite: strokes along edges, and shading that follows the light."""
    light = luma(pictures)
    strokes = _dodged(light, 7.0).pow(3.2) * _dodged(light, 2.2).pow(2.2)
    soft = luma(smoothed(pictures, 5))
    shade = 1 - 0.62 * (1 - _lifted(soft, 0.9)).pow(1.7)
    grain = 5.0 * (light - blurred(light, 1.4)) * (1 - soft)  # what little there is, drawn out
    tone = (strokes * shade + 0.5 * grain).clamp(0, 1)
    dark, paper = _colour(pictures, (0.17, 0.17, 0.19)), _colour(pictures, (0.97, 0.965, 0.95))
    return dark + (paper - dark) * tone


def luma(pictures: Tensor) -> Tensor:
    """Return the light of pictures, (b, 1, h, w)."""
    weights = torch.tensor(_LUMA, device=pictures.device, dtype=pictures.dtype)
    return (pictures * weights[:, None, None]).sum(1, keepdim=True)


def blurred(planes: Tensor, sigma: float) -> Tensor:
    """Return planes (b, c, h, w) after a Gaussian of so many pixels."""
    reach = max(1, round(2.5 * sigma))
    places = torch.arange(-reach, reach + 1, device=planes.device, dtype=planes.dtype)
    kernel = torch.exp(-((places / sigma) ** 2) / 2)
    kernel = (kernel / kernel.sum()).repeat(planes.shape[1], 1, 1, 1)
    padded = F.pad(planes, (reach,) * 4, mode="reflect")
    taps, groups = 2 * reach + 1, len(kernel)
    rows = F.conv2d(padded, kernel.reshape(-1, 1, 1, taps), groups=groups)
    return F.conv2d(rows, kernel.reshape(-1, 1, taps, 1), groups=groups)


def smoothed(pictures: Tensor, reach: int, rounds: int = 1) -> Tensor:
    """Return pictures without texture but with their edges: Kuwahara's filter, weighted softly.

    Each pixel is the mean of the four squares at its corners, the calmer the more it counts.
    """
    for _ in range(rounds):
        light = luma(pictures)
        stack = torch.cat([pictures, light * light], 1)
        means = F.avg_pool2d(F.pad(stack, (reach,) * 4, mode="reflect"), reach + 1, 1)
        high, wide = pictures.shape[2:]
        total, weight = torch.zeros_like(pictures), torch.zeros_like(light)
        for y in (0, reach):
            for x in (0, reach):
                part = means[:, :, y : y + high, x : x + wide]
                spread = (part[:, 3:] - luma(part[:, :3]) ** 2).clamp(min=0)
                share = (spread + 2e-4).pow(-4)
                total, weight = total + share * part[:, :3], weight + share
        pictures = total / weight
    return pictures


def stepped(light: Tensor, steps: float, hardness: float) -> Tensor:
    """Return light in so many steps, with soft borders between them."""
    scaled = light * steps
    whole = torch.round(scaled)
    return (whole + 0.5 * torch.tanh(hardness * (scaled - whole))).clamp(0, steps) / steps


def lines(light: Tensor, width: float, hardness: float, least: float) -> Tensor:
    """Return ink 0..1 where light falls off beside something lighter (difference of Gaussians)."""
    fall = blurred(light, 1.6 * width) - blurred(light, width)
    # In the dark the same step looks larger.
    fall = fall / (0.35 + blurred(light, 3 * width))
    return torch.tanh(hardness * (fall - least)).clamp(min=0)


def _dodged(light: Tensor, sigma: float) -> Tensor:
    return ((light + 0.04) / (blurred(light, sigma) + 0.04)).clamp(0, 1)


def _lifted(light: Tensor, power: float) -> Tensor:
    """Return light stretched to most of its range, so that dark frames are no black squares."""
    mean = light.mean((2, 3), keepdim=True)
    spread = light.std((2, 3), keepdim=True)
    return ((light - mean) / (3.6 * spread + 0.15) + 0.5).clamp(1e-4, 1).pow(power)


def _colour(pictures: Tensor, colour: tuple[float, float, float]) -> Tensor:
    return torch.tensor(colour, device=pictures.device, dtype=pictures.dtype)[:, None, None]
