"""`tryon`: a person, of a picture or a camera, and a garment -> the person wearing it, on a CPU."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from typing import ClassVar, Self

import cv2
import numpy as np

from livedraft.errors import InvalidImage
from livedraft.media.chunks import Output, Still, VideoChunk
from livedraft.protocol.messages import Stage

from ..base import (
    DEFAULT_PLAN,
    Honours,
    ImageInput,
    ImageOutput,
    Inputs,
    Model,
    ModelInfo,
    Params,
    Plan,
    Request,
    VideoInput,
    VideoOutput,
)
from ..caches import cached
from .arrays import Floats, Pixels, Vector
from .body.look import Look
from .camera import Camera
from .dressing import Fit, data_of, dress, notes_of, view_of
from .eyes import Eyes
from .fit.learned import Offsets
from .garment.catalogue import Catalogue, read_catalogue, shipped
from .outfit import Shop, dressed, pictures
from .params import TryOnParams
from .person import Person, found, sized
from .state import MOST_SEEN, Key, TryOnJob, TryOnState

SIDE = 512  # px of a draft
LEAST_SIDE = 205  # px of its shorter side, as long as the other is no longer than MOST_PX
MOST_PX = 2048  # px of a refined picture
GARMENT_PX = 768


class TryOn(Model[TryOnParams, TryOnState, TryOnJob]):
    """Pose and parse say where a body is, control points where a garment lies on it; a warp does
    the rest. Pixels that neither old nor new clothes touch are the picture's own, bit for bit.
    """

    info: ModelInfo = ModelInfo(
        id="tryon",
        task="try-on",
        title="Try-on",
        description="Dresses somebody in a photograph or a camera in garments of other pictures.",
        licence="Apache-2.0",
        commercial="yes",
        width=SIDE,
        height=SIDE,
        alpha=False,
        inputs=(
            ImageInput(
                "person",
                SIDE,
                SIDE,
                required=False,
                description="A photograph of somebody, from the front.",
                most_px=MOST_PX,
            ),
            VideoInput("camera", SIDE, SIDE, required=False, description="Somebody who moves."),
            ImageInput(
                "garment",
                GARMENT_PX,
                GARMENT_PX,
                alpha=True,
                required=False,
                description="What is worn, laid flat or hung, on a plain ground or cut out.",
            ),
            ImageInput(
                "lower",
                GARMENT_PX,
                GARMENT_PX,
                alpha=True,
                required=False,
                description="A second garment, worn under a top: trousers, a skirt.",
            ),
            ImageInput(
                "mask",
                SIDE,
                SIDE,
                required=False,
                description="White: may change; black: stays as it is. Of the person's picture.",
                most_px=MOST_PX,
            ),
        ),
        draft_steps=1,
        max_steps=1,
        outputs=(ImageOutput(), VideoOutput()),
    )
    params: ClassVar[type[Params]] = TryOnParams
    honours: ClassVar[Honours] = {"device": ("cpu",), "threads": ()}
    hands: ClassVar[tuple[str, ...]] = ("person", "garment", "lower", "mask", "draft")

    def __init__(
        self,
        eyes: Eyes,
        catalogue: Catalogue,
        worker: Executor | None = None,
        fit: Fit | None = None,
    ) -> None:
        """Take what sees people, a shop's garments, and what looks at people beside the frames.

        Without a ``worker`` that is a thread of the model's own; without a ``fit`` garments lie
        where the nets that ship have them.
        """
        self._eyes, self._fit = eyes, fit or Offsets.load()
        self._worker = worker or ThreadPoolExecutor(1, thread_name_prefix="tryon-look")
        self._shop = Shop(catalogue, eyes.skin)

    @classmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        """Load what sees people, and the catalogue of a shop's folder; raise ConfigError.

        Without a folder SKUs are those of the garments that ship.
        """
        return cls(Eyes.load(plan), read_catalogue(source) if source else shipped())

    @classmethod
    def tiny(cls) -> Self:
        """Return the shipped model on one thread: it is small enough."""
        return cls.load(plan=Plan(threads=1))

    def open(self) -> TryOnState:
        """Return empty caches."""
        return TryOnState()

    def prepare(self, items: Sequence[tuple[TryOnState, Request[TryOnParams]]]) -> list[TryOnJob]:
        """See who is there and cut garments out, each only where it is new."""
        return [self._job(state, request) for state, request in items]

    def _job(self, state: TryOnState, request: Request[TryOnParams]) -> TryOnJob:
        params = request.params
        chunks = request.video.get("camera", ())
        job = (
            self._of_frame(state, params, chunks[-1])
            if chunks
            else self._of_picture(state, request)
        )
        if job.image is None and request.stage is Stage.FINAL:
            raise InvalidImage("there is no picture of a person", fix="send one as 'person'")
        if job.person is not None and job.image is not None:
            job.garments = dressed(request.inputs, params, self._shop, state.rack)
            job.allowed = _allowed(request.inputs.get("mask"), job.image)
        if job.person is not None and job.garments:
            job.look = self._look(state, job, job.person)
        job.notes, job.data = notes_of(job), data_of(job)
        return job

    def _of_picture(self, state: TryOnState, request: Request[TryOnParams]) -> TryOnJob:
        params, picture = request.params, request.inputs.get("person")
        state.see(picture)
        if picture is None:
            return TryOnJob("tryon", 1, params, None)
        image = sized(picture, MOST_PX if request.stage is Stage.FINAL else _draft_px(picture))
        subject, joints = _corrections(params)
        person = cached(
            state.people,
            _key(params, image),
            lambda: found(self._eyes, image, subject, joints),
            MOST_SEEN,
        )
        return TryOnJob("tryon", 1, params, image, person)

    def _of_frame(self, state: TryOnState, params: TryOnParams, chunk: VideoChunk) -> TryOnJob:
        if state.camera is None:
            state.camera = Camera(self._eyes.tracker(), self._worker)
        image = sized(chunk.frames[-1], SIDE)
        each = chunk.duration // len(chunk.frames)
        frame = VideoChunk(image[None], chunk.end - each, each)
        person = state.camera.follow(image, frame.pts, *_corrections(params))
        job = TryOnJob("tryon", 1, params, image, person)
        job.frame, job.camera = frame, state.camera
        return job

    def _look(self, state: TryOnState, job: TryOnJob, person: Person) -> Look:
        whole = any(sheets.garment.kind != "upper" for sheets in job.garments)
        if job.camera is not None and job.frame is not None:
            return job.camera.look(self._eyes, person, job.frame.pts, whole)
        key = (*_key(job.params, person.image), whole)
        return cached(state.looks, key, lambda: person.look(self._eyes, whole), MOST_SEEN)

    def step(self, jobs: Sequence[TryOnJob]) -> None:
        """Dress everybody."""
        for job in jobs:
            job.worn = dress(job, self._fit)
            job.step += 1

    def emit(self, jobs: Sequence[TryOnJob]) -> list[list[Output]]:
        """Return the view that was asked for; of no picture nothing, of nobody what came."""
        return [_outputs(job) for job in jobs]

    def hand_over(self, state: TryOnState, request: Request[TryOnParams]) -> Inputs:
        """Return the person, what they wear, the mask and the draft at the photograph's size."""
        asked = request.params.model_copy(update={"view": "picture"})
        job = self._job(state, replace(request, params=asked, stage=Stage.FINAL, video={}))
        self.step([job])
        if job.worn is None or job.image is None:
            raise InvalidImage(
                f"there is nothing to finish: {_why_bare(job)}",
                fix="try one on first: the notes of its picture say what to do",
            )
        return {
            "person": job.image,
            "mask": view_of("mask", job.image, job.worn),
            "draft": job.worn.picture,
            **pictures(request.inputs, request.params, self._shop),
        }

    def suspend(self, state: TryOnState) -> None:
        """Forget what is seen again within half a second; garments are kept."""
        self.close(state)
        state.see(None)

    def close(self, state: TryOnState) -> None:
        """Look at a camera's person no more."""
        if state.camera is not None:
            state.camera.forget()
            state.camera = None


