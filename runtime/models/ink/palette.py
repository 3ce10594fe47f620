"""Palettes of `ink`: chosen by the words, overridden by a user's swatches and strokes.

A palette is (1, 6, 4): rows of OKLab and share, shares summing to 1.
"""

from __future__ import annotations

import numpy as np

from ..base import Params
from .colour import Floats, hex_to_srgb, srgb_to_oklab
from .graphs import Graph
from .layout import COLOURS, PALETTE_NOISE, STYLES
from .text import EncodedText

DEFAULT_SEED: int = Params.model_fields["seed"].default
NEW_HUE = 0.06  # OKLab distance at which a stroke's colour needs an entry of its own
SWATCH_SHARE = (0.62, 0.14, 0.09, 0.06, 0.05, 0.04)  # of a user's swatches, in their order


def sample_palette(graph: Graph, text: EncodedText, style: str, seed: int) -> Floats:
    """Choose a palette for one prompt: the likeliest under the default seed, else one by seed."""
    noise = np.random.default_rng(seed).standard_normal((1, PALETTE_NOISE), np.float32)
    return graph.run(
        pieces=text.pieces,
        mask=text.mask,
        mean=text.mean,
        style=np.array([STYLES.index(style)]),
        noise=noise * np.float32(seed != DEFAULT_SEED),
    )


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
