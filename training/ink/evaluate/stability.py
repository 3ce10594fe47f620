"""How much a picture changes away from a new stroke: held-out drawings, drawn stroke by stroke."""

from __future__ import annotations

import random
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from livedraft.runtime.models.base import Pixels

from ..data.dataset import keyed_concepts, raster, read_art
from ..data.outline import KEPT_AS_IS, SHAPES, outlined
from ..data.regions import Mask, closed_regions, grow
from ..data.sources import ART
from .cases import Case, Painter
from .metrics import on_white

NEIGHBOURHOOD = 12  # px around a stroke, where change is meant
STROKES = 12  # of a drawing, the first
SEEN = 24  # px of new ink, from which a stroke counts
PEN = 3 / 256  # of the drawing's width


def stability(
    painter: Painter, drawn: Sequence[tuple[Case, list[Pixels]]], steps: int = 1
) -> dict[str, float]:
    """Return the mean change (of 255, on white) that a stroke brings outside its neighbourhood.

    `outside` is over the whole canvas but the neighbourhood; `apart` also leaves out what the
    stroke is the first to enclose, which is meant to be filled.
    """
    outside, apart = [], []
    for case, sketches in drawn:
        pictures = [painter.draw(case, steps, sketch=sketch) for sketch in sketches]
        for k in range(1, len(sketches)):
            one, other = (on_white(pictures[i]).astype(float) for i in (k - 1, k))
            change = np.abs(other - one).mean(2)
            before, after = (sketches[i][..., 3] > 40 for i in (k - 1, k))
            away = ~grow(after & ~before, NEIGHBOURHOOD)
            outside.append(float(change[away].mean()))
            known = away & ~(_enclosed(after) & ~_enclosed(before))
            apart.append(float(change[known].mean()))
    return {
        "drawings": len(drawn),
        "strokes": len(outside),
        "outside": round(fmean(outside), 2),
        "outside_worst_tenth": round(float(np.quantile(outside, 0.9)), 2),
        "apart": round(fmean(apart), 2),
    }


def stroke_by_stroke(cache: Path, cases: Sequence[Case]) -> list[tuple[Case, list[Pixels]]]:
    """Return the cases whose SVG is known, each with its sketches after one, two, … strokes."""
    packages = cache / "packages"
    concepts = keyed_concepts(packages)
    drawn = []
    for name, art in ART.items():
        wanted = {case.key: case for case in cases if case.art == name}
        if not wanted or art.lines_of is not None:
            continue
        for source in read_art(packages, name, art, concepts):
            if source.key in wanted and isinstance(source.picture, str):
                sketches = sketches_of(source.picture, source.units)
                if len(sketches) > 1:
                    drawn.append((wanted[source.key], sketches))
    return drawn


def sketches_of(svg: str, units: float) -> list[Pixels]:
    """Draw an SVG's outlines one after the other; nothing drawn is covered up later.

    `units` is the drawing's width in the SVG's own units.
    """
    lines = outlined(svg, PEN * units, 0.0, random.Random(0))
    final = _ink(lines)
    root = ET.fromstring(lines)
    drawn, ink = [], np.zeros_like(final)
    for index in range(len(_shapes(root))):
        more = np.maximum(ink, np.minimum(final, _ink(_alone(root, index))))
        if int((more > 127).sum()) - int((ink > 127).sum()) >= SEEN:
            ink = more
            drawn.append(_on_paper(ink))
    return drawn[:STROKES]


def _alone(root: ET.Element, index: int) -> str:
    """Return the document with one shape only, which does not hide what lies below."""
    copy = deepcopy(root)
    for place, (parent, shape) in enumerate(_shapes(copy)):
        if place == index:
            shape.set("fill", "none")
        else:
            parent.remove(shape)
    return ET.tostring(copy, encoding="unicode")


def _shapes(node: ET.Element) -> list[tuple[ET.Element, ET.Element]]:
    """Return every drawn shape with its parent, in the order of drawing."""
    found: list[tuple[ET.Element, ET.Element]] = []
    for child in node:
        tag = child.tag.rsplit("}", 1)[-1]
        if tag in SHAPES:
            found.append((node, child))
        elif tag not in KEPT_AS_IS:
            found += _shapes(child)
    return found


def _ink(svg: str) -> NDArray[np.uint8]:
    rgba = np.asarray(raster(svg), np.uint16)
    return np.asarray(rgba[..., 3] * (255 - rgba[..., 0]) // 255, np.uint8)


def _on_paper(ink: NDArray[np.uint8]) -> Pixels:
    pixels = np.zeros((*ink.shape, 4), np.uint8)
    pixels[..., 3] = ink
    return pixels


def _enclosed(lines: Mask) -> Mask:
    regions = closed_regions(lines)
    return np.any(regions, axis=0) if regions else np.zeros_like(lines)
