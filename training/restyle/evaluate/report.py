"""The figures of each style, on pictures that were kept aside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import torch

from livedraft.runtime.engine.stability.steady import Steady
from livedraft.runtime.models.restyle.painter import Painter
from livedraft.runtime.models.restyle.tuning.judge import Judge

from ..data.packed import Picture
from ..teacher.net import StyleNet
from ..teacher.styles import NAMES, painted
from .metrics import Manner, kept, own, sharpness
from .motion import Film

Report = dict[str, dict[str, Any]]


def report(
    styles: Iterable[str],
    painter: Painter,
    teacher: StyleNet,
    judge: Judge,
    pictures: Mapping[str, Picture],
    films: Mapping[str, Film],
    told: Callable[[str], None],
) -> Report:
    """Return figures by style; `pictures` are frames of one size, `films` by what moves."""
    frames = list(pictures.values())
    found: Report = {}
    for style in styles:
        taught = [_taught(teacher, one, style) for one in frames]
        manner = Manner(judge, taught)
        figures = _figures(painter, frames, films, style, manner)
        figures["teacher's texture"] = round(manner.texture(taught) / manner.texture(frames), 3)
        edges = [kept(*pair) for pair in zip(frames, taught, strict=True)]
        figures["teacher's orientation"] = round(float(np.mean(edges)), 3)
        found[style] = figures
        told(f"{style}: {figures}")
    return found


def report_own(
    painter: Painter,
    judge: Judge,
    pictures: Mapping[str, Picture],
    films: Mapping[str, Film],
    learned: Mapping[str, Picture],
) -> Report:
    """Return figures of styles of one's own; `learned` is what each was learned of."""
    frames = list(pictures.values())
    return {
        style: _figures(painter, frames, films, style, Manner(judge, [picture]))
        for style, picture in learned.items()
    }


def _figures(
    painter: Painter,
    frames: list[Picture],
    films: Mapping[str, Film],
    style: str,
    manner: Manner,
) -> dict[str, Any]:
    made = [painter.paint(one, {style: 1.0}) for one in frames]
    figures: dict[str, Any] = {
        "orientation": np.mean([kept(a, b) for a, b in zip(frames, made, strict=True)]),
        "own": f"{own(frames, made)}/{len(made)}",
        "texture": manner.texture(made) / manner.texture(frames),
        "palette": manner.palette(made) / manner.palette(frames),
    }
    for name, one in films.items():
        figures |= {f"{name}: {what}": value for what, value in _filmed(painter, one, style)}
    return {
        what: round(float(value), 3) if not isinstance(value, str) else value
        for what, value in figures.items()
    }


def _filmed(painter: Painter, film: Film, style: str) -> list[tuple[str, float]]:
    """Return flicker as a multiple of the film's own, as painted and steadied, and sharpness."""
    steady = Steady()
    raw = [painter.paint(frame, {style: 1.0}) for frame in film.frames]
    calm = [steady.steadied(*pair, style) for pair in zip(film.frames, raw, strict=True)]
    its = film.flicker(film.frames)
    sharp = np.mean([sharpness(one) for one in calm[1:]])
    return [
        ("painted", film.flicker(raw) / its),
        ("steadied", film.flicker(calm) / its),
        ("sharpness", float(sharp / np.mean([sharpness(one) for one in raw[1:]]))),
    ]


def _taught(teacher: StyleNet, picture: Picture, style: str) -> Picture:
    given = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None].float() / 255
    made = painted(teacher, given, [NAMES.index(style)])[0]
    pixels = (made * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    return np.asarray(pixels, np.uint8)
