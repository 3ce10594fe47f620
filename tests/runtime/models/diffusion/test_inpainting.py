"""What a mask covers is painted as diffusers' inpaint pipelines do; the rest stays to the byte."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from PIL import Image
from tests.runtime.models.diffusion.asking import OTHER, PICTURE, difference, made, theirs
from torch import Tensor

from livedraft.errors import BadInput
from livedraft.protocol.messages import Stage
from livedraft.runtime.conformance import pixels
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.diffusion.catalogue import CATALOGUE
from livedraft.runtime.models.diffusion.inpainting import FEATHER_PX, Kept, composed, masked
from livedraft.runtime.models.diffusion.model import DiffusionModel
from livedraft.runtime.models.diffusion.state import DiffusionJob, DiffusionState

CLOSE = 1e-5  # of 0..1, before they become bytes
FAR = 1e-4
_DIFFUSERS: Any = diffusers


@dataclass(frozen=True)
class Case:
    """A model, and the pipeline of diffusers that does the same."""

    name: str  # of the model
    kind: str  # of the pipeline
    params: dict[str, Any] = field(default_factory=dict)
    ways: dict[str, Any] = field(default_factory=dict)


LED = {"guidance": 4.0, "negative_prompt": "grey"}
THEIRS_LED = {"guidance_scale": 4.0, "negative_prompt": "grey"}
CASES = [
    Case("sd-turbo", "StableDiffusionInpaintPipeline", ways={"guidance_scale": 0.0}),
    Case("sd-2.1", "StableDiffusionInpaintPipeline", LED, THEIRS_LED),
    Case("sdxl", "StableDiffusionXLInpaintPipeline", LED, THEIRS_LED),
    Case("sdxl-turbo", "StableDiffusionXLInpaintPipeline", ways={"guidance_scale": 0.0}),
    Case("lcm", "StableDiffusionInpaintPipeline", {"guidance": 8.0}, {"guidance_scale": 8.0}),
    Case("sd-1.5-inpaint", "StableDiffusionInpaintPipeline", LED, THEIRS_LED),
    Case("sdxl-inpaint", "StableDiffusionXLInpaintPipeline", LED, THEIRS_LED),
    Case("flux-dev", "FluxInpaintPipeline", {"guidance": 2.5}, {"guidance_scale": 2.5}),
    Case("flux-fill", "FluxFillPipeline", {"guidance": 30.0}, {"guidance_scale": 30.0}),
    Case("z-image-turbo", "ZImageInpaintPipeline", ways={"guidance_scale": 0.0}),
    Case(
        "qwen-image",
        "QwenImageInpaintPipeline",
        {"guidance": 3.0, "negative_prompt": "grey"},
        {"true_cfg_scale": 3.0, "negative_prompt": "grey", "max_sequence_length": 1024},
    ),
]
MASK = np.zeros((64, 64, 3), np.uint8)
MASK[10:40, 20:61] = 255
RING = np.full((64, 64, 3), 255, np.uint8)
RING[8:56, 8:56] = 0


def kinds(name: str) -> type[DiffusionModel]:
    kind = MODELS.load(name)
    assert issubclass(kind, DiffusionModel)
    return kind


@pytest.fixture(params=CASES, ids=lambda case: case.name, scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture(scope="module")
def model(case: Case) -> DiffusionModel:
    return tiny(case.name)


def tiny(name: str) -> DiffusionModel:
    return kinds(name).tiny()


def job(
    model: DiffusionModel,
    steps: int,
    picture: Pixels | None = PICTURE,
    mask: Pixels | None = MASK,
    state: DiffusionState | None = None,
    stage: Stage = Stage.FINAL,
    **params: Any,
) -> DiffusionJob:
    named = {"sketch": picture, "mask": mask}
    inputs = {name: each for name, each in named.items() if each is not None}
    asked: Request[Any] = Request(model.params.model_validate(params), inputs, stage, steps)
    (found,) = model.prepare([(state or model.open(), asked)])
    return found


def wanted(
    case: Case,
    model: DiffusionModel,
    whole: int,
    strength: float,
    picture: Pixels = PICTURE,
    mask: Pixels = MASK,
    prompt: str = "a fox",
    seed: int = 7,
) -> Tensor:
    scheduler = model._family.pipe.scheduler
    parts: dict[str, Any] = {}
    if "PNDM" in type(scheduler).__name__:  # the same schedule, without a memory
        own = {"clip_sample": False, "set_alpha_to_one": False}
        parts = {"scheduler": _DIFFUSERS.DDIMScheduler.from_config(scheduler.config, **own)}
    ways: dict[str, Any] = {"width": 64, "height": 64, "num_inference_steps": whole, **case.ways}
    told = min(1.0, strength + 1e-9) if case.kind.startswith("Stable") else strength
    ways |= {"mask_image": Image.fromarray(mask), "strength": told}  # no step falls off by rounding
    return theirs(model, case.kind, prompt, seed, picture, parts, **ways)


@pytest.mark.parametrize(("whole", "steps"), [(3, 3), (4, 2)])
def test_a_hole_is_painted_as_theirs(
    case: Case, model: DiffusionModel, whole: int, steps: int
) -> None:
    if case.name == "lcm" and whole != steps:
        return  # that pipeline does not tell the scheduler of strength
    found = job(model, steps, prompt="a fox", seed=7, strength=steps / whole, **case.params)
    assert difference(made(model, found), wanted(case, model, whole, steps / whole)) <= CLOSE


def test_holes_at_unlike_steps_and_none_share_a_call(case: Case, model: DiffusionModel) -> None:
    ahead = job(model, 3, prompt="a fox", seed=7, strength=1.0, **case.params)
    model.step([ahead])
    behind = job(model, 2, OTHER, RING, prompt="two birds", seed=8, strength=1.0, **case.params)
    plain, alone = (
        job(model, 2, OTHER, None, prompt="two birds", seed=8, strength=0.5, **case.params)
        for _ in range(2)
    )
    assert ahead.key == behind.key == plain.key
    for _ in range(2):
        model.step([ahead, behind, plain])
    assert difference(made(model, ahead), wanted(case, model, 3, 1.0)) <= CLOSE
    told: dict[str, Any] = {"picture": OTHER, "mask": RING, "prompt": "two birds", "seed": 8}
    assert difference(made(model, behind), wanted(case, model, 2, 1.0, **told)) <= CLOSE
    assert difference(made(model, plain), made(model, alone)) <= CLOSE


def test_another_mask_would_be_seen(case: Case, model: DiffusionModel) -> None:
    one, other = (
        made(model, job(model, 2, mask=mask, prompt="a fox", seed=7, strength=1.0, **case.params))
        for mask in (MASK, RING)
    )
    assert difference(one, other) > FAR


def beyond(mask: Pixels) -> Any:
    """Return where a mask and its feather do not reach."""
    reached = np.zeros(mask.shape[:2], bool)
    for down in range(-FEATHER_PX, FEATHER_PX + 1):
        for right in range(-FEATHER_PX, FEATHER_PX + 1):
            rolled = np.roll(mask[..., 0] >= 128, (down, right), (0, 1))
            reached |= rolled
    return ~reached


def takes_mask(name: str) -> bool:
    return any(spec.name == "mask" for spec in MODELS.load(name).info.inputs)


@pytest.mark.parametrize("name", [*filter(takes_mask, CATALOGUE)])
@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.FINAL])
def test_beyond_the_feather_not_a_byte_is_another(name: str, stage: Stage) -> None:
    model = tiny(name)
    side = model.info.width
    grow = np.ones((side // 64, side // 64, 1), np.uint8)
    picture, mask = np.kron(PICTURE, grow), np.kron(MASK, grow)
    mask[:4, -4:] = 127  # what a lossy codec leaves of black, at its worst
    found = job(model, 2, picture, mask, prompt="a fox", seed=7, strength=1.0, stage=stage)
    while not found.done:
        model.step([found])
    shown = pixels(model, found)
    out = beyond(mask)
    assert out.any()
    np.testing.assert_array_equal(shown[out], picture[out])
    assert (shown[mask[..., 0] == 255] != picture[mask[..., 0] == 255]).any()
    open_ = job(model, 2, picture, None, prompt="a fox", seed=7, strength=1.0, stage=stage)
    while not open_.done:
        model.step([open_])
    assert (pixels(model, open_)[out] != picture[out]).any(), "without a mask it would change"


@pytest.fixture(scope="module")
def turbo() -> DiffusionModel:
    return tiny("sd-turbo")


def test_a_mask_without_a_picture_is_refused(turbo: DiffusionModel) -> None:
    with pytest.raises(BadInput, match="no picture that it is of") as caught:
        job(turbo, 1, None, prompt="a fox")
    assert "'sketch'" in caught.value.fix


def test_a_black_mask_changes_nothing_and_a_white_one_all(turbo: DiffusionModel) -> None:
    black = job(turbo, 1, mask=np.zeros_like(MASK), prompt="a fox", strength=1.0)
    turbo.step([black])
    np.testing.assert_array_equal(pixels(turbo, black), PICTURE)
    white = job(turbo, 1, mask=np.full_like(MASK, 255), prompt="a fox", strength=1.0)
    turbo.step([white])
    assert difference(made(turbo, white) * 255, as_tensor(pixels(turbo, white))) <= 0.51


def as_tensor(picture: Pixels) -> Tensor:
    return torch.from_numpy(picture).permute(2, 0, 1)[None].float()


def test_a_mask_of_another_size_or_of_strokes_on_nothing_is_read(turbo: DiffusionModel) -> None:
    strokes = np.zeros((128, 128, 4), np.uint8)
    strokes[20:80, 40:122] = 255  # transparent elsewhere
    device = torch.device("cpu")
    plain, _ = masked(PICTURE, MASK, (64, 64), device)
    drawn, _ = masked(PICTURE, strokes, (64, 64), device)
    assert torch.equal(plain.hole, drawn.hole)
    assert plain.kept is not None
    np.testing.assert_array_equal(plain.kept.pixels, PICTURE)
    red = MASK * np.array([1, 0, 0], np.uint8)
    assert not masked(PICTURE, red, (64, 64), device)[0].hole.any()  # darker than the middle grey


def test_a_picture_and_a_mask_are_prepared_once_and_forgotten(turbo: DiffusionModel) -> None:
    state = turbo.open()
    first = job(turbo, 1, state=state, prompt="a fox")
    again = job(turbo, 1, state=state, prompt="a bird")
    assert first.kept is not None
    assert again.kept is first.kept
    held = turbo.footprint(state)
    other = job(turbo, 1, mask=RING, state=state, prompt="a fox")
    assert other.kept is not first.kept
    assert turbo.footprint(state) == held
    another = job(turbo, 1, OTHER, RING, state=state, prompt="a fox")
    assert another.kept is not other.kept
    turbo.suspend(state)
    back = job(turbo, 1, OTHER, RING, state=state, prompt="a fox")
    assert torch.equal(back.way.latents, another.way.latents)
    job(turbo, 1, OTHER, None, state=state, prompt="a fox")
    assert turbo.footprint(state) < held


def test_a_picture_is_kept_where_nothing_is_new() -> None:
    kept = Kept(PICTURE, np.zeros((64, 64, 1), np.float32))
    np.testing.assert_array_equal(composed(OTHER, kept), PICTURE)
