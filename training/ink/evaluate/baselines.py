"""What `ink` must beat: a flood fill, the nearest training drawing, an enlarged picture."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import torch
from torch import Tensor

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Request, to_pixels
from livedraft.runtime.models.ink import Ink, InkParams
from livedraft.runtime.models.ink.finish.planes import FAINT
from livedraft.runtime.models.ink.tuning.nets.colour import oklab_to_srgb
from livedraft.runtime.models.ink.words.text import TextTable

from ..data.batches import Drawings
from ..data.regions import closed_regions, grow
from .cases import Case, straight


def flood_fill(model: Ink, sketch: Pixels, params: InkParams) -> Pixels:
    """Fill the sketch's closed regions, largest first, with the predicted palette in its order."""
    job = model.prepare([(model.open(), Request(params, {"sketch": sketch}, Stage.DRAFT, 1))])[0]
    palette = torch.as_tensor(job.palette)
    rgb = (oklab_to_srgb(palette[0, :, :3]).numpy() * 255).astype(np.uint8)
    picture = np.zeros((*sketch.shape[:2], 4), np.uint8)
    for rank, region in enumerate(closed_regions(sketch[..., 3] >= 128)):
        picture[grow(region, 2)] = (*rgb[min(rank, len(rgb) - 1)], 255)
    return picture


def nearest_drawing(text: TextTable, seen: Drawings, case: Case) -> Pixels:
    """Return the training drawing of the same style whose label is nearest in meaning."""
    rows, meanings = _labels(text, seen, case.style)
    wanted = means_of(text, [case.label])
    row = rows[int(torch.nn.functional.cosine_similarity(meanings, wanted).argmax())]
    return straight(np.array(seen.pictures[row]))


def means_of(text: TextTable, prompts: list[str]) -> Tensor:
    """Return the mean word vectors of prompts, (B, 128)."""
    return torch.as_tensor(text.encode(prompts).mean)


def enlarged(picture: Pixels, size: int) -> Pixels:
    """Enlarge a picture as well as it goes without the lines of that size.

    Colours are interpolated (cubic, premultiplied). Coverage is too, but while it is undecided, and
    decided at the new size: contours stay smooth and become as crisp as before.
    """
    floats = picture.astype(np.float32) / 255
    alpha = floats[..., 3:]
    grown = cv2.resize(floats * alpha, (size, size), interpolation=cv2.INTER_CUBIC)
    soft = cv2.resize(alpha, (size, size), interpolation=cv2.INTER_CUBIC)
    cover = np.clip(alpha, 0.002, 0.998)
    edge = cv2.resize(np.log(cover / (1 - cover)), (size, size), interpolation=cv2.INTER_CUBIC)
    crisp = 1 / (1 + np.exp(-edge * size / len(picture)))
    rgb = grown[..., :3] / np.maximum(soft, 0.02)[..., None]
    return to_pixels(np.dstack([rgb, (crisp - FAINT) / (1 - 2 * FAINT)]).clip(0, 1))


@lru_cache(maxsize=8)
def _labels(text: TextTable, seen: Drawings, style: str) -> tuple[list[int], Tensor]:
    rows = [row for row in seen.rows if seen.records[row]["style"] == style]
    return rows, means_of(text, [seen.records[row]["label"] for row in rows])