def _why_bare(job: TryOnJob) -> str:
    if job.person is None:
        return "nobody is seen"
    return "too little of the person is seen" if job.garments else "no garment is chosen"


def _draft_px(picture: Pixels) -> int:
    """Return the longest side of a draft: of a panorama the shorter one would else be a strip."""
    short, long = sorted((len(picture), len(picture[0])))
    return min(MOST_PX, max(SIDE, round(LEAST_SIDE * long / short)))


def _outputs(job: TryOnJob) -> list[Output]:
    if job.image is None:
        return []
    view = job.params.view
    if job.frame is None:
        return [Still(view_of(view, job.image, job.worn))]
    # A layer would lie over what the camera sees by then, and its alpha would cost more to encode
    # than the frame to dress.
    picture = view_of("picture" if view == "layer" else view, job.image, job.worn)
    return [VideoChunk(picture[None], job.frame.pts, job.frame.duration)]


def _corrections(params: TryOnParams) -> tuple[Vector | None, dict[str, Vector]]:
    """Return what a user said of the picture: who is dressed, and where joints are."""
    subject = None if params.subject is None else _vector(params.subject)
    return subject, {name: _vector(where) for name, where in params.joints.items()}


def _key(params: TryOnParams, image: Pixels) -> Key:
    """Return what a person of a picture depends on, beside the picture."""
    return image.shape, params.subject, tuple(sorted(params.joints.items()))


def _vector(where: tuple[float, float]) -> Vector:
    return np.array(where, np.float32)


def _allowed(mask: Pixels | None, image: Pixels) -> Floats | None:
    """Return a hand-made mask at the picture's size, (H, W) 0..1; what is clear stays as it is."""
    if mask is None:
        return None
    grey = np.ascontiguousarray(mask[..., :3].max(-1))
    if mask.shape[2] == 4:
        grey = np.minimum(grey, mask[..., 3])
    size = image.shape[1], image.shape[0]
    fitted = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.float32)
    return fitted / np.float32(255)
