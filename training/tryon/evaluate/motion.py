"""Do garments keep still on a person who moves? Frames of one picture, moved by known amounts."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from livedraft.errors import LivedraftError
from livedraft.media.chunks import VideoChunk
from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Inputs, Request
from livedraft.runtime.models.tryon.params import TryOnParams

from ..data.paint import Sample, paint
from ..data.records import records
from .dressing import Fitter
from .report import SEED

FRAMES, FPS, SETTLES = 30, 30, 6  # frames; a second; that filters take to settle
US = 1_000_000  # a second
NOISE = 4.0  # levels, of the camera


def jitter(cache: Path, people: int, fitter: Fitter) -> dict[str, float]:
    """Return how far garment points wander on moving people: rms over points and frames, px."""
    found: list[float] = []
    for record in records(cache, held_out=True):
        if len(found) == people:
            break
        if record.meta["kind"] == "upper" and record.meta["framing"] == "half":
            wandered = _wandered(paint(record, SEED), fitter)
            if wandered is not None:
                found.append(wandered)
    if not found:
        return {"people": 0}
    mean, worst = round(float(np.mean(found)), 3), round(max(found), 3)
    return {"people": len(found), "rms_px": mean, "worst_px": worst}


def _wandered(sample: Sample, fitter: Fitter) -> float | None:
    model = fitter.model
    state, params = model.open(), TryOnParams(category="upper")
    inputs: Inputs = {"garment": sample.garment}
    rng = np.random.default_rng(0)
    places = []
    for frame in range(FRAMES):
        matrix = _movement(frame / FPS, sample.person.shape)
        image = _moved(sample.person, matrix, rng)
        shown = VideoChunk(image[None], 1 + frame * US // FPS, US // FPS)
        asked = Request(params, inputs, Stage.DRAFT, 1, video={"camera": [shown]})
        try:
            (job,) = model.prepare([(state, asked)])
        except LivedraftError:
            return None
        model.step([job])
        if job.worn is None:
            return None
        points = np.concatenate([part.body for part in job.worn.garments[-1].parts])
        back = cv2.invertAffineTransform(matrix)
        places.append(points @ back[:, :2].T + back[:, 2])
    still = np.array(places[SETTLES:])
    return float(np.sqrt(((still - still.mean(0)) ** 2).sum(-1).mean()))


def _movement(at: float, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the similarity (2, 3) of a moment: swaying, nodding and leaning nearer."""
    height, width = shape[:2]
    angle, size = 2 * np.sin(2 * np.pi * 0.4 * at), 1 + 0.03 * np.sin(2 * np.pi * 0.3 * at)
    matrix = np.array(cv2.getRotationMatrix2D((width / 2, height / 2), angle, size), float)
    matrix[:, 2] += [30 * np.sin(2 * np.pi * 0.5 * at), 8 * np.sin(2 * np.pi * 0.9 * at)]
    return matrix


def _moved(
    image: NDArray[np.uint8], matrix: NDArray[np.float64], rng: Generator
) -> NDArray[np.uint8]:
    size = image.shape[1], image.shape[0]
    moved = cv2.warpAffine(image, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    noise = rng.normal(0, NOISE, (*image.shape[:2], 1))
    return np.asarray(np.clip(moved + noise + 0.5, 0, 255), np.uint8)
