"""Qwen-Image-Edit changes pictures as diffusers' pipeline does, by its own processor's layout."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
import transformers
from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit_plus
from PIL import Image
from safetensors.torch import save_file
from tests.runtime.models.attaching import add_lora
from tests.runtime.models.diffusion.asking import OTHER, PICTURE, difference, made, theirs
from tests.runtime.models.diffusion.test_referring import job
from torch import Tensor

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.diffusion.flow_models import QwenImageEdit

CLOSE, FAR = 1e-5, 1e-4
WIDE = np.random.default_rng(3).integers(0, 256, (48, 96, 3), np.uint8)
LED = {"guidance": 3.0, "negative_prompt": "grey"}
_DIFFUSERS: Any = diffusers
_TRANSFORMERS: Any = transformers


@pytest.fixture(scope="module")
def edit() -> QwenImageEdit:
    return QwenImageEdit.tiny()


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have diffusers look at pictures as large as the tiny model does."""
    monkeypatch.setattr(pipeline_qwenimage_edit_plus, "VAE_IMAGE_SIZE", 64 * 64)
    monkeypatch.setattr(pipeline_qwenimage_edit_plus, "CONDITION_IMAGE_SIZE", 24 * 24)
    kind = _TRANSFORMERS.Qwen2VLProcessor  # whose part for films needs torchvision
    parts = classmethod(lambda cls: ["image_processor", "tokenizer"])
    monkeypatch.setattr(kind, "get_attributes", parts)


def wanted(
    edit: QwenImageEdit, pictures: list[Pixels], prompt: str, seed: int, steps: int, **ways: Any
) -> Tensor:
    pipe = edit._family.pipe
    processor = _TRANSFORMERS.Qwen2VLProcessor(pipe.processor, pipe.tokenizer)
    images = [Image.fromarray(picture) for picture in pictures]
    ways = {"true_cfg_scale": 1.0, **ways, "width": 64, "height": 64, "image": images}
    parts = {"processor": processor}
    return theirs(
        edit,
        "QwenImageEditPlusPipeline",
        prompt,
        seed,
        None,
        parts,
        num_inference_steps=steps,
        **ways,
    )


@pytest.mark.parametrize(
    ("params", "ways"),
    [({}, {}), (LED, {"true_cfg_scale": 3.0, "negative_prompt": "grey"})],
    ids=["as it was taught", "guided"],
)
@pytest.mark.parametrize("more", [(), (OTHER,), (WIDE, OTHER)], ids=["one", "two", "three"])
def test_pictures_are_changed_as_theirs(
    edit: QwenImageEdit, more: tuple[Pixels, ...], params: dict[str, Any], ways: dict[str, Any]
) -> None:
    names: list[str] = ["sketch", "reference", "reference_2"]
    pictures: dict[str, Pixels] = dict(zip(names, (PICTURE, *more), strict=False))
    found = made(edit, job(edit, pictures, 2, prompt="a red fox", seed=5, **params))
    theirs_ = wanted(edit, [*pictures.values()], "a red fox", 5, 2, **ways)
    assert difference(found, theirs_) <= CLOSE


def test_rows_with_unlike_words_at_unlike_steps_share_a_call(edit: QwenImageEdit) -> None:
    ahead = job(edit, {"sketch": PICTURE}, 4, prompt="a fox", seed=1)
    edit.step([ahead])
    behind = job(edit, {"sketch": OTHER}, 3, prompt="two birds over the harbour", seed=2)
    assert ahead.key == behind.key
    for _ in range(3):
        edit.step([ahead, behind])
    assert difference(made(edit, ahead), wanted(edit, [PICTURE], "a fox", 1, 4)) <= CLOSE
    other = wanted(edit, [OTHER], "two birds over the harbour", 2, 3)
    assert difference(made(edit, behind), other) <= CLOSE


