"""Each transformer's pictures equal its diffusers pipelines', alone and among others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import pytest
import torch
from tests.runtime.models.diffusion.asking import (
    OTHER,
    PICTURE,
    difference,
    made,
    prepared,
    theirs,
)

from livedraft.errors import InvalidParams
from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.diffusion.flow_models import (
    Flux2Klein,
    Flux2KleinKV,
    FluxDev,
    FluxKontext,
    FluxSchnell,
    HiDream,
    HiDreamDev,
    PixArtLCM,
    QwenImage,
    SanaSprint,
    StableDiffusion3,
    ZImageTurbo,
)
from livedraft.runtime.models.diffusion.model import DiffusionModel

CLOSE = 1e-5  # of 0..1, before they become bytes
FAR = 1e-4  # what a fault makes at least
FOX, BIRDS = "a red fox", "two blue birds over the harbour"


@dataclass(frozen=True)
class Case:
    """A model, and how its own pipelines are told the same."""

    kind: type[DiffusionModel]
    text_to_image: str
    image_to_image: str = ""  # empty: diffusers has none
    ways: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)


CASES = {
    "flux-schnell": Case(
        FluxSchnell,
        "FluxPipeline",
        "FluxImg2ImgPipeline",
        {"guidance_scale": 0.0, "max_sequence_length": 256},
    ),
    "flux-dev": Case(
        FluxDev,
        "FluxPipeline",
        "FluxImg2ImgPipeline",
        {"guidance_scale": 2.5},
        {"guidance": 2.5},
    ),
    "flux-kontext": Case(
        FluxKontext,
        "FluxKontextPipeline",
        ways={"guidance_scale": 2.5, "max_area": 64 * 64},
        params={"guidance": 2.5},
    ),
    "flux2-klein": Case(
        Flux2Klein,
        "Flux2KleinPipeline",
        ways={"guidance_scale": 1.0, "text_encoder_out_layers": (1, 2, 3)},
    ),
    "flux2-klein-kv": Case(
        Flux2KleinKV,
        "Flux2KleinKVPipeline",
        ways={"text_encoder_out_layers": (1, 2, 3)},
    ),
    "z-image-turbo": Case(
        ZImageTurbo, "ZImagePipeline", "ZImageImg2ImgPipeline", {"guidance_scale": 0.0}
    ),
    "sana-sprint": Case(
        SanaSprint,
        "SanaSprintPipeline",
        "SanaSprintImg2ImgPipeline",
        {"guidance_scale": 4.5, "use_resolution_binning": False, "intermediate_timesteps": None},
    ),
    "sd3": Case(
        StableDiffusion3,
        "StableDiffusion3Pipeline",
        "StableDiffusion3Img2ImgPipeline",
        {"guidance_scale": 1.0},
    ),
    "sd3, guided": Case(
        StableDiffusion3,
        "StableDiffusion3Pipeline",
        "StableDiffusion3Img2ImgPipeline",
        {"guidance_scale": 4.0, "negative_prompt": "grey"},
        {"guidance": 4.0, "negative_prompt": "grey"},
    ),
    "qwen-image": Case(
        QwenImage,
        "QwenImagePipeline",
        "QwenImageImg2ImgPipeline",
        {"true_cfg_scale": 1.0, "max_sequence_length": 1024},
    ),
    "qwen-image, guided": Case(
        QwenImage,
        "QwenImagePipeline",
        "QwenImageImg2ImgPipeline",
        {"true_cfg_scale": 3.0, "negative_prompt": "grey", "max_sequence_length": 1024},
        {"guidance": 3.0, "negative_prompt": "grey"},
    ),
    "hidream": Case(
        HiDream,
        "HiDreamImagePipeline",
        ways={"guidance_scale": 1.0, "sample": 8},
        params={"guidance": 1.0},
    ),
    "hidream, guided": Case(
        HiDream,
        "HiDreamImagePipeline",
        ways={"guidance_scale": 4.0, "negative_prompt": "grey", "sample": 8},
        params={"guidance": 4.0, "negative_prompt": "grey"},
    ),
    "hidream-dev": Case(
        HiDreamDev,
        "HiDreamImagePipeline",
        ways={"guidance_scale": 0.0, "sample": 8, "drawn_first": (1, 4, 8, 8)},
    ),
    "pixart": Case(
        PixArtLCM,
        "PixArtAlphaPipeline",
        ways={
            "guidance_scale": 1.0,
            "use_resolution_binning": False,
            "clean_caption": False,
        },
    ),
    "pixart, guided": Case(
        PixArtLCM,
        "PixArtAlphaPipeline",
        ways={
            "guidance_scale": 4.0,
            "negative_prompt": "grey",
            "use_resolution_binning": False,
            "clean_caption": False,
        },
        params={"guidance": 4.0, "negative_prompt": "grey"},
    ),
}


@pytest.fixture(params=CASES, scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture(scope="module")
def model(case: Case) -> DiffusionModel:
    return case.kind.tiny()


def wanted(
    case: Case, model: DiffusionModel, prompt: str, seed: int, steps: int, **ways: Any
) -> Any:
    width, height = model.info.width, model.info.height
    size = {"width": width, "height": height, "num_inference_steps": steps}
    kind = case.image_to_image if "picture" in ways else case.text_to_image
    return theirs(model, kind, prompt, seed, **{**size, **case.ways, **ways})


@pytest.mark.parametrize("steps", [1, 3])
def test_words_become_what_text_to_image_makes(
    case: Case, model: DiffusionModel, steps: int
) -> None:
    job = prepared(model, None, steps, prompt=FOX, seed=7, **case.params)
    assert difference(made(model, job), wanted(case, model, FOX, 7, steps)) <= CLOSE


@pytest.mark.parametrize(("whole", "steps"), [(1, 1), (4, 3), (6, 3)])
def test_a_drawing_becomes_what_image_to_image_makes(
    case: Case, model: DiffusionModel, whole: int, steps: int
) -> None:
    if not case.image_to_image:
        return  # held to text-to-image alone
    strength = float(Fraction(steps, whole))
    job = prepared(model, PICTURE, steps, prompt=FOX, seed=7, strength=strength, **case.params)
    found = wanted(case, model, FOX, 7, whole, picture=PICTURE, strength=strength)
    assert difference(made(model, job), found) <= CLOSE


def test_rows_at_unlike_steps_are_as_alone(case: Case, model: DiffusionModel) -> None:
    ahead = prepared(model, None, 4, prompt=FOX, seed=1, **case.params)
    model.step([ahead])
    behind = prepared(model, None, 3, prompt=BIRDS, seed=2, **case.params)
    assert ahead.key == behind.key
    for _ in range(3):
        model.step([ahead, behind])
    for job, prompt, seed, steps in [(ahead, FOX, 1, 4), (behind, BIRDS, 2, 3)]:
        assert difference(made(model, job), wanted(case, model, prompt, seed, steps)) <= CLOSE


def test_a_drawing_and_words_alone_share_a_call(case: Case, model: DiffusionModel) -> None:
    def both() -> list[Any]:
        drawn = prepared(model, OTHER, 2, prompt=FOX, seed=1, strength=0.5, **case.params)
        return [drawn, prepared(model, None, 2, prompt=BIRDS, seed=2, **case.params)]

    if not case.image_to_image:
        return  # it begins with no picture
    together, alone = both(), both()
    assert together[0].key == together[1].key
    for _ in range(2):
        model.step(together)
    for one, other in zip(together, alone, strict=True):
        assert difference(made(model, one), made(model, other)) <= CLOSE


def test_a_wrong_timestep_and_another_prompt_would_be_seen(
    case: Case, model: DiffusionModel
) -> None:
    found = made(model, prepared(model, None, 2, prompt=FOX, seed=1, **case.params))
    wrong = prepared(model, None, 2, prompt=FOX, seed=1, **case.params)
    right = wrong.way.sampler
    wrong.way.sampler = replace(right, times=right.times.flip(0))
    other = prepared(model, None, 2, prompt=BIRDS, seed=1, **case.params)
    assert difference(made(model, wrong), found) > FAR
    assert difference(made(model, other), found) > FAR


@pytest.mark.parametrize("picture", [None, PICTURE], ids=["of words", "of a drawing"])
def test_more_than_hidream_reaches_is_refused(picture: Pixels | None) -> None:
    with pytest.raises(InvalidParams, match="128 × 128 px is more than this model reaches"):
        prepared(HiDream.tiny(), picture, 2, prompt=FOX, width=128, height=128)


def test_what_of_a_prompt_is_not_read_is_told(case: Case, model: DiffusionModel) -> None:
    long = "".join(chr(ord("a") + n % 26) for n in range(2500))
    read = model._family.read(long)
    assert 0 < len(read.cut) < len(long)
    assert long.endswith(read.cut)
    shorter = model._family.read(long.removesuffix(read.cut))
    assert shorter.cut == ""
    assert read.rows.keys() == shorter.rows.keys()
    for name, rows in read.rows.items():
        same, other = rows, shorter.rows[name]
        if isinstance(rows, list):
            same, other = rows[0], other[0]
        if same is not None:
            assert torch.equal(same, other)
