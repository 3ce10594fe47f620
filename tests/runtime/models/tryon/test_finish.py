"""The contract of large models that finish a try-on, with a tiny one; also by a real server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest
from PIL import Image
from tests.runtime.models.tryon.tiny_finisher import Painting, TinyFinisher

import livedraft
from livedraft.errors import InvalidImage, ModelFailed
from livedraft.media.images import encode
from livedraft.protocol.messages import Stage
from livedraft.runtime.config import Config
from livedraft.runtime.conformance import CHECKS, Check
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.base import AnyModel, ImageInput, Inputs, ModelInfo, Pixels, Request
from livedraft.runtime.models.echo import Echo, EchoJob, EchoParams
from livedraft.runtime.models.tryon.finish import FinishParams, Fitting
from livedraft.runtime.running import Thread

PERSON = np.random.default_rng(0).integers(0, 256, (300, 200, 3), np.uint8)
GARMENT = np.full((50, 40, 4), (200, 30, 30, 255), np.uint8)
INSIDE = (slice(90, 210), slice(60, 140))


def mask() -> Pixels:
    made = np.zeros_like(PERSON)
    made[INSIDE] = 255
    return made


def draft(person: Pixels) -> Pixels:
    made = person[..., :3].copy()
    made[INSIDE] = (200, 30, 30)
    return made


def asked(steps: int = 2, **params: Any) -> Request[FinishParams]:
    inputs = {"person": PERSON, "garment": GARMENT, "mask": mask(), "draft": draft(PERSON)}
    return Request(FinishParams(**params), inputs, Stage.FINAL, steps)


def picture(model: TinyFinisher, request: Request[FinishParams]) -> Pixels:
    (job,) = model.prepare([(model.open(), request)])
    while not job.done:
        model.step([job])
    ((still,),) = model.emit([job])
    return still.pixels


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_finisher_is_a_model_as_any_other(check: Check) -> None:
    check(TinyFinisher.tiny())


def test_it_paints_inside_the_mask_and_every_other_pixel_is_the_photos() -> None:
    made = picture(TinyFinisher.tiny(), asked())
    outside = mask()[..., 0] == 0
    np.testing.assert_array_equal(made[outside], PERSON[outside])
    assert np.abs(made[INSIDE].astype(int) - draft(PERSON)[INSIDE]).mean() > 10


def test_strength_seed_and_steps_shape_it() -> None:
    model = TinyFinisher.tiny()
    usual = picture(model, asked())
    for other in (asked(seed=1), asked(strength=0.5), asked(steps=5)):
        assert (picture(model, other) != usual).any()
    almost = picture(model, asked(strength=0.0))
    assert np.abs(almost[INSIDE].astype(int) - draft(PERSON)[INSIDE]).mean() < 6, "the draft"


def test_previews_leave_the_rest_of_the_photo_as_it_is_too() -> None:
    model = TinyFinisher.tiny()
    (job,) = model.prepare([(model.open(), asked(steps=4))])
    model.step([job])
    ((still,),) = model.emit([job])
    outside = mask()[..., 0] == 0
    np.testing.assert_array_equal(still.pixels[outside], PERSON[outside])


@pytest.mark.parametrize("name", ["person", "garment", "mask", "draft"])
def test_what_is_missing_is_named(name: str) -> None:
    request = asked()
    less = {key: each for key, each in request.inputs.items() if key != name}
    with pytest.raises(InvalidImage, match=f"needs a {name}"):
        TinyFinisher.tiny().prepare([({}, replace(request, inputs=less))])


def test_garments_are_the_arrays_that_came_so_that_what_is_made_of_them_can_be_kept() -> None:
    seen: list[Fitting[FinishParams]] = []

    class Looks(TinyFinisher):
        def begin(self, items: Sequence[Any]) -> list[Painting]:
            seen.extend(fitting for _, fitting in items)
            return super().begin(items)

    request = asked()
    two = replace(request, inputs={**request.inputs, "lower": GARMENT[:20]})
    Looks().prepare([({}, two)])
    assert seen[0].garments[0] is request.inputs["garment"]
    assert len(seen[0].garments) == 2


def test_a_painting_of_another_size_is_refused() -> None:
    class Small(TinyFinisher):
        def painted(self, works: Sequence[Painting]) -> list[Pixels]:
            return [np.zeros((8, 8, 3), np.uint8) for _ in works]

    with pytest.raises(ModelFailed, match="of the size of the fitting"):
        picture(Small(), asked())


class Dresses(Echo):
    """Stands for the model that drafts: knows its garment by heart, and where it goes."""

    info: ModelInfo = replace(
        Echo.info,
        id="dresses",
        inputs=(ImageInput("person", 512, 512, required=False, most_px=2048),),
    )
    hands: ClassVar[tuple[str, ...]] = ("person", "garment", "mask", "draft")

    def _job(self, request: Request[EchoParams]) -> EchoJob:
        return super()._job(replace(request, inputs={"sketch": request.inputs["person"]}))

    def hand_over(self, state: None, request: Request[EchoParams]) -> Inputs:
        person = request.inputs.get("person")
        if person is None:
            raise InvalidImage("there is no photo of a person", fix="send 'person'")
        return {"person": person, "garment": GARMENT, "mask": mask(), "draft": draft(person)}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    ours: dict[str, type[AnyModel]] = {"dresses": Dresses, "tryon-finish": TinyFinisher}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MODELS, "load", ours.__getitem__)
        config = Config(
            models=("dresses", "tryon-finish"), plans=("tryon-finish.lane=large",), port=0
        )
        with Thread(config) as server:
            yield server.url


def test_a_session_drafts_with_one_and_finishes_with_the_other(url: str) -> None:
    person = Image.fromarray(PERSON)
    with livedraft.Client(url) as client:
        with client.session("dresses", refine_model="tryon-finish") as session:
            session.send(encode(person))
            assert next(session.frames()).stage == "draft"
            final = session.refine(steps=3, seed=5, strength=0.8)
    made = np.asarray(final.image.convert("RGB"))
    assert (final.model, final.stage, final.params["seed"]) == ("tryon-finish", "final", 5)
    outside = mask()[..., 0] == 0
    np.testing.assert_array_equal(made[outside], PERSON[outside])
    assert (made[INSIDE] != PERSON[INSIDE]).any()


def test_without_a_photo_the_way_out_is_told(url: str) -> None:
    with livedraft.Client(url) as client:
        with client.session("dresses", refine_model="tryon-finish") as session:
            with pytest.raises(InvalidImage, match="no photo of a person"):
                session.refine()