@pytest.mark.parametrize("what", ["words", "latents", "time"])
def test_a_fault_would_be_seen(edit: QwenImageEdit, what: str) -> None:
    right, wrong = (job(edit, {"sketch": PICTURE}, 2, prompt="a fox", seed=1) for _ in range(2))
    stranger = job(edit, {"sketch": OTHER}, 2, prompt="a fox", seed=1)
    (call,), (other,) = wrong.way.calls, stranger.way.calls
    if what == "time":
        sampler = wrong.way.sampler
        wrong.way.sampler = type(sampler)(
            sampler.times.flip(0), sampler.table, sampler.noisy, sampler.start, sampler.pure
        )
    else:
        name = "encoder_hidden_states" if what == "words" else "hidden_states"
        wrong.way.calls = [{**call, name: other[name]}]
    assert difference(made(edit, wrong), made(edit, right)) > FAR


def test_words_and_pictures_are_encoded_when_either_is_new(edit: QwenImageEdit) -> None:
    state, calls = edit.open(), list[str]()
    parts = edit._family.pipe
    hooks = [
        network.register_forward_hook(lambda *_, name=name: calls.append(name))
        for name, network in (("text", parts.text_encoder), ("picture", parts.vae.encoder))
    ]
    for pictures, prompt, expected in [
        ({"sketch": PICTURE}, "a fox", {"text", "picture"}),
        ({"sketch": PICTURE}, "a fox", set()),
        ({"sketch": PICTURE}, "a bird", {"text"}),
        ({"sketch": OTHER}, "a bird", {"text", "picture"}),
        ({}, "a bird", {"text"}),
    ]:
        job(edit, pictures, 1, state, prompt=prompt)
        assert {*calls} == expected
        calls.clear()
    for hook in hooks:
        hook.remove()


def test_what_is_transparent_is_white_paper(edit: QwenImageEdit) -> None:
    clear = np.concatenate([PICTURE, np.zeros((64, 64, 1), np.uint8)], axis=2)
    paper = np.full_like(PICTURE, 255)
    one, other = (
        made(edit, job(edit, {"sketch": each}, 1, prompt="a fox")) for each in (clear, paper)
    )
    assert torch.equal(one, other)


def test_lightning_has_a_schedule_of_its_own(edit: QwenImageEdit, tmp_path: Path) -> None:
    own = {"use_dynamic_shifting": True, "base_shift": math.log(3), "max_shift": math.log(3)}
    plain = made(edit, job(edit, {"sketch": PICTURE}, 4, prompt="a fox", seed=1))
    edit.save(tmp_path)
    _DIFFUSERS.FlowMatchEulerDiscreteScheduler(**own).save_pretrained(tmp_path / "scheduler")
    fast = QwenImageEdit.load(str(tmp_path))
    size: dict[str, Any] = {"width": 64, "height": 64}
    found = made(fast, job(fast, {"sketch": PICTURE}, 4, prompt="a fox", seed=1, **size))
    assert difference(found, wanted(fast, [PICTURE], "a fox", 1, 4)) <= CLOSE
    assert difference(found, plain) > FAR


def test_a_lora_of_lightning_names_no_part(edit: QwenImageEdit, tmp_path: Path) -> None:
    layer = edit._family.pipe.transformer.transformer_blocks[0].attn.to_q
    key = "transformer_blocks.0.attn.to_q"
    save_file(
        {
            f"{key}.lora_down.weight": torch.randn(4, layer.in_features),
            f"{key}.lora_up.weight": torch.randn(layer.out_features, 4),
            f"{key}.alpha": torch.tensor(4.0),
        },
        tmp_path / "lightning.safetensors",
    )
    model = QwenImageEdit.tiny()
    before = made(model, job(model, {"sketch": PICTURE}, 1, prompt="a fox"))
    assert add_lora(model, "lightning", tmp_path / "lightning.safetensors")
    worn = job(model, {"sketch": PICTURE}, 1, prompt="a fox", loras={"lightning": 1.0})
    assert difference(made(model, worn), before) > FAR
