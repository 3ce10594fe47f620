"""From a garment's picture to a garment that is ready to be worn."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import cv2
import numpy as np

from livedraft.errors import InvalidImage

from ...onnx import Graph
from .cutting import cut_out
from .cutting.faults import refuse_shape
from .cutting.worn import refuse_worn
from .garment import SIDE_PX, Floats, Garment, Kind, Pixels, Sleeves
from .manual import Given, given_points
from .shape.build import built
from .shape.outline import outline_of
from .shape.upright import refuse_turned

Category = Literal["auto"] | Kind
SleevesAsked = Literal["auto"] | Sleeves
PointsGiven = Mapping[str, tuple[float, float] | list[float]]


def prepare(
    picture: Pixels,
    category: Category = "auto",
    sleeves: SleevesAsked = "auto",
    points: PointsGiven | None = None,
    people: Graph | None = None,
) -> Garment:
    """Prepare the garment of a (H, W, 3|4) RGB or RGBA picture, uint8, upright, in sRGB.

    `points` are places set by hand, by name, x and y in 0..1 of the picture; they are kept as
    they are. With `people`, the network of `perception.networks.read_parse`, a garment that
    somebody wears is told. Raises InvalidImage where no garment, or none alone, is found, and
    InvalidParams for points that no garment has; both say what to do.
    """
    refuse_shape(picture)
    fitted = _fitted(picture)
    given = given_points(points or {}, fitted.shape[1::-1])
    chosen = None if category == "auto" else category, None if sleeves == "auto" else sleeves
    if people is None:
        return _made(fitted, *chosen, given)
    # The network takes as long as all the rest, and needs none of it: on another core it costs no
    # waiting. That somebody wears a garment goes before what else is wrong with its picture.
    with ThreadPoolExecutor(1, thread_name_prefix="garment-worn") as beside:
        worn = beside.submit(refuse_worn, fitted, people)
        try:
            made = _made(fitted, *chosen, given)
        except InvalidImage:
            worn.result()
            raise
        worn.result()
    return made


def _made(fitted: Pixels, kind: Kind | None, sleeves: Sleeves | None, given: Given) -> Garment:
    outline_points = given.as_array() if len(given.points) else None
    cutout = cut_out(fitted, outline_points)
    outline = outline_of(cutout.mask)
    if outline_points is None:
        refuse_turned(outline)
    return built(cutout, outline, kind, sleeves, given)


def _fitted(picture: Pixels) -> Pixels:
    """Return a picture no larger than `SIDE_PX`, colours weighted by their alpha."""
    height, width = picture.shape[:2]
    scale = min(1.0, SIDE_PX / max(height, width))
    if scale == 1:
        return np.ascontiguousarray(picture)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    if picture.shape[2] == 3:
        return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    alpha = picture[..., 3:].astype(np.float32) / 255
    weighted = np.concatenate([picture[..., :3] * alpha, alpha * 255], -1)
    small: Floats = np.asarray(cv2.resize(weighted, size, interpolation=cv2.INTER_AREA), np.float32)
    small[..., :3] /= np.maximum(small[..., 3:] / 255, 1e-3)
    return np.asarray(np.clip(small + 0.5, 0, 255), np.uint8)
