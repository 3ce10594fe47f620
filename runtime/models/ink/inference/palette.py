"""Palettes of `ink`: chosen by the words, overridden by a user's swatches and strokes.

A palette is (1, 6, 4): rows of OKLab and share, shares summing to 1.
"""

from __future__ import annotations

import numpy as np

from ...mixins import SeedParams
from ...onnx import Graph
from ..colour import Floats, hex_to_srgb, srgb_to_oklab
from ..layout import COLOURS, ENOUGH, ENOUGH_CELLS, PALETTE_NOISE, STYLES, TIGHT
from ..words.text import EncodedText

DEFAULT_SEED: int = SeedParams.model_fields["seed"].default
NEW_HUE = 0.06  # OKLab distance at which a stroke's colour needs an entry of its own
GUESSED = (0.1, 0.85)  # bounds of the share of the words' colours beside those of strokes
TURNED = (14.0, 34.0)  # degrees of hue, either way, that another seed turns a palette by
RICHER, LIGHTER = (0.85, 1.15), (-0.05, 0.05)  # by how much it changes chroma and lightness
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


def varied(palette: Floats, seed: int, stated: int) -> Floats:
    """Turn the hues of a palette by a seed, but for as many of its main colours as are stated.

    The default seed changes nothing: its palette is the likeliest. All colours turn alike, so that
    what fits together still does.
    """
    if seed == DEFAULT_SEED:
        return palette
    rng = np.random.default_rng((seed, 1))
    angle = np.radians(rng.choice([-1, 1]) * rng.uniform(*TURNED))
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    chroma, lighter = np.float32(rng.uniform(*RICHER)), np.float32(rng.uniform(*LIGHTER))
    changed = palette.copy()
    free = changed[0, stated:]
    a, b = free[:, 1].copy(), free[:, 2].copy()
    free[:, 0] = np.clip(free[:, 0] + lighter, 0.1, 0.98)
    free[:, 1], free[:, 2] = chroma * (a * cos - b * sin), chroma * (a * sin + b * cos)
    return changed


def with_swatches(palette: Floats, colours: tuple[str, ...]) -> Floats:
    """Put a user's hex colours first; what is left of the palette keeps its proportions."""
    if not colours:
        return palette
    chosen = srgb_to_oklab(np.array([hex_to_srgb(c) for c in colours[:COLOURS]], np.float32))
    share = np.array(SWATCH_SHARE[: len(chosen)], np.float32)
    rest = palette[0, : COLOURS - len(chosen)].copy()
    rest[:, 3] *= (1 - share.sum()) / max(float(rest[:, 3].sum()), 1e-6)
    return np.concatenate([np.concatenate([chosen, share[:, None]], 1), rest])[None]


def with_strokes(palette: Floats, hints: Floats, regions: Floats, chosen: bool = False) -> Floats:
    """Mix the colours of the user's strokes into the palette, as much as they tell of the picture.

    Takes hints (1, 4, h, w) and region maps (1, K, h, w), see `drawing.regions`. The more of the
    enclosed area has strokes, and the more colours they have, the less is left to guess; a palette
    that the user has chosen is no guess and keeps its place.
    """
    stroked = _stroke_colours(hints)
    if len(stroked) == 0:
        return palette
    unsure = _unstroked(hints, regions) / len(stroked)
    guess = GUESSED[1] if chosen else np.clip(unsure, *GUESSED)
    away = np.linalg.norm(palette[0, :, None, :3] - stroked[None, :, :3], axis=2)
    known = away.min(1) < NEW_HUE
    stroked[:, 3] *= (1 - guess) / stroked[:, 3].sum()
    np.add.at(stroked[:, 3], away.argmin(1)[known], guess * palette[0, known, 3])
    rest = palette[0, ~known] * np.array([1, 1, 1, guess], np.float32)
    rest = rest[np.argsort(-rest[:, 3], kind="stable")][: COLOURS - len(stroked)]
    same = np.repeat(stroked[:1] * [1, 1, 1, 0], COLOURS - len(stroked) - len(rest), 0)
    mixed = np.concatenate([stroked, rest, same]).astype(np.float32)
    mixed[:, 3] /= mixed[:, 3].sum()
    return mixed[np.argsort(-mixed[:, 3], kind="stable")][None]


def _stroke_colours(hints: Floats) -> Floats:
    """Return the most inked colours of strokes, (N, 4): OKLab, and a weight; N is at most 6."""
    ink = hints[0].reshape(4, -1).T
    ink = ink[ink[:, 3] >= 0.2]
    left = ink[:, 3].copy()
    lab = srgb_to_oklab(np.clip(ink[:, :3] / left[:, None], 0, 1))
    found: list[Floats] = []
    while left.sum() >= 0.5 and len(found) < COLOURS:
        near = (np.linalg.norm(lab - lab[left.argmax()], axis=1) < NEW_HUE) & (left > 0)
        weight = left[near]
        colour = (lab[near] * weight[:, None]).sum(0) / weight.sum()
        found.append(np.array([*colour, weight.sum() ** 0.5], np.float32))
        left[near] = 0
    return np.array(found, np.float32).reshape(-1, 4)


def _unstroked(hints: Floats, regions: Floats) -> float:
    """Return the share of the enclosed area that no stroke says a colour of."""
    shares = regions[0, 1:TIGHT].reshape(TIGHT - 1, -1)
    area = shares.sum(1)
    sure = np.clip(shares @ hints[0, 3].ravel() / np.clip(ENOUGH * area, *ENOUGH_CELLS), 0, 1)
    return float(1 - (sure * area).sum() / max(area.sum(), 1))
