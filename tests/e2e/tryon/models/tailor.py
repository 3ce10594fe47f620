"""A test double of ``tryon``: its params, and a patch of the garment's mean colour on a person."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from PIL import Image
from pydantic import Field

from livedraft.media.chunks import Output, Still, VideoChunk
from livedraft.protocol.messages import Note
from livedraft.runtime.models.base import (
    ImageInput,
    ImageOutput,
    Job,
    ModelInfo,
    Params,
    Pixels,
    Request,
    VideoInput,
    VideoOutput,
)
from livedraft.runtime.models.null import Null

Unit = Annotated[float, Field(ge=0, le=1)]
Place = tuple[Unit, Unit]


class TailorParams(Params):
    """Params of ``tryon``, and two that say how the double behaves."""

    sku: str = ""
    lower_sku: str = ""
    category: Literal["auto", "upper", "lower", "dress"] = "auto"
    sleeves: Literal["auto", "none", "short", "long"] = "auto"
    fit: float = Field(default=0, ge=-1, le=1)
    points: dict[str, Place] = Field(default={})
    joints: dict[str, Place] = Field(default={})
    subject: Place | None = None
    view: Literal["picture", "layer", "mask"] = "picture"
    remarks: str = ""  # codes of notes to give, and their params: "arm_unseen:joints"
    takes_s: float = Field(default=0, ge=0, le=5)  # of a final picture


@dataclass(slots=True, eq=False)
class TailorJob(Job):
    """What is worn, ready from the start."""

    outputs: list[Output] = field(default_factory=list)
    seconds: float = 0.0


class Tailor(Null[TailorParams, None, TailorJob]):
    """Cover the middle of the picture, wider for a loose fit."""

    info: ModelInfo = ModelInfo(
        id="tailor",
        task="virtual-try-on",
        title="Tailor",
        licence="Apache-2.0",
        commercial="yes",
        width=512,
        height=512,
        alpha=True,
        inputs=(
            ImageInput("person", 512, 512, required=False, most_px=2048),
            VideoInput("camera", required=False),
            ImageInput("garment", 768, 768, alpha=True, required=False),
            ImageInput("lower", 768, 768, alpha=True, required=False),
            ImageInput("mask", 512, 512, required=False),
        ),
        outputs=(ImageOutput(), VideoOutput()),
        draft_steps=1,
        max_steps=1,
    )
    params: ClassVar[type[Params]] = TailorParams

    def open(self) -> None:
        """Keep nothing for a session."""

    def prepare(self, items: Sequence[tuple[None, Request[TailorParams]]]) -> list[TailorJob]:
        """Dress the person, or what the camera saw."""
        return [self._job(request) for _, request in items]

    def _job(self, request: Request[TailorParams]) -> TailorJob:
        params, inputs = request.params, request.inputs
        job = TailorJob("tailor", 1)
        garment = inputs.get("garment")
        for chunk in request.video.get("camera", ()):
            frames = chunk.frames if garment is None else _dressed(chunk.frames, garment, params)
            job.outputs.append(VideoChunk(frames, chunk.pts, chunk.duration))
        person = inputs.get("person")
        if person is None or garment is None or job.outputs:
            return job
        height, width = person.shape[:2]
        alpha = np.zeros((height, width), np.uint8)
        alpha[_place(height, width, params)] = 255
        if (mask := inputs.get("mask")) is not None:
            alpha = np.asarray(Image.fromarray(mask[..., :3]).convert("L").resize((width, height)))
        layer = np.dstack([np.full((height, width, 3), _colour(garment), np.uint8), alpha])
        if (lower := inputs.get("lower")) is not None:
            layer[int(height * 0.7) :, width // 3 : width * 2 // 3] = (*_colour(lower), 255)
        job.outputs.append(Still(layer))
        job.seconds = params.takes_s if request.stage == "final" else 0.0
        job.notes = tuple(_note(each) for each in params.remarks.split())
        job.data = _measured(params)
        return job

    def step(self, jobs: Sequence[TailorJob]) -> None:
        """Take the time that was asked for."""
        time.sleep(max(job.seconds for job in jobs))
        for job in jobs:
            job.step += 1

    def emit(self, jobs: Sequence[TailorJob]) -> list[list[Output]]:
        """Return what is worn."""
        return [job.outputs for job in jobs]


def _place(height: int, width: int, params: TailorParams) -> tuple[slice, slice]:
    """Return where the patch lies: moved with the joints, wider for a loose fit."""
    half = 0.2 + params.fit * 0.08
    x, _ = params.subject or params.joints.get("left_shoulder") or (0.5, 0.0)
    left, right = max(0.0, x - half), min(1.0, x + half)
    return slice(int(height * 0.3), int(height * 0.7)), slice(int(width * left), int(width * right))


def _colour(garment: Pixels) -> tuple[int, int, int]:
    seen = garment[garment[..., 3] > 127] if garment.shape[-1] == 4 else garment.reshape(-1, 3)
    if not len(seen):
        return 0, 0, 0  # a transparent picture
    r, g, b = (int(each) for each in seen[:, :3].mean(axis=0))
    return r, g, b


def _dressed(frames: Pixels, garment: Pixels, params: TailorParams) -> Pixels:
    dressed = frames.copy()
    for frame in dressed:
        height, width, _ = frame.shape
        frame[_place(height, width, params)] = _colour(garment)
    return dressed


def _note(remark: str) -> Note:
    code, _, param = remark.partition(":")
    return Note(code=code, message=f"The model says {code}.", param=param, choices=[])


def _measured(params: TailorParams) -> dict[str, Any]:
    points = {
        "l_shoulder": (0.3, 0.2),
        "r_shoulder": (0.7, 0.2),
        "l_hem": (0.3, 0.9),
        "r_hem": (0.7, 0.9),
    }
    joints = {"left_shoulder": (0.4, 0.3), "right_shoulder": (0.6, 0.3)}
    people = (
        [(0.1, 0.1, 0.45, 0.95), (0.5, 0.1, 0.9, 0.95)]
        if "people" in params.remarks
        else [(0.2, 0.1, 0.8, 1.0)]
    )
    return {
        "category": params.category,
        "points": points | params.points,
        "joints": joints | params.joints,
        "people": people,
    }
