"""What `ink` must beat: a flood fill of the sketch, and the nearest drawing of the training set."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.ink import Ink, InkParams
from livedraft.runtime.models.ink.colour import Floats, oklab_to_srgb
from livedraft.runtime.models.ink.text import TextTable

from .batches import Drawings
from .regions import grow, label


def flood_fill(model: Ink, sketch: Pixels, params: InkParams) -> Pixels:
    """Fill the sketch's closed regions, largest first, with the predicted palette in its order."""
    job = model.prepare(model.open(), Request(params, {"sketch": sketch}, Stage.DRAFT, 1))
    rgb = (oklab_to_srgb(job.palette[0, :, :3]) * 255).astype(np.uint8)
    regions, count = label(sketch[..., 3] < 128)
    outside = set(
        np.unique(np.concatenate([regions[0], regions[-1], regions[:, 0], regions[:, -1]]))
    )
    inner = [k for k in range(1, count + 1) if k not in outside]
    inner.sort(key=lambda k: -int((regions == k).sum()))
    picture = np.zeros((*sketch.shape[:2], 4), np.uint8)
    for rank, region in enumerate(inner):
        grown = grow(regions == region, 2)
        picture[grown] = (*rgb[min(rank, len(rgb) - 1)], 255)
    return picture


def nearest_drawing(text: TextTable, seen: Drawings, record: dict[str, Any]) -> Pixels:
    """Return the training drawing of the same style whose label is nearest in meaning."""
    rows, meanings = _labels(text, seen, record["style"])
    wanted = text.encode([record["label"]]).mean
    near = meanings @ wanted[0] / np.maximum(np.linalg.norm(meanings, axis=1), 1e-6)
    row = rows[int(near.argmax())]
    premultiplied = np.array(seen.pictures[row])
    return np.array(Image.fromarray(premultiplied, "RGBa").convert("RGBA"))


@lru_cache(maxsize=8)
def _labels(text: TextTable, seen: Drawings, style: str) -> tuple[list[int], Floats]:
    rows = [row for row in seen.rows if seen.records[row]["style"] == style]
    return rows, text.encode([seen.records[row]["label"] for row in rows]).mean
