"""Palettes of `ink`: drawn from words by a flow, overridden by a user's swatches and strokes.

A palette is (1, 6, 4): rows of OKLab and share, shares summing to 1.
"""

from __future__ import annotations

import numpy as np

from .colour import Floats, hex_to_srgb, srgb_to_oklab
from .graphs import Graph
from .layout import COLOURS, STYLES
from .text import EncodedText

PALETTE_STEPS = 8
TEMPERATURE = 0.7  # of the palette's noise: below 1, likelier palettes
GUIDANCE = 1.6  # how far words pull the palette, against no words
NEW_HUE = 0.06  # OKLab distance at which a stroke's colour needs an entry of its own
SWATCH_SHARE = (0.5, 0.2, 0.12, 0.08, 0.06, 0.04)  # of a user's swatches, in their order
_OFFSET = np.array([0.68, 0.02, 0.04, 0.0], np.float32)
_SCALE = np.array([4.5, 12.0, 12.0, 3.0], np.float32)


def sample_palette(graph: Graph, text: EncodedText, style: str, seed: int) -> Floats:
    """Draw a palette for one prompt by Heun's method; another seed, another palette."""
    x = TEMPERATURE * np.random.default_rng(seed).standard_normal((1, COLOURS * 4), np.float32)
    words = {  # as said, and unsaid
        "pieces": np.concatenate([text.pieces, text.pieces * 0]),
        "mask": np.concatenate([text.mask, text.mask & False]),
        "mean": np.concatenate([text.mean, text.mean * 0]),
        "style": np.full(2, STYLES.index(style)),
    }

    def velocity(x: Floats, moment: float) -> Floats:
        noisy, time = x.repeat(2, 0), np.full(2, moment, np.float32)
        told, untold = graph.run(noisy=noisy, time=time, **words)
        guided: Floats = untold + GUIDANCE * (told - untold)
        return guided[None]

    for k in range(PALETTE_STEPS):
        now, then = k / PALETTE_STEPS, (k + 1) / PALETTE_STEPS
        first = velocity(x, now)
        second = velocity(x + (then - now) * first, then)
        x = x + (then - now) * (first + second) / 2
    return _unpack(x)


def _unpack(packed: Floats) -> Floats:
    """Undo `nets.layers.pack_palette`: shares get sum 1, lightness stays in 0..1."""
    entries = packed.reshape(-1, COLOURS, 4) / _SCALE
    palette = entries + _OFFSET
    palette[..., 0] = np.clip(palette[..., 0], 0, 1)
    palette[..., 3] = np.maximum(palette[..., 3], 1e-3 / 3)
    palette[..., 3] /= palette[..., 3].sum(1, keepdims=True)
    return palette


def with_swatches(palette: Floats, colours: tuple[str, ...]) -> Floats:
    """Put a user's hex colours first; what is left of the palette keeps its proportions."""
    if not colours:
        return palette
    chosen = srgb_to_oklab(np.array([hex_to_srgb(c) for c in colours[:COLOURS]], np.float32))
    share = np.array(SWATCH_SHARE[: len(chosen)], np.float32)
    rest = palette[0, : COLOURS - len(chosen)].copy()
    rest[:, 3] *= (1 - share.sum()) / max(float(rest[:, 3].sum()), 1e-6)
    return np.concatenate([np.concatenate([chosen, share[:, None]], 1), rest])[None]


def with_strokes(palette: Floats, hints: Floats) -> Floats:
    """Make room in the palette for the colours of the user's strokes.

    Takes the most inked new colour of hints (1, 4, h, w) up to three times; each replaces the
    entry of least share.
    """
    ink = hints[0].reshape(4, -1).T
    ink = ink[ink[:, 3] >= 0.2]
    if len(ink) == 0:
        return palette
    palette, cover = palette.copy(), ink[:, 3]
    lab = srgb_to_oklab(np.clip(ink[:, :3] / cover[:, None], 0, 1))
    free = list(range(1, COLOURS))
    for _ in range(3):
        away = np.linalg.norm(lab[:, None] - palette[0, None, :, :3], axis=2).min(1)
        weight = np.where(away < NEW_HUE, 0, cover)
        if weight.sum() < 0.5:
            break
        weight = weight * (np.linalg.norm(lab - lab[weight.argmax()], axis=1) < NEW_HUE)
        colour = (lab * weight[:, None]).sum(0) / weight.sum()
        entry = free.pop(min(range(len(free)), key=lambda k: float(palette[0, free[k], 3])))
        palette[0, entry] = (*colour, 0.15)
    palette[..., 3] /= palette[..., 3].sum()
    return palette
