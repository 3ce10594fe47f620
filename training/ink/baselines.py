"""What `ink` must beat: a flood fill, the nearest training drawing, an enlarged picture."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import torch
from scipy.special import softmax  # type: ignore[import-untyped]
from torch import Tensor

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.ink import Ink, InkParams
from livedraft.runtime.models.ink.colour import Floats
from livedraft.runtime.models.ink.finish import straight as unmixed
from livedraft.runtime.models.ink.finish import under_lines
from livedraft.runtime.models.ink.layout import SHARPNESS, SIZE, STYLES
from livedraft.runtime.models.ink.nets.colour import oklab_to_srgb
from livedraft.runtime.models.ink.nets.network import Painting
from livedraft.runtime.models.ink.nets.networks import Networks
from livedraft.runtime.models.ink.state import InkJob
from livedraft.runtime.models.ink.text import TextTable

from .batches import Drawings
from .cases import Case, straight
from .regions import closed_regions, grow


def flood_fill(model: Ink, sketch: Pixels, params: InkParams) -> Pixels:
    """Fill the sketch's closed regions, largest first, with the predicted palette in its order."""
    job = model.prepare(model.open(), Request(params, {"sketch": sketch}, Stage.DRAFT, 1))
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


@torch.inference_mode()
def enlarged(nets: Networks, job: InkJob) -> Pixels:
    """Paint a job at 256 px and enlarge that to its size, as crisply as it goes without its lines.

    Which of the palette's colours a pixel has, and whether it is covered, is interpolated while
    still undecided (logits) and decided at the new size: contours stay smooth and become crisp.
    What the decoder added to the palette's colours is soft, and is interpolated as it is.
    """
    told = (job.latent, job.sketch.lines, job.sketch.hints, job.palette)
    style = torch.tensor([STYLES.index(job.style)])
    painted: Painting = nets.decoder(*(torch.from_numpy(x) for x in told), style, SHARPNESS)
    picture = unmixed(_pixels(painted.rgba / 2 + 0.5))
    logits = _pixels(painted.logits)
    factor = job.size / SIZE

    def grown(part: Floats, how: int = cv2.INTER_CUBIC) -> Floats:
        return np.asarray(cv2.resize(part, (job.size, job.size), interpolation=how), np.float32)

    colours = np.asarray(oklab_to_srgb(torch.from_numpy(job.palette[0, :, :3])), np.float32)
    alpha = picture[..., 3:]  # uncovered pixels have no colour to interpolate with
    added = np.asarray((picture[..., :3] - _mixed(SHARPNESS * logits, colours)) * alpha, np.float32)
    weight = np.maximum(grown(alpha, cv2.INTER_LINEAR), 0.02)[..., None]
    shading = grown(added, cv2.INTER_LINEAR) / weight
    rgb = _mixed(SHARPNESS * factor * grown(logits), colours) + shading
    cover = np.clip(picture[..., 3], 0.002, 0.998)
    edge = grown(np.log(cover / (1 - cover))) * factor
    covered = 1 / (1 + np.exp(-np.clip(edge, -15, 15))) * job.outlines[-1].reach
    whole = np.dstack([rgb, covered]).clip(0, 1)
    return under_lines(np.asarray(whole, np.float32), job.ink)


def _pixels(maps: Tensor) -> Floats:
    """Return the first of (B, C, H, W) maps as (H, W, C)."""
    return np.asarray(maps[0].permute(1, 2, 0), np.float32)


def _mixed(logits: Floats, colours: Floats) -> Floats:
    """Mix the palette's colours by softmax: (H, W, 6) and (6, 3) -> (H, W, 3)."""
    return np.asarray(softmax(logits, axis=-1) @ colours, np.float32)


@lru_cache(maxsize=8)
def _labels(text: TextTable, seen: Drawings, style: str) -> tuple[list[int], Tensor]:
    rows = [row for row in seen.rows if seen.records[row]["style"] == style]
    return rows, means_of(text, [seen.records[row]["label"] for row in rows])
